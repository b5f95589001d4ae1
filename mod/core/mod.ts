/** Values and errors that every other folder stands on; no I/O. */
export * from "./breath.ts";
export * from "./bytes.ts";
export * from "./clock.ts";
export * from "./container_name.ts";
export * from "./duration.ts";
export * from "./editor_character.ts";
export * from "./errors.ts";
export * from "./field_path.ts";
export * from "./format_issue.ts";
export * from "./json.ts";
export * from "./label_selector.ts";
export * from "./problem.ts";
export * from "./scope.ts";
export * from "./serial_queue.ts";
export * from "./suggest.ts";
export * from "./template_mark.ts";
