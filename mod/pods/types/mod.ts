/** The v1 Pod as it is after decoding: every field there, zero values as in Go. */
export * from "./cloud_volumes.ts";
export * from "./container.ts";
export * from "./decode_report.ts";
export * from "./env.ts";
export * from "./handlers.ts";
export * from "./kinds.ts";
export * from "./meta.ts";
export * from "./pod.ts";
export * from "./projected_volume.ts";
export * from "./resources.ts";
export * from "./scalars.ts";
export * from "./scheduling.ts";
export * from "./security.ts";
export * from "./status.ts";
export * from "./volume.ts";
export * from "./volume_claim.ts";
