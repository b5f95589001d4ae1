/**
 * Counts the files of mod/ that the three journeys of docs/development.md pass through: a node's
 * agent and its commands run in this process, and V8 counts the calls of each function.
 *
 * Run: deno task journeys [--files]
 *
 * A file counts if, each time the journey is made, one of its functions is called more often than
 * during as long a rest. So neither what a module does while it is loaded counts (the first time
 * is left out), nor what the agent does all the time, nor what is imported for its types.
 */
import inspector from "node:inspector";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { podYaml } from "./e2e/pod_yaml.ts";
import { roomOf } from "./layers.ts";

const MOD = new URL("../mod/", import.meta.url).href;
const WITH_FILES = process.argv.includes("--files");

/** How often each journey is made, and rested for as long. */
const TIMES = 3;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly {
      readonly functionName: string;
      readonly ranges: readonly { readonly startOffset: number; readonly count: number }[];
    }[];
  }[];
}

const session = new inspector.Session();
session.connect();
const post = (method: string, params: object = {}) =>
  new Promise<unknown>((resolve, reject) =>
    session.post(
      method,
      params,
      (error: Error | null, result: unknown) => error === null ? resolve(result) : reject(error),
    )
  );

/** Calls since the last time, by file of mod/ and function. */
async function callsOf(): Promise<ReadonlyMap<string, number>> {
  const { result } = await post("Profiler.takePreciseCoverage") as Coverage; // as V8 answers
  const calls = new Map<string, number>();
  for (const { url, functions } of result.filter((script) => script.url.startsWith(MOD))) {
    for (const { functionName, ranges } of functions) {
      const [{ startOffset, count } = { startOffset: 0, count: 0 }] = ranges;
      // What begins where the file does is the module itself.
      if (count > 0 && startOffset > 0) {
        calls.set(`${url.slice(MOD.length)} ${functionName}@${startOffset}`, count);
      }
    }
  }
  return calls;
}

async function filesOf(journey: () => Promise<void>): Promise<readonly string[]> {
  await journey();
  let found: ReadonlySet<string> | undefined;
  for (let time = 0; time < TIMES; time++) {
    // What it has begun ends a while later.
    await sleep(5_000);
    await callsOf();
    const startMs = performance.now();
    await journey();
    const durationMs = performance.now() - startMs;
    const calls = await callsOf();
    await sleep(5_000);
    await callsOf();
    await sleep(durationMs);
    const rest = await callsOf();
    const more = [...calls].filter(([name, count]) => count > (rest.get(name) ?? 0));
    const files = new Set(more.map(([name]) => name.split(" ")[0] ?? ""));
    found = found?.intersection(files) ?? files;
  }
  return [...found ?? []].sort();
}

function report(name: string, files: readonly string[]): void {
  const rooms = Map.groupBy(files, roomOf);
  const below = ["core", "text", "os"].flatMap((room) => rooms.get(room) ?? []).length;
  process.stdout.write(
    `${name}: ${files.length} files in ${rooms.size} rooms, ${files.length - below} without ` +
      "those of core, text and os\n",
  );
  for (const [room, inside] of rooms) {
    const names = inside.map((file) => file.slice(room.length + 1)).join(" ");
    process.stdout.write(
      `  ${room.padEnd(14)} ${inside.length}${WITH_FILES ? `: ${names}` : ""}\n`,
    );
  }
}

// Before anything is loaded: V8 counts the calls of no function that it compiled earlier.
await post("Profiler.enable");
await post("Profiler.startPreciseCoverage", { callCount: true, detailed: false });
const { cli, processWorld } = await import("../mod/cli/mod.ts");
const { startContainerd } = await import("./support/containerd.ts");
const { eventually, TestNode } = await import("./support/node.ts");
const { textWorld } = await import("./support/world.ts");

const containerd = await startContainerd();
const node = await TestNode.create(containerd);
try {
  const write = (version: number) =>
    node.writePods(
      podYaml("web", {
        env: { VERSION: String(version) },
        script: "while true; do date; sleep 1; done",
      }) + podYaml("broken", { image: "absent:test", spec: "restartPolicy: Always" }),
    );
  write(0);
  const place = ["--config", node.configPath, "--socket", node.socket];
  const agent = cli(["serve", ...place, "--state-dir", node.stateDir], processWorld());
  const served = () => fetch(node.manifestUrl).then((answer) => answer.text());
  await eventually("the list", () => served().catch(() => undefined));
  await node.startKubelet(["--poll-interval", "500ms", "--time-factor", "0.3"]);
  let version = 0;

  report(
    "A changed file to the served bytes",
    await filesOf(async () => {
      version += 1;
      write(version);
      process.kill(process.pid, "SIGHUP");
      const wanted = `"value":"${version}"`;
      await eventually("the new bytes", async () => (await served()).includes(wanted) || undefined);
    }),
  );

  report(
    "podstead logs -f to the screen",
    await filesOf(async () => {
      const interrupt = new AbortController();
      // Not as root, who reads the files without the agent.
      const world = { ...textWorld({ interrupted: interrupt.signal }), uid: 1000 };
      const ended = cli(["logs", "-f", "--tail", "1", "web", ...place], world);
      await eventually(
        "two lines",
        () => Promise.resolve(world.written.stdout.split("\n").length > 2 || undefined),
      );
      interrupt.abort();
      await ended;
    }),
  );

  report(
    "podstead to the cause",
    await filesOf(async () => {
      const world = textWorld();
      await cli(place, world);
      if (!world.written.stdout.includes("broken")) throw new Error(world.written.stdout);
    }),
  );
  process.kill(process.pid, "SIGTERM");
  await agent;
} finally {
  await node.close();
  await containerd.cleanUp();
}
process.exit(0);
