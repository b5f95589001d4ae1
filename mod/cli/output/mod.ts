/** What `-o` asks for, and data in that form: JSON, YAML, JSONPath. YAML alone: `yaml.ts`. */
export * from "./json.ts";
export * from "./jsonpath.ts";
export * from "./jsonpath_parse.ts";
export type { JsonPathTemplate } from "./jsonpath_syntax.ts";
export * from "./kinds.ts";
export * from "./list_output.ts";
export * from "./output.ts";
export * from "./report_kinds.ts";
