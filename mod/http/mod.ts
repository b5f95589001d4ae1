/** The HTTP endpoint for the kubelet, and what its server and the admin API's have in common. */
export * from "./connections.ts";
export * from "./listen.ts";
export * from "./manifest_app.ts";
export * from "./server.ts";
