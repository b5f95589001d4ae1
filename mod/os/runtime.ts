/** Which JavaScript runtime this is, and what was built into the executable. */
import manifest from "../../deno.json" with { type: "json" };

/** What `podstead version` prints. */
export interface BuildInfo {
  readonly version: string;
  /** Short commit hash; `unknown` when run from source. */
  readonly commit: string;
  /** Such as `bun 1.4.5` or `deno 2.9.6`. */
  readonly runtime: string;
  /** Such as `linux/x64`. */
  readonly platform: string;
}

/** Facts of this build. */
export function buildInfo(): BuildInfo {
  return {
    version: manifest.version,
    // `deno task compile` replaces this expression by a literal.
    commit: process.env.PODSTEAD_COMMIT ?? "unknown",
    runtime: runtimeName(),
    platform: `${process.platform}/${process.arch}`,
  };
}

function runtimeName(): string {
  const { bun, deno, node } = process.versions as Record<string, string | undefined>;
  if (bun !== undefined) return `bun ${bun}`;
  if (deno !== undefined) return `deno ${deno}`;
  return `node ${node}`;
}

/** Collects garbage, at once or in the background; nothing if the engine has no door to it. */
export function collectGarbage(wait: boolean): void {
  const { Bun } = globalThis as { readonly Bun?: { gc(force: boolean): void } };
  Bun?.gc(wait);
}

/** What a process has used up to now. */
export interface ProcessUse {
  readonly residentBytes: number;
  /** User and system time. */
  readonly cpuSeconds: number;
  /** Unix milliseconds. */
  readonly startedMs: number;
}

/** Reads it again with each call. */
export function processUse(): ProcessUse {
  const { user, system } = process.cpuUsage();
  return {
    residentBytes: process.memoryUsage.rss(),
    cpuSeconds: (user + system) / 1e6,
    startedMs: Date.now() - process.uptime() * 1000,
  };
}
