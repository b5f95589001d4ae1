/** What is declared and what is served: reloads, the state on disk, resources with versions. */
export * from "./agent.ts";
export * from "./agent_deps.ts";
export type { DryRunRequest } from "./dry_run.ts";
export * from "./metrics.ts";
export * from "./commit.ts";
export * from "./outcome.ts";
export * from "./known_sources.ts";
export * from "./list.ts";
export * from "./proposal.ts";
export { inList, type KubeletNow } from "./state/refused_now.ts";
export * from "./reload.ts";
export * from "./resources/resource.ts";
export * from "./resources/resource_store.ts";
export * from "./resources/contents.ts";
export * from "./rollout.ts";
export * from "./state/state.ts";
export * from "./state/state_file.ts";
