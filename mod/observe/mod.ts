/** What is seen of the pods over time: the kubelet's polls, their status, events, how long changes take. */
export * from "./event_log.ts";
export * from "./fetch_log.ts";
export * from "./life_recorder.ts";
export * from "./propagation.ts";
export * from "./status_service.ts";
