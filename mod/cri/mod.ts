/** Talks to the container runtime: CRI v1, and containerd's own API where CRI is too narrow. */
export { ImageService, RuntimeService } from "./gen/runtime_pb.ts";
export * as criMessages from "./gen/runtime_pb.ts";
export * from "./endpoint.ts";
export * from "./errors.ts";
export * from "./runtime.ts";
