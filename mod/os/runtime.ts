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

/** What is used of Bun's own API. */
interface Engine {
  gc(force: boolean): void;
  shrink(): void;
  readonly unsafe: { setJITPolicy(scale: number): void };
}

/** The engine's own API; undefined on another one than the executable's. */
function engine(): Engine | undefined {
  return (globalThis as { readonly Bun?: Engine }).Bun;
}

/** Collects garbage, at once or in the background; nothing if the engine has no door to it. */
export function collectGarbage(wait: boolean): void {
  engine()?.gc(wait);
}

/**
 * Soon gives back what can be had again: code that does not run now, and what is left free between
 * objects. It takes twice as long as a collection, and what runs next is read again from the
 * executable. Nothing if the engine has no door to it.
 */
export function shrinkMemory(): void {
  engine()?.shrink();
}

/**
 * From now on a function is compiled only after `factor` times as many runs as usual, in this
 * thread; nothing if the engine has no door to it.
 */
export function compileLess(factor: number): void {
  engine()?.unsafe.setJITPolicy(factor);
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
