/** ConfigMaps and Secrets: what they hold, and whether an API server would take them. */
export * from "./declare_objects.ts";
export type { ObjectEntry } from "./judge_object.ts";
export * from "./object.ts";
export { isSealed } from "./sealed_value.ts";
