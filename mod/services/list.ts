import { PodsteadError } from "../core/mod.ts";
import { ask } from "./command.ts";
import { unitName } from "./unit_name.ts";

/** A service of the node, as systemd has it. */
export interface ServiceView {
  /** Without `.service`. */
  readonly name: string;
  /** `active`, `failed`, `inactive`, `activating`, … */
  readonly state: string;
  /** What exactly: `running`, `dead`, `exited`, `auto-restart`, … */
  readonly subState: string;
  /** Whether it starts at boot: `enabled`, `disabled`, … */
  readonly startup: string;
  /** Absent while it does not run. */
  readonly pid?: number;
  /** Absent if systemd does not count it. */
  readonly memoryBytes?: number;
  /** Milliseconds since the epoch; absent when it never changed. */
  readonly sinceMs?: number;
  /** How often systemd restarted it by itself. */
  readonly restarts: number;
  /** How it ended last, in systemd's word: `exit-code`, `oom-kill`, …; absent for `success`. */
  readonly result?: string;
  /** What the service says of itself. */
  readonly status: string;
}

/** What a node with static pods may have, in the order in which they depend on each other. */
const USUAL = [
  "containerd",
  "crio",
  "podstead",
  "kubelet",
  "k3s",
  "k3s-agent",
  "rke2-server",
  "rke2-agent",
];

const PROPERTIES = [
  "Id",
  "LoadState",
  "ActiveState",
  "SubState",
  "UnitFileState",
  "MainPID",
  "MemoryCurrent",
  "StateChangeTimestamp",
  "NRestarts",
  "Result",
  "StatusText",
];

/**
 * The state of services; without names, of those that matter to pods and that
 * this node has.
 *
 * @throws {PodsteadError} for a name that is no service here, or without systemd
 */
export async function listServices(names: readonly string[]): Promise<readonly ServiceView[]> {
  const units = (names.length === 0 ? USUAL : names).map(unitName);
  const text = await ask("systemctl", [
    "show",
    "--timestamp=unix",
    `--property=${PROPERTIES.join(",")}`,
    "--",
    ...units,
  ]);
  const found = text.split(/\n\n+/).map(parseProperties);
  const absent = found.find((unit) => unit["LoadState"] === "not-found");
  if (names.length > 0 && absent !== undefined) {
    throw new PodsteadError("not-found", `There is no service "${absent["Id"]}" on this node`, {
      hint: 'All that it has: "systemctl list-units --type=service"',
    });
  }
  return found.filter((unit) => unit["LoadState"] === "loaded").map(toView);
}

/**
 * Lets a unit pass that this node has, and every unit where systemd does not say.
 *
 * @throws {PodsteadError} `not-found`
 */
export async function requireUnit(unit: string): Promise<void> {
  const state = await ask("systemctl", ["show", "--property=LoadState", "--value", "--", unit])
    .catch(() => ""); // without a running systemd there may still be a journal
  if (state.trim() !== "not-found") return;
  throw new PodsteadError("not-found", `There is no service "${unit}" on this node`, {
    hint: '"podstead services" lists those that matter here; for pods: podstead logs -k POD',
  });
}

/** Whether a name is that of a service which every node with pods may have. */
export function isUsualService(name: string): boolean {
  return USUAL.includes(name.replace(/\.service$/, ""));
}

/** Whether this node has a unit of that name; false if there is no systemd to say so. */
export async function hasUnit(name: string): Promise<boolean> {
  try {
    const state = await ask("systemctl", [
      ...["show", "--property=LoadState", "--value", "--"],
      unitName(name),
    ]);
    return !["", "not-found"].includes(state.trim());
  } catch {
    return false; // no systemd, or no name that a unit can have
  }
}

/** `systemctl show`: a `Key=value` each line. */
export function parseProperties(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split("\n").filter((line) => line.includes("=")).map((line) => {
      const equals = line.indexOf("=");
      return [line.slice(0, equals), line.slice(equals + 1)];
    }),
  );
}

function toView(unit: Readonly<Record<string, string>>): ServiceView {
  const number = (key: string) => {
    const value = Number(unit[key] || Number.NaN);
    // systemd writes the largest number of all for "not set".
    return Number.isFinite(value) && value > 0 && value < 2 ** 60 ? value : undefined;
  };
  const pid = number("MainPID");
  const memoryBytes = number("MemoryCurrent");
  const since = /^@(\d+)/.exec(unit["StateChangeTimestamp"] ?? "")?.[1];
  return {
    name: (unit["Id"] ?? "").replace(/\.service$/, ""),
    state: unit["ActiveState"] ?? "",
    subState: unit["SubState"] ?? "",
    startup: unit["UnitFileState"] ?? "",
    ...(pid === undefined ? {} : { pid }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    ...(since === undefined ? {} : { sinceMs: Number(since) * 1000 }),
    restarts: number("NRestarts") ?? 0,
    ...(["", "success"].includes(unit["Result"] ?? "") ? {} : { result: unit["Result"] ?? "" }),
    status: unit["StatusText"] ?? "",
  };
}
