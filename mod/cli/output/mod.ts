/** How commands write what they know: tables, JSON, YAML, JSONPath, colour, watching. YAML alone: `yaml.ts`. */
export * from "./age.ts";
export * from "./json.ts";
export * from "./jsonpath.ts";
export * from "./jsonpath_parse.ts";
export type { JsonPathTemplate } from "./jsonpath_syntax.ts";
export * from "./output.ts";
export * from "./style.ts";
export * from "./table.ts";
export * from "./text.ts";
export * from "./watch.ts";
