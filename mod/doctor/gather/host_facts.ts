import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import type { DoctorFacts } from "../facts.ts";
import { ASK_TIMEOUT_MS } from "./asked.ts";

/** Whether the clock follows a time server; undefined if the host does not say. */
export async function isClockSynchronized(): Promise<boolean | undefined> {
  if (existsSync("/run/systemd/timesync/synchronized")) return true;
  const answer = await ask("timedatectl", ["show", "-p", "NTPSynchronized", "--value"]);
  return answer?.trim() === "yes" ? true : answer?.trim() === "no" ? false : undefined;
}

/** Asks systemd for podstead's unit; undefined on a host without systemd. */
export async function askSystemd(): Promise<DoctorFacts["systemd"]> {
  // Source: sd_booted(3).
  if (!existsSync("/run/systemd/system")) return undefined;
  const text = await ask("systemctl", [
    ...["show", "podstead.service", "-p", "LoadState", "-p", "UnitFileState", "-p", "Before"],
  ]);
  if (text === undefined) return undefined;
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(text)?.[1] ?? "";
  return {
    installed: value("LoadState") === "loaded",
    enabled: value("UnitFileState").startsWith("enabled"),
    before: value("Before").split(" "),
  };
}

/** What a command prints; undefined when it cannot be run. */
function ask(command: string, args: readonly string[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(command, args, { timeout: ASK_TIMEOUT_MS }, (error, stdout) => {
      resolve(error === null ? stdout : undefined);
    });
  });
}
