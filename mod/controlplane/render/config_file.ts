/** A config file that podstead writes for a component: its place, its text, its hash. */
import { createHash } from "node:crypto";
import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from "../../core/mod.ts";

/** A config file, the flag that names it, and the setting it is made of. */
export interface ConfigFile {
  readonly flag: string;
  /** The same on the node and inside the container. */
  readonly path: string;
  readonly value: JsonObject;
  /** To use instead of the flag, such as `cluster.scheduler.config`. */
  readonly setting: string;
  /** The component reads it again by itself when it changes. */
  readonly reloaded: boolean;
}

/** The text of a config file: JSON, which is YAML to its reader. The same object gives the same text. */
export function formatConfigFile(value: JsonObject): string {
  return `${formatValue(value, "")}\n`;
}

/** A short hash of what a component reads only when it starts; undefined for nothing. */
export function configHash(files: readonly ConfigFile[]): string | undefined {
  const readAtStart = files.filter((file) => !file.reloaded);
  if (readAtStart.length === 0) return undefined;
  const hash = createHash("sha256");
  for (const file of readAtStart.sort((left, right) => left.path < right.path ? -1 : 1)) {
    hash.update(JSON.stringify([file.path, formatConfigFile(file.value)]));
  }
  return hash.digest("hex").slice(0, 16);
}

function formatValue(value: JsonValue, indent: string): string {
  const inner = `${indent}  `;
  if (isJsonObject(value)) {
    const members = Object.keys(value)
      .map((key) => `${inner}${JSON.stringify(key)}: ${formatValue(value[key] ?? null, inner)}`);
    return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
  }
  if (Array.isArray(value)) {
    const items = value.map((item) => inner + formatValue(item, inner));
    return items.length === 0 ? "[]" : `[\n${items.join(",\n")}\n${indent}]`;
  }
  return canonicalJson(value);
}
