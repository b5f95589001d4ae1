/** One connection to a node, over which all requests go: ssh with `podstead dial-stdio`. */
export { AGENT_TARGET, type DialOptions, dialStdio, knock, portTarget } from "./dial.ts";
export { formatHello, type Hello } from "./hello.ts";
export { type LinkOptions, type LinkTarget, type NodeLink, openLink } from "./ssh.ts";
