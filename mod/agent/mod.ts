/** The agent's life: state on disk, reloads, resources with versions and watchers. */
export * from "./agent.ts";
export * from "./fetch_log.ts";
export * from "./metrics.ts";
export * from "./observer.ts";
export * from "./outcome.ts";
export * from "./reload.ts";
export * from "./resource.ts";
export * from "./resource_store.ts";
export * from "./resources.ts";
export * from "./rollout.ts";
export * from "./state.ts";
export * from "./status_service.ts";
