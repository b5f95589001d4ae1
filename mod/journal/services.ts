import { uptime } from "node:os";
import { PodsteadError, UsageError } from "../core/mod.ts";
import { type Command, type CommandEnd, RunningCommand } from "./command.ts";

/** The services that a podstead node stands on. */
export const NODE_SERVICES: readonly string[] = ["kubelet", "containerd", "podstead"];

/** A systemd unit and its state. */
export interface ServiceState {
  /** With its suffix: `kubelet.service`. */
  readonly unit: string;
  readonly description: string;
  /** `loaded`, `not-found`, `masked`, … */
  readonly load: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  /** More exactly: `running`, `dead`, `auto-restart`, … */
  readonly sub: string;
  /** Whether it starts with the machine: `enabled`, `disabled`, `static`, …; empty if unknown. */
  readonly enabled: string;
  readonly pid: number | undefined;
  readonly restarts: number | undefined;
  readonly memoryBytes: number | undefined;
  /** Since when it is in this state, milliseconds since the epoch (time asleep not counted). */
  readonly sinceMs: number | undefined;
  /** Why it is not running: `exit-code`, `oom-kill`, …; `success` if nothing failed. */
  readonly result: string;
  /** The exit code of the last main process, where it has ended. */
  readonly exitCode: number | undefined;
}

const PROPERTIES = [
  "Id",
  "Description",
  "LoadState",
  "ActiveState",
  "SubState",
  "UnitFileState",
  "MainPID",
  "NRestarts",
  "MemoryCurrent",
  "StateChangeTimestampMonotonic",
  "Result",
  "ExecMainStatus",
];

/** How systemd is asked; real time and the real program if not set. */
export interface ServicesDeps {
  readonly systemctl?: Command;
  readonly signal?: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly nowMs?: number;
  /** Milliseconds since the machine started. */
  readonly uptimeMs?: number;
}

/**
 * The full name of a unit: a service unless it says otherwise.
 *
 * @throws {UsageError} for what cannot be a unit's name (systemd.unit(5)).
 */
export function unitName(name: string): string {
  if (!/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]{0,254}$/.test(name)) {
    throw new UsageError(`Cannot look for unit ${JSON.stringify(name)}: it is not a unit's name`, {
      hint: "A unit is named such as kubelet or kubelet.service",
    });
  }
  const suffix = /\.(service|socket|device|mount|automount|swap|target|path|timer|slice|scope)$/;
  return suffix.test(name) ? name : `${name}.service`;
}

/**
 * The state of units, in the order in which they are asked for. One that does
 * not exist has `load` "not-found".
 *
 * @throws {PodsteadError} where there is no systemd, or it does not answer.
 */
export async function listServices(
  names: readonly string[] = NODE_SERVICES,
  deps: ServicesDeps = {},
): Promise<ServiceState[]> {
  const units = names.map(unitName);
  const args = ["show", "--no-pager", `--property=${PROPERTIES.join(",")}`, "--", ...units];
  const running = new RunningCommand(deps.systemctl ?? ["systemctl"], args, deps.signal);
  const lines: string[] = [];
  try {
    for await (const line of running.lines()) lines.push(line);
    const end = await running.end();
    if (end.exitCode !== 0) throw systemdError(end);
  } catch (error) {
    if (error instanceof PodsteadError && error.code === "not-found") {
      throw new PodsteadError("failed", "Cannot list services: this machine has no systemctl", {
        cause: error,
        hint: "podstead asks systemd for services; other init systems have tools of their own",
      });
    }
    throw error;
  } finally {
    running.close();
  }
  const startedMs = (deps.nowMs ?? Date.now()) - (deps.uptimeMs ?? uptime() * 1000);
  return parseUnits(lines, startedMs);
}

function systemdError(end: CommandEnd): PodsteadError {
  const reason = end.stderr.trim().split("\n")[0] ?? "";
  const noSystemd = /not been booted with systemd|Failed to connect to bus/.test(end.stderr);
  return new PodsteadError(
    "failed",
    noSystemd
      ? "Cannot list services: this machine does not run systemd"
      : `Cannot list services: ${reason === "" ? `systemctl ended with ${end.exitCode}` : reason}`,
    noSystemd
      ? { hint: "podstead asks systemd for services; other init systems have tools of their own" }
      : {},
  );
}

/** Blocks of `Key=value` lines, with an empty line between two units. */
function parseUnits(lines: readonly string[], startedMs: number): ServiceState[] {
  const blocks: Map<string, string>[] = [new Map()];
  for (const line of lines) {
    const equals = line.indexOf("=");
    if (line === "") blocks.push(new Map());
    else if (equals > 0) blocks.at(-1)?.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return blocks.filter((block) => block.has("Id")).map((block) => {
    const text = (key: string) => block.get(key) ?? "";
    // "[not set]", and the largest 64-bit number, both mean that there is none.
    const count = (key: string) => {
      const value = /^\d+$/.test(text(key)) ? Number(text(key)) : undefined;
      return value !== undefined && Number.isSafeInteger(value) ? value : undefined;
    };
    const sinceUs = count("StateChangeTimestampMonotonic");
    const pid = count("MainPID");
    return {
      unit: text("Id"),
      description: text("Description"),
      load: text("LoadState"),
      active: text("ActiveState"),
      sub: text("SubState"),
      enabled: text("UnitFileState"),
      pid: pid === 0 ? undefined : pid,
      restarts: count("NRestarts"),
      memoryBytes: count("MemoryCurrent"),
      sinceMs: sinceUs === undefined || sinceUs === 0 ? undefined : startedMs + sinceUs / 1000,
      result: text("Result"),
      exitCode: pid === 0 || pid === undefined ? count("ExecMainStatus") : undefined,
    };
  });
}
