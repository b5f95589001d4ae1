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
import { podsteadCommand } from "../support/node.ts";
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
