/** Values of Secrets that are sealed at rest: made, opened, and kept in memory. */
export * from "./age.ts";
export * from "./identities.ts";
export * from "./unsealer.ts";
