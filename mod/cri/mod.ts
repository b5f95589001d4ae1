/** Talks to the container runtime: CRI v1, and containerd's own API where CRI is too narrow. */
export { ImageService, RuntimeService } from "./gen/runtime_pb.ts";
export * as criMessages from "./gen/runtime_pb.ts";
export * from "./endpoint.ts";
export * from "./errors.ts";
export * from "./runtime.ts";
export * from "./labels.ts";
export { normalizeImageName } from "./image_name.ts";
export * from "./list.ts";
export { CRI_NAMESPACE } from "./pids.ts";
export { listNamespaces, listOtherContainers, type NamespacedContainer } from "./namespaces.ts";
export * from "./pods.ts";
export * from "./view.ts";
export * from "./select.ts";
