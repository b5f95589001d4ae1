import { nearest, UsageError } from "../../core/mod.ts";
import { formatJson, formatJsonLine } from "./json.ts";
import { evaluateJsonPath } from "./jsonpath.ts";
import { parseJsonPath } from "./jsonpath_parse.ts";
import type { JsonPathTemplate } from "./jsonpath_syntax.ts";

/** The formats of which the value needs no further argument. */
export type OutputName = "table" | "wide" | "json" | "yaml";

/** What `-o` asked for; `Extra` are names that only one command knows. */
export type Output<Extra extends string = never> =
  | { readonly kind: OutputName | Extra }
  | { readonly kind: "jsonpath"; readonly template: JsonPathTemplate };

/** An output that shows data as it is, not as a table or in a command's own way. */
export type DataOutput =
  | { readonly kind: "json" | "yaml" }
  | { readonly kind: "jsonpath"; readonly template: JsonPathTemplate };

const NAMES: readonly OutputName[] = ["table", "wide", "json", "yaml"];

/**
 * Reads the value of `-o`.
 *
 * @param extra names that this command knows besides the common ones
 * @param without common names that make no sense for this command
 * @throws {UsageError} for an unknown name and for a JSONPath that cannot be read
 */
export function parseOutput<Extra extends string = never>(
  text: string,
  extra: readonly Extra[] = [],
  without: readonly (OutputName | "jsonpath")[] = [],
  /** Forms with an argument that the caller has looked for already; for the message. */
  forms: readonly string[] = [],
): Output<Extra> {
  const names = [...NAMES, ...extra].filter((name) => !without.some((other) => other === name));
  const name = names.find((known) => known === text);
  if (name !== undefined) return { kind: name };
  const jsonpath = !without.includes("jsonpath");
  const argument = /^jsonpath=(.*)$/s.exec(text)?.[1];
  if (jsonpath && argument !== undefined && argument !== "") {
    return { kind: "jsonpath", template: parseJsonPath(unquoted(argument)) };
  }
  const wanted = [...names, ...(jsonpath ? ["jsonpath=TEMPLATE"] : []), ...forms];
  const meant = nearest(text, names);
  throw new UsageError(
    `Unknown output format "${text}"; wanted ${wanted.join(", ")}`,
    meant === undefined ? {} : { hint: `Did you mean "-o ${meant}"?` },
  );
}

/** Whether the output is data: JSON, YAML or JSONPath. */
export function isDataOutput<Any extends { readonly kind: string }>(
  output: Any,
): output is Any & DataOutput {
  return output.kind === "json" || output.kind === "yaml" || output.kind === "jsonpath";
}

/** A value in the format asked for: one document. */
export async function formatData(output: DataOutput, value: unknown): Promise<string> {
  switch (output.kind) {
    case "json":
      return formatJson(value);
    case "yaml":
      return (await yaml()).formatYaml(value);
    case "jsonpath":
      return evaluateJsonPath(output.template, value);
  }
}

/** A value of an endless sequence, for watching: NDJSON, a YAML document, or JSONPath's text. */
export async function formatStreamed(output: DataOutput, value: unknown): Promise<string> {
  switch (output.kind) {
    case "json":
      return formatJsonLine(value);
    case "yaml":
      return (await yaml()).formatYamlDocument(value);
    case "jsonpath": {
      const text = evaluateJsonPath(output.template, value);
      return text === "" || text.endsWith("\n") ? text : `${text}\n`;
    }
  }
}

/** Loaded only for YAML: loading takes longer than most commands. */
const yaml = () => import("./yaml.ts");

/** Some shells leave the quotes of `jsonpath='…'` in a script's argument. */
function unquoted(text: string): string {
  return /^'(.*)'$/s.exec(text)?.[1] ?? text;
}

/** Reads the value of `-o` of a command that shows data only. @throws {UsageError} */
export function parseDataOutput(text: string): DataOutput {
  const output = parseOutput(text, [], ["table", "wide"]);
  if (isDataOutput(output)) return output;
  throw new UsageError(`Unknown output format "${text}"; wanted json, yaml or jsonpath=TEMPLATE`);
}
