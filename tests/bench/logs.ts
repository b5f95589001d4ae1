/**
 * How fast a log is read, against `cat` and against a plain loop over its lines.
 *
 * Run: deno run -A tests/bench/logs.ts, or bun tests/bench/logs.ts
 *
 * It makes a log of PODSTEAD_BENCH_LOG_MIB (1024) MiB in a temporary directory
 * and removes it again. Each figure is a process of its own, from its start to
 * its end, writing to /dev/null; the best of three. The process is this file
 * compiled as the product is; where bun is missing, this file as it runs.
 */
import { Buffer } from "node:buffer";
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { formatBytes } from "../../mod/core/mod.ts";
import { logSourceAt, parseTime, readLog, type ReadLogOptions } from "../../mod/logs/mod.ts";
import { cpuMs } from "../support/process_cost.ts";

const MIB = 1024 * 1024;
const PREFIX = "172.20.0.3: ";
const RUNS = 3;
const FOLLOWED_LINES = 30;

/** What is asked of the compiled executable on 1 GiB. */
const TARGETS: Readonly<Record<string, number>> = {
  "full, raw with prefix": 1500,
  "tail 100": 40,
  "since 1 minute before the end": 40,
  "follow, slowest": 50,
};
const PEAK_TARGET_BYTES = 80 * MIB;

/** Writes the log: web server lines, some 2,000 a second, one in ten on stderr. Returns its last time. */
function makeLog(path: string, sizeBytes: number): string {
  const file = openSync(path, "w");
  let timeUs = 1_764_000_000_000_000;
  let written = 0;
  let stamp = "";
  for (let number = 0; written < sizeBytes;) {
    const lines: string[] = [];
    for (; lines.length < 5000; number++) {
      timeUs += 300 + (number * 7919) % 400;
      const second = new Date(Math.floor(timeUs / 1000)).toISOString().slice(0, 19);
      const fraction = String(timeUs % 1_000_000).padStart(6, "0");
      stamp = `${second}.${fraction}${String(number % 1000).padStart(3, "0")}Z`;
      const stream = number % 10 === 0 ? "stderr" : "stdout";
      lines.push(
        `${stamp} ${stream} F 10.0.${number % 256}.${(number * 7) % 256} - - ` +
          `"GET /api/v1/items/${number} HTTP/1.1" 200 ${(number * 31) % 5000} "-" ` +
          `"Mozilla/5.0 (X11; Linux x86_64)" rt=0.${number % 1000}\n`,
      );
    }
    written += writeSync(file, lines.join(""));
  }
  closeSync(file);
  return stamp;
}

/** What a straightforward program does: block by block, a prefix before each line. */
function plainLoop(path: string): void {
  const file = openSync(path, "r");
  const input = Buffer.alloc(256 * 1024);
  const output = Buffer.alloc(64 * 1024);
  const prefix = Buffer.from(PREFIX);
  let used = 0;
  for (let count = readSync(file, input); count > 0; count = readSync(file, input)) {
    for (let at = 0; at < count;) {
      const newline = input.indexOf(10, at);
      const end = newline < 0 || newline >= count ? count : newline + 1;
      if (used + prefix.length + end - at > output.length) {
        writeSync(1, output, 0, used);
        used = 0;
      }
      output.set(prefix, used);
      output.set(input.subarray(at, end), used + prefix.length);
      used += prefix.length + end - at;
      at = end;
    }
  }
  writeSync(1, output, 0, used);
}

/** The measured process: writes what was asked for to standard output, its peak memory to standard error. */
async function measured(task: string, path: string, since: string): Promise<void> {
  const prefix = { format: "raw", linePrefix: PREFIX } as const;
  const sinceNs = parseTime(since) ?? 0n;
  const tasks: Record<string, ReadLogOptions> = {
    "full, raw with prefix": { output: prefix },
    "full, raw": {},
    "full, text": { output: { format: "text" } },
    "full, json": { output: { format: "json", pod: "default/nginx", container: "nginx" } },
    "stderr only": { output: prefix, selection: { stream: "stderr" } },
    "grep of a word": { output: prefix, selection: { grep: { pattern: "items/77777" } } },
    "grep of a pattern": { output: prefix, selection: { grep: { pattern: "items/7{5}[0-9]" } } },
    "tail 100": { output: prefix, selection: { tail: 100 } },
    "tail 100000": { output: prefix, selection: { tail: 100_000 } },
    "since 1 minute before the end": { output: prefix, selection: { sinceNs } },
    "follow": { output: prefix, selection: { tail: 1 }, follow: {} },
  };
  if (task === "plain loop") plainLoop(path);
  else if (task !== "nothing") {
    const chunks = readLog(logSourceAt(path), { ...tasks[task], reuseChunks: true });
    for await (const chunk of chunks) writeSync(1, chunk);
  }
  writeSync(2, String(peakBytes()));
}

/** The most memory that this process had resident; getrusage would count its parent's too. */
function peakBytes(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1] ?? 0) * 1024;
}

interface Figure {
  readonly name: string;
  readonly durationMs: number;
  readonly peakBytes?: number;
}

function best(name: string, command: readonly string[]): Figure {
  let figure: Figure | undefined;
  for (let run = 0; run < RUNS; run++) {
    const sink = openSync("/dev/null", "w");
    const startMs = performance.now();
    const result = spawnSync(command[0]!, command.slice(1), {
      stdio: ["ignore", sink, "pipe"],
      encoding: "utf8",
    });
    const durationMs = performance.now() - startMs;
    closeSync(sink);
    if (result.status !== 0) throw new Error(`${command.join(" ")} failed: ${result.stderr}`);
    const peakBytes = Number(result.stderr);
    if (figure === undefined || durationMs < figure.durationMs) {
      figure = { name, durationMs, ...(peakBytes > 0 && { peakBytes }) };
    }
  }
  return figure!;
}

/** From the write of a line to its arrival at the other end of a pipe. */
async function followLatency(command: readonly string[], path: string): Promise<Figure[]> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  let arrived = Promise.withResolvers<void>();
  child.stdout.on("data", () => arrived.resolve());
  await arrived.promise;
  const pid = child.pid!;
  const cpuBefore = cpuMs(pid);
  const latenciesMs: number[] = [];
  for (let number = 0; number < FOLLOWED_LINES; number++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    arrived = Promise.withResolvers<void>();
    const startMs = performance.now();
    appendFileSync(path, `${new Date().toISOString()} stdout F followed ${number}\n`);
    await arrived.promise;
    latenciesMs.push(performance.now() - startMs);
  }
  const followedCpuMs = cpuMs(pid) - cpuBefore;
  const idleBefore = cpuMs(pid);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const idleCpuMs = cpuMs(pid) - idleBefore;
  child.kill();
  latenciesMs.sort((left, right) => left - right);
  return [
    { name: "follow, median", durationMs: latenciesMs[FOLLOWED_LINES / 2]! },
    { name: "follow, slowest", durationMs: latenciesMs.at(-1)! },
    { name: `follow, processor time for ${FOLLOWED_LINES} lines`, durationMs: followedCpuMs },
    { name: "follow, processor time for 3 idle seconds", durationMs: idleCpuMs },
  ];
}

async function main(): Promise<void> {
  const sizeBytes = Number(process.env["PODSTEAD_BENCH_LOG_MIB"] ?? 1024) * MIB;
  const directory = await mkdtemp(join(tmpdir(), "podstead-bench-logs-"));
  try {
    const self = fileURLToPath(import.meta.url);
    const bun = fileURLToPath(new URL("../../node_modules/.bin/bun", import.meta.url));
    let program = ["deno", "run", "-A", self];
    if (existsSync(bun)) {
      program = [join(directory, "bench")];
      const flags = ["build", "--compile", "--minify", "--bytecode", "--format=esm"];
      const built = spawnSync(bun, [...flags, self, "--outfile", program[0]!]);
      if (built.status !== 0) throw new Error(`Cannot compile: ${built.stderr}`);
    }
    const path = join(directory, "0.log");
    const last = makeLog(path, sizeBytes);
    const since = new Date(Date.parse(last) - 60_000).toISOString();
    const run = (task: string) => best(task, [...program, "measured", task, path, since]);

    const cat = best("cat", ["cat", path]);
    const loop = run("plain loop");
    const figures = [
      run("nothing"),
      cat,
      loop,
      ...[
        "full, raw with prefix",
        "full, raw",
        "full, text",
        "full, json",
        "stderr only",
        "grep of a word",
        "grep of a pattern",
        "tail 100",
        "tail 100000",
        "since 1 minute before the end",
      ].map(run),
      ...await followLatency([...program, "measured", "follow", path, since], path),
    ];
    const rows = figures.map(({ name, durationMs, peakBytes }) => {
      const target = TARGETS[name];
      return [
        name.padEnd(44),
        `${durationMs.toFixed(durationMs < 100 ? 1 : 0)} ms`.padStart(10),
        `${(durationMs / cat.durationMs).toFixed(2)} × cat`.padStart(13),
        `${(durationMs / loop.durationMs).toFixed(2)} × loop`.padStart(13),
        (peakBytes === undefined ? "" : formatBytes(peakBytes)).padStart(11),
        target === undefined
          ? ""
          : ` target ${target} ms: ${durationMs < target ? "met" : "MISSED"}`,
      ].join("").trimEnd();
    });
    const peakBytes = Math.max(...figures.slice(3).map((figure) => figure.peakBytes ?? 0));
    process.stdout.write(
      [
        `Log of ${formatBytes(sizeBytes)}, read by ${
          program.length === 1 ? "the compiled executable" : "deno"
        }`,
        ...rows,
        `highest peak ${formatBytes(peakBytes)}, target ${formatBytes(PEAK_TARGET_BYTES)}: ${
          peakBytes < PEAK_TARGET_BYTES ? "met" : "MISSED"
        }`,
        "",
      ].join("\n"),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

const [mode, task = "", path = "", since = ""] = process.argv.slice(2);
if (mode === "measured") await measured(task, path, since);
else await main();
