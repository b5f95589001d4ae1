import { gatesFromText, type JudgedBy } from "../../kubelet/mod.ts";
import { assumedGates, minorOf, NEWEST_MINOR } from "../../pods/mod.ts";

/** What pods are judged by, as `-o json` shows it. */
export interface JudgedByView {
  /** Of the kubelet; null if none is known. */
  readonly version: string | null;
  /** The gates that decide on pods, by name. */
  readonly featureGates: Readonly<Record<string, boolean>>;
  readonly featureGatesFrom: JudgedBy["from"];
}

/** By what pods are judged, as data. */
export function judgedByView(by: JudgedBy): JudgedByView {
  const gates = assumedGates(minorIn(by), by.gates);
  return {
    version: by.version ?? null,
    featureGates: Object.fromEntries(gates.map(({ name, enabled }) => [name, enabled])),
    featureGatesFrom: by.from,
  };
}

/** The same for people: a line on the kubelet and one for each gate. */
export function judgedByText(by: JudgedBy): string {
  const kubelet = by.version === undefined
    ? `kubelet 1.${NEWEST_MINOR}, the newest whose rules are known`
    : `kubelet ${by.version}`;
  const gates = assumedGates(minorIn(by), by.gates);
  const width = Math.max(...gates.map(({ name }) => name.length));
  const word = (enabled: boolean) => enabled ? "on" : "off";
  return [
    `Judging by ${kubelet}, feature gates ${gatesFromText(by.from)}:`,
    ...gates.map(({ name, enabled, isDefault }) =>
      `  ${name.padEnd(width)}  ${word(enabled)}${
        isDefault ? "" : `, its default is ${word(!enabled)}`
      }`
    ),
  ].map((line) => `${line}\n`).join("");
}

function minorIn({ version }: JudgedBy): number {
  return minorOf(version ?? "") ?? NEWEST_MINOR;
}
