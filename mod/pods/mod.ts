/** The Pod: its structure, the kubelet's verdict on it, its identity and the list it is served in. */
export * from "./entry.ts";
export * from "./identity.ts";
export * from "./issue.ts";
export { judge } from "./judge.ts";
export type { JudgeOptions, Verdict } from "./judge.ts";
export * from "./manifest.ts";
export * from "./set.ts";
