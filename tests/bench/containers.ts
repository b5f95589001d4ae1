/**
 * How long the short commands take, from start to end, and `containers -k` with
 * many pods, by the agent and directly; beside `crictl ps`, where it is installed.
 *
 * Run: deno run -A tests/bench/containers.ts [--pods 1,100,500] [--runs 20]
 *
 * The runtime is a made-up one in a process of its own, which can have as many
 * pods as are wanted. CPU is what the command itself uses, so that it means the
 * same on a busy machine; wall is the best run. PODSTEAD_EXECUTABLE names
 * another executable than `dist/podstead`.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { podYaml } from "../e2e/pod_yaml.ts";
import { podsteadCommand, TestNode } from "../support/node.ts";
import { findProgram } from "../support/programs.ts";

/** What is asked of `containers -k` with 100 pods and an agent: `crictl ps` for one container. */
const TARGET_MS = 23;

const { values } = parseArgs({
  options: {
    pods: { type: "string", default: "1,100,500" },
    runs: { type: "string", default: "20" },
  },
});
const runs = Number(values.runs);

/** What one command takes. */
interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Undefined without GNU time. */
  readonly peakMib: number | undefined;
}

const time = findProgram("time");

/** Runs a command many times, its output going nowhere. */
function measure(command: readonly string[]): Cost {
  const [wallMs = NaN] = bestWallMs([command]);
  return { wallMs, cpuMs: cpuMs(command), peakMib: peakMib(command) };
}

/** The best time of each command, taken in turns: a busy moment is busy for all of them. */
function bestWallMs(commands: readonly (readonly string[])[]): readonly number[] {
  const best = commands.map(() => Infinity);
  for (let run = 0; run < runs; run += 1) {
    for (const [index, [program = "", ...args]] of commands.entries()) {
      const started = performance.now();
      const { status, stderr } = spawnSync(program, args, { stdio: ["ignore", "pipe", "pipe"] });
      best[index] = Math.min(best[index] ?? Infinity, performance.now() - started);
      if (status !== 0) throw new Error(`${program} ended with ${status}: ${stderr}`);
    }
  }
  return best;
}

/** The mean of user and system time, as the shell knows it of its children. */
function cpuMs(command: readonly string[]): number {
  const script = `i=0; while [ $i -lt ${runs} ]; do "$@" > /dev/null 2>&1; i=$((i+1)); done; times`;
  const { stdout } = spawnSync("sh", ["-c", script, "sh", ...command], { encoding: "utf8" });
  const ofChildren = stdout.trim().split("\n").at(-1) ?? "";
  const totalMs = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)]
    .reduce(
      (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
      0,
    );
  return totalMs / runs;
}

function peakMib(command: readonly string[]): number | undefined {
  if (time === undefined) return undefined;
  const { stderr } = spawnSync(time, ["-f", "peak %M", ...command], { encoding: "utf8" });
  const kib = /^peak (\d+)$/m.exec(stderr)?.[1];
  return kib === undefined ? undefined : Number(kib) / 1024;
}

function row(name: string, { wallMs, cpuMs, peakMib }: Cost): string {
  const peak = peakMib === undefined ? "-" : `${peakMib.toFixed(0)} MiB`;
  return `${name.padEnd(44)} ${wallMs.toFixed(1).padStart(8)} ms ${
    cpuMs.toFixed(1).padStart(8)
  } ms ${peak.padStart(9)}\n`;
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** By Bun: Deno's HTTP/2 server does not survive clients that end without a goodbye. */
async function startRuntime(socket: string, args: readonly string[]): Promise<ChildProcess> {
  const script = join(ROOT, "tests/support/fake_runtime.ts");
  const child = spawn(join(ROOT, "node_modules/.bin/bun"), [script, socket, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

const say = (text: string) => void process.stdout.write(text);
const crictl = findProgram("crictl");
let withAgent: Cost | undefined;

say(`${" ".repeat(44)} ${"wall".padStart(11)} ${"CPU".padStart(11)} ${"peak".padStart(9)}\n`);
for (const pods of values.pods.split(",").map(Number)) {
  const node = await TestNode.create();
  const log = join(node.directory, "0.log");
  writeFileSync(log, "2026-01-01T00:00:00.000000000Z stdout F a line\n".repeat(1000));
  const runtimeSocket = join(node.directory, "runtime.sock");
  const endpoint = `unix://${runtimeSocket}`;
  const runtime = await startRuntime(runtimeSocket, ["--pods", `${pods}`, "--log", log]);
  try {
    node.writePods(podYaml("nginx"), `  runtime: {endpoint: "${endpoint}"}\n`);
    await node.startAgent();
    const podstead = (...args: readonly string[]) => [...podsteadCommand(), ...args];
    const socket = ["--socket", node.socket];
    if (pods === Number(values.pods.split(",")[0])) {
      say(row("version", measure(podstead("version"))));
      say(row("get sp", measure(podstead("get", "sp", ...socket))));
      const config = ["--config", node.configPath];
      say(row(
        "logs -k --tail 1, files read directly",
        measure(
          podstead("logs", "-k", "pod-0:app-0", "--tail", "1", ...config, ...socket),
        ),
      ));
    }
    const byAgent = measure(podstead("containers", "-k", ...socket));
    if (pods === 100) withAgent = byAgent;
    say(row(`containers -k, ${pods} pods of 2, by the agent`, byAgent));
    const absent = ["--socket", join(node.directory, "absent.sock"), "--config", node.configPath];
    say(row(
      `containers -k, ${pods} pods of 2, directly`,
      measure(
        podstead("containers", "-k", ...absent),
      ),
    ));
    if (crictl !== undefined) {
      const list = [crictl, "-r", endpoint, "-i", endpoint, "ps", "-a"];
      say(row(`crictl ps, ${pods} pods of 2`, measure(list)));
      const inTurns = bestWallMs([podstead("containers", "-k", ...socket), list]);
      const [ours = NaN, theirs = NaN] = inTurns;
      say(
        `${"  in turns".padEnd(44)} ${(ours / theirs).toFixed(2).padStart(8)} of crictl's time\n`,
      );
    }
  } finally {
    runtime.kill("SIGKILL");
    await node.close();
  }
}
if (withAgent !== undefined) {
  say(
    `\n100 pods by the agent: ${(withAgent.wallMs / TARGET_MS).toFixed(2)} of the ` +
      `${TARGET_MS} ms aimed at (by CPU ${(withAgent.cpuMs / TARGET_MS).toFixed(2)})\n`,
  );
}
if (crictl === undefined) say("crictl is not installed: not compared\n");
