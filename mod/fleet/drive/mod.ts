/** A roll-out that is driven from the operator's machine, and can be resumed after its death. */
export { type DriverDeps, driveRollout, judgementOf, resumed } from "./driver.ts";
export {
  type NodeProgress,
  type RolloutRecord,
  type RolloutRequest,
  rolloutsPath,
  RolloutStore,
} from "./record.ts";
export { type Connection, refusal, type Step, takeTurn, type TurnDeps } from "./turn.ts";
