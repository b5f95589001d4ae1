/** Feature gates as a kubelet is given them. */
import { isJsonObject, type JsonValue } from "../core/mod.ts";

/** By name, on or off; only those that are set. */
export type FeatureGates = Readonly<Record<string, boolean>>;

/**
 * Go's booleans. Source: strconv.ParseBool, which k8s.io/component-base featuregate
 * (Kubernetes 1.36) reads the values of `--feature-gates` with.
 */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "T", "TRUE", "true", "True"].map((text) => [text, true] as const),
  ...["0", "f", "F", "FALSE", "false", "False"].map((text) => [text, false] as const),
]);

/** Gates out of a text, and what in it is none. */
export interface ParsedGates {
  readonly gates: FeatureGates;
  /** The parts that are not `Name=true` or `Name=false`. */
  readonly malformed: readonly string[];
}

/** Reads `A=true,B=false`, the value of `--feature-gates`; of a name that is there twice the last counts. */
export function parseFeatureGates(text: string): ParsedGates {
  const gates: Record<string, boolean> = {};
  const malformed: string[] = [];
  for (const part of text.split(",").map((one) => one.trim())) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const name = part.slice(0, equals).trim();
    const value = BOOLEANS.get(part.slice(equals + 1).trim());
    if (!/^\w+$/.test(name) || equals < 0 || value === undefined) malformed.push(part);
    else gates[name] = value;
  }
  return { gates, malformed };
}

/** `featureGates` of a `KubeletConfiguration`; what is no boolean there, a kubelet does not start with. */
export function gatesOfConfig(value: JsonValue | undefined): FeatureGates {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, boolean] =>
      typeof entry[1] === "boolean"
    ),
  );
}
