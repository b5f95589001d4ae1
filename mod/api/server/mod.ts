/** The agent's side of the admin API. */
export { agentHandlers, type AgentHandlersDeps } from "./agent_handlers.ts";
export { changeHandlers, type ChangeHandlersDeps } from "./change_handlers.ts";
export { fleetHandlers, type FleetHandlersDeps } from "./fleet_handlers.ts";
export type { Handlers } from "./handlers.ts";
export { nodeHandlers } from "./node_handlers.ts";
export { type Act, type AdminOptions, createAdminApp } from "./server.ts";
export { statusHandlers, type StatusHandlersDeps } from "./status_handlers.ts";
