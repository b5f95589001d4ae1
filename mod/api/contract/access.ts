import { type RouteName, ROUTES } from "./routes.ts";

/** What a caller may do: everything, or see what is no secret. */
export type Access = "admin" | "read";

/** Whether a route is answered to such a caller. */
export function isAllowed(route: RouteName, access: Access): boolean {
  return access === "admin" || ROUTES[route].access === "read";
}

/** Whether a route changes something. */
export function isActing(route: RouteName): boolean {
  return ROUTES[route].access === "act";
}
