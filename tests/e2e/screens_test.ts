/**
 * Screens as people see them, on real terminals of several sizes. Run with UPDATE_GOLDENS=1 to
 * write fixtures/screens anew. Nothing here depends on time: the node is made up, its ages are
 * days, and a screen is read when its command has ended.
 */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type FakeAgent, startFakeAgent } from "../support/fake_agent.ts";
import { podsteadCommand, runPodstead } from "../support/node.ts";
import { podsWith, storyHandlers } from "../support/node_story.ts";
import { describeOnTerminal, Terminal } from "../support/tmux.ts";

const SIZES = [[80, 24], [120, 40]] as const;

/** Each screen: its name, how many pods are unwell, what is typed, and where. */
const SCREENS: readonly {
  readonly name: string;
  readonly unwell: number;
  readonly line: string;
  readonly sizes?: readonly (readonly [columns: number, rows: number])[];
  readonly env?: Readonly<Record<string, string>>;
}[] = [
  { name: "healthy", unwell: 0, line: "" },
  { name: "one-unwell", unwell: 1, line: "" },
  { name: "five-unwell", unwell: 5, line: "" },
  { name: "ten-unwell", unwell: 10, line: "" },
  { name: "get-pods", unwell: 2, line: "get pods" },
  { name: "get-pods-wide", unwell: 2, line: "get pods -o wide" },
  { name: "get-staticpodstatus", unwell: 1, line: "get staticpodstatus" },
  { name: "containers", unwell: 1, line: "containers -k" },
  { name: "health", unwell: 1, line: "health" },
  { name: "narrow", unwell: 2, line: "get pods", sizes: [[40, 12]] },
  { name: "no-color", unwell: 2, line: "", sizes: [[80, 24]], env: { NO_COLOR: "1" } },
];

const quoted = (word: string) => `'${word}'`;

/** What is typed, for `sh`. */
function lineOf(line: string, socket: string): string {
  const words = [...podsteadCommand(), ...line.split(" ").filter((word) => word !== "")];
  return [...words, "--socket", socket].map(quoted).join(" ");
}

/** The one process that a shell has started. */
function childOf(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}

function compareGolden(name: string, screen: string): void {
  const path = fileURLToPath(new URL(`../../fixtures/screens/${name}.txt`, import.meta.url));
  if (process.env["UPDATE_GOLDENS"] === "1") {
    mkdirSync(new URL("../../fixtures/screens", import.meta.url), { recursive: true });
    writeFileSync(path, `${screen}\n`);
  }
  assert.equal(
    `${screen}\n`,
    readFileSync(path, "utf8"),
    `${name}: UPDATE_GOLDENS=1 writes it anew`,
  );
}

describeOnTerminal("screens", () => {
  const agents = new Map<number, FakeAgent>();
  before(async () => {
    for (const { unwell } of SCREENS) {
      if (!agents.has(unwell)) {
        agents.set(unwell, await startFakeAgent(storyHandlers(podsWith(unwell))));
      }
    }
  });
  after(async () => {
    for (const agent of agents.values()) await agent[Symbol.asyncDispose]();
  });

  for (const { name, unwell, line, sizes = SIZES, env = {} } of SCREENS) {
    for (const [columns, rows] of sizes) {
      it(`shows ${name} on ${columns} by ${rows}`, async () => {
        const socket = agents.get(unwell)?.socket ?? assert.fail("no agent");
        using terminal = new Terminal(lineOf(line, socket), { columns, rows, env });
        const screen = await terminal.ended();
        // A wrapped line would reach the last column and go on in the next line.
        compareGolden(`${name}.${columns}x${rows}`, screen);
        const isColoured = terminal.colouredScreen().includes("\u001b[3");
        assert.equal(isColoured, env["NO_COLOR"] === undefined, "colour");
      });
    }
  }

  /** `top` of a node with so many unwell pods. */
  const top = (unwell: number, columns: number, rows: number, env = {}) =>
    new Terminal(
      lineOf("top --interval 1h", agents.get(unwell)?.socket ?? assert.fail("no agent")),
      {
        columns,
        rows,
        env,
      },
    );
  /** Whether all that it shows of its own accord is there: verdict, use and the selected log. */
  const isComplete = (log: string) => (screen: string) =>
    /pods (not )?we/.test(screen) && /0\.125/.test(screen) && screen.includes(log) &&
    !screen.includes("\n…\n");

  for (const [columns, rows] of SIZES) {
    it(`shows top on ${columns} by ${rows}, the worst first`, async () => {
      using terminal = top(5, columns, rows);
      const screen = await terminal.until("top is complete", isComplete("cannot reach the queue"));
      compareGolden(`top.${columns}x${rows}`, screen);
    });
  }

  it("shows top without colour, with the selected pod marked all the same", async () => {
    using terminal = top(2, 80, 24, { NO_COLOR: "1" });
    const screen = await terminal.until("top is complete", isComplete("cannot reach the queue"));
    compareGolden("top-no-color.80x24", screen);
    assert.ok(!["\u001b[3", "\u001b[7"].some((code) => terminal.colouredScreen().includes(code)));
  });

  it("shows top on a narrow terminal, and anew when its size changes", async () => {
    using terminal = top(2, 40, 12);
    await terminal.until("top is complete", isComplete("cannot reach"));
    compareGolden("top.40x12", terminal.screen());
    terminal.resize(80, 24);
    const screen = await terminal.until(
      "top fills its new size",
      (text) => text.split("\n").length === 24 && isComplete("cannot reach the queue")(text),
    );
    compareGolden("top-resized.80x24", screen);
  });

  it("moves, describes, filters and ends by keys, and gives the terminal back", async () => {
    using terminal = top(2, 80, 24);
    const shows = (what: string) => terminal.until(what, (screen) => screen.includes(what));
    await shows("logs of apps/worker-1-node-1");
    terminal.type("Down");
    await shows("logs of apps/worker-2-node-1");
    terminal.type("d");
    await shows("describe of apps/worker-2-node-1");
    await shows("Next   Check its name");
    terminal.type("e");
    await shows("The container of worker-2 started");
    terminal.type("?");
    await shows("Keys of podstead top");
    terminal.type("x", "/", "s", "c", "h", "e", "d");
    await shows("/sched");
    await shows("of kube-system/kube-scheduler-node-1");
    assert.doesNotMatch(terminal.screen(), /worker/);
    terminal.type("Enter", "c");
    await shows("└─ main");
    assert.equal(terminal.state("#{alternate_on} #{cursor_flag}"), "1 0");
    terminal.type("q");
    assert.equal(await terminal.ended(), "[exit 0]");
    assert.equal(terminal.state("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
  });

  for (const signal of ["TERM", "HUP", "INT"]) {
    it(`gives the terminal back when it is ended by SIG${signal}`, async () => {
      using terminal = top(1, 80, 24);
      await terminal.until("top runs", (screen) => screen.includes("logs of apps/worker-1"));
      const shell = Number(terminal.state("#{pane_pid}"));
      process.kill(childOf(shell), `SIG${signal}`);
      assert.match(await terminal.ended(), /^\[exit 0\]$/);
      assert.equal(terminal.state("#{alternate_on} #{cursor_flag} #{wrap_flag}"), "0 1 1");
    });
  }

  it("refuses to run top where there is no terminal", async () => {
    const { code, stderr } = await runPodstead(["top"]);
    assert.equal(code, 64);
    assert.match(stderr, /^error: top needs a terminal .*\n {2}Once, for scripts: podstead stats/);
  });

  for (const [columns, rows] of SIZES) {
    it(`shows get-pods-watched on ${columns} by ${rows}`, async () => {
      const socket = agents.get(2)?.socket ?? assert.fail("no agent");
      using terminal = new Terminal(lineOf("get pods -w", socket), { columns, rows });
      const screen = await terminal.until(
        "the last pod is there",
        (text) => text.includes("apps/worker-2"),
      );
      compareGolden(`get-pods-watched.${columns}x${rows}`, screen);
    });
  }
});
