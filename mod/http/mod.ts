/** The HTTP endpoint for the kubelet. */
export * from "./listen.ts";
export * from "./manifest_app.ts";
