/** What is seen of the pods over time: the kubelet's polls, their status, events, how long changes take. */
export { watchConfig } from "./config_watch.ts";
export { watchConnection } from "./connection_watch.ts";
export { ContainerLife } from "./container_life.ts";
export * from "./event_log.ts";
export * from "./fetch_log.ts";
export { KubeletPresence, watchKubelet } from "./kubelet_watch.ts";
export * from "./life_recorder.ts";
export { NodeEvents } from "./node_events.ts";
export { NodeWatch } from "./node_watch.ts";
export { askOwnProbesOf } from "./own_probes.ts";
export * from "./propagation.ts";
export * from "./status_service.ts";
