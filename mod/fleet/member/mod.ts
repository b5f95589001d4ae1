/** A node's part in its fleet. */
export type { Brought, Hands, Standing, TrialSight, TryOptions } from "./hands.ts";
export { loadLocal, type Local, saveLocal, type TurnEnd } from "./local.ts";
export { FleetMember, type MemberDeps, type MemberStatus } from "./member.ts";
