/** What runs on this node, read from the container runtime and the log files. */
export * from "./containers.ts";
