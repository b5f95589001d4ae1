import type { RouteName } from "./routes.ts";

/** What a caller may do: everything, or see what is no secret. */
export type Access = "admin" | "read";

/**
 * What the read socket answers. Not in it, besides what changes something: what
 * shows files and the runtime's objects whole, with all that is secret in them.
 */
const READ: ReadonlySet<RouteName> = new Set<RouteName>([
  ...["agent", "fetches", "trial", "history", "resources", "watch", "overview"] as const,
  ...["describe", "events", "wait", "containers", "find", "otherContainers", "images"] as const,
  ...["usage", "logs", "fleet", "certificates"] as const,
]);

/** What changes something on the node: who did it is recorded. */
const ACTING: ReadonlySet<RouteName> = new Set<RouteName>([
  ...["reload", "change", "restart", "confirm", "cancel"] as const,
  ...["stop", "pull", "exec", "execSession"] as const,
  ...["fleetLeave", "fleetJoin"] as const,
]);

/** Whether a route is answered to such a caller. */
export function isAllowed(route: RouteName, access: Access): boolean {
  return access === "admin" || READ.has(route);
}

/** Whether a route changes something. */
export function isActing(route: RouteName): boolean {
  return ACTING.has(route);
}
