/** A page to look at: rendered here, from what the agents say, for the browser of one person. */
export { startUi, type Ui, type UiOptions } from "./server.ts";
export type { SeenRollout } from "./pages/rollout.tsx";
export type { Connection, UiNode } from "./node.ts";
