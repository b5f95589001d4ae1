/** Finds what is wrong with a node: facts are gathered once, then checked. */
export { diagnose } from "./diagnose.ts";
export type { AgentFacts, DoctorFacts } from "./facts.ts";
export type { Finding } from "./finding.ts";
export { gatherDoctorFacts, type GatherOptions } from "./gather/gather.ts";
