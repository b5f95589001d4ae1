import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Overview, PodSummary } from "../../../../mod/api/contract/mod.ts";
import { frameOf } from "../../../../mod/cli/commands/top/frame.ts";
import { readKeys } from "../../../../mod/cli/commands/top/keys.ts";
import {
  initialState,
  reduce,
  rowsOf,
  type TopEvent,
  type TopState,
} from "../../../../mod/cli/commands/top/model.ts";
import { createStyle, displayWidth, plainStyle } from "../../../../mod/text/mod.ts";

function pod(name: string, state: PodSummary["state"], restarts = 0): PodSummary {
  return {
    id: `default/${name}-node-1`,
    ready: state === "holds" ? "True" : "False",
    phase: "Running",
    reason: state === "holds" ? "" : "CrashLoopBackOff",
    drift: "Current",
    containers: "1/1",
    restarts,
    well: state === "holds",
    state,
    text: "",
    images: [`registry.example.org/${name}:1`],
  };
}

function overview(...pods: readonly PodSummary[]): TopEvent {
  const all: Overview = { state: "unwell", links: [], causes: [], pods };
  return { kind: "overview", overview: all };
}

const START = initialState({ sort: "worst", filter: "" });
const after = (state: TopState, ...events: readonly TopEvent[]) => events.reduce(reduce, state);
const keys = (...names: readonly string[]) =>
  names.map((key): TopEvent => ({ kind: "key", key, pageRows: 5 }));
const names = (state: TopState) => rowsOf(state).map(({ pod }) => pod.id.split(/[/-]/)[1]);

const PODS = [pod("web", "holds", 7), pod("db", "broken", 1), pod("cache", "unknown")];

describe("readKeys()", () => {
  for (
    const [text, wanted] of [
      ["qj", ["q", "j"]],
      ["\u001b[A\u001b[B\u001bOA", ["up", "down", "up"]],
      ["\u001b[5~\u001b[6~\u001b[H\u001b[4~", ["page-up", "page-down", "home", "end"]],
      ["\u001b", ["escape"]],
      ["\r\u007f\u0003\u0004", ["enter", "backspace", "ctrl-c", "ctrl-c"]],
      ["\u001b[200~a\u001b[1;5C\u0001", ["a"]],
      ["日é", ["日", "é"]],
    ] as const
  ) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(readKeys(text), wanted));
  }
});

describe("reduce()", () => {
  it("has the worst first and selects it", () => {
    const state = after(START, overview(...PODS));
    assert.deepEqual(names(state), ["db", "cache", "web"]);
    assert.equal(state.selected, "default/db-node-1");
  });

  it("keeps the selection on its pod while the order changes, and leaves one that has gone", () => {
    const moved = after(START, overview(...PODS), ...keys("down", "s"));
    assert.equal(moved.selected, "default/cache-node-1");
    const worse = after(moved, overview(pod("web", "broken"), ...PODS.slice(1)));
    assert.equal(worse.selected, "default/cache-node-1");
    const gone = after(worse, overview(...PODS.slice(0, 2)));
    assert.equal(gone.selected, rowsOf(gone)[0]?.pod.id);
    const none = after(gone, overview());
    assert.equal(none.selected, undefined);
  });

  it("sorts by what is asked for", () => {
    const state = after(initialState({ sort: "restarts", filter: "" }), overview(...PODS));
    assert.deepEqual(names(state), ["web", "db", "cache"]);
  });

  it("filters while it is typed, and shows all again after an escape", () => {
    const typing = after(START, overview(...PODS), ...keys("/", "w", "e", "q", "backspace"));
    assert.deepEqual(names(typing), ["web"]);
    assert.equal(typing.isOver, false, "q is a letter of the filter");
    assert.equal(typing.selected, "default/web-node-1");
    assert.deepEqual(names(after(typing, ...keys("escape"))), ["db", "cache", "web"]);
    assert.deepEqual(names(after(typing, ...keys("enter", "escape"))), ["db", "cache", "web"]);
  });

  it("shows nothing of another pod in the pane", () => {
    const of = "default/web-node-1";
    const state = after(START, overview(...PODS), { kind: "more", of, lines: ["late"] });
    assert.deepEqual(state.lines, []);
  });

  it("keeps the place of who reads earlier lines while new ones come", () => {
    const of = "default/db-node-1";
    const more = (count: number): TopEvent => ({
      kind: "more",
      of,
      lines: Array.from({ length: count }, (_, at) => `${at}`),
    });
    const state = after(START, overview(...PODS), more(50), ...keys("page-up"), more(3));
    assert.equal(state.linesBelow, 8);
    assert.equal(after(state, ...keys("page-down", "page-down")).linesBelow, 0);
  });

  for (const key of ["q", "ctrl-c"]) {
    it(`ends by ${key}, also out of the keys' page`, () => {
      assert.equal(after(START, ...keys("?", key)).isOver, true);
    });
  }
});

describe("frameOf()", () => {
  const hostile = "\u001b[2J\u001b]0;owned\u0007\u009b31m日本語\u202e";
  const of = "default/db-node-1";
  const state = after(
    START,
    { kind: "pods", pods: { node: "10.0.0.1", nodeName: "node-1", pods: [] } },
    overview({ ...pod("db", "broken"), reason: hostile }, pod(hostile, "unknown"), ...PODS),
    { kind: "more", of, lines: [hostile, "x".repeat(300), "\ttab"] },
    { kind: "failed", message: hostile },
  );
  const states: readonly (readonly [string, TopState])[] = [
    ["the list", state],
    ["before the first answer", START],
    ["a zoomed log", after(state, ...keys("z"))],
    ["the keys", after(state, ...keys("?"))],
    ["a filter", after(state, ...keys("/", "日", "w"))],
    ["nothing at all", after(START, overview())],
  ];
  for (const [what, shown] of states) {
    it(`fits every terminal with ${what}, and obeys nothing that comes from elsewhere`, () => {
      for (const columns of [1, 10, 40, 80, 200]) {
        for (const rows of [1, 3, 5, 12, 24, 60]) {
          for (const style of [plainStyle, createStyle(true)]) {
            const hasColor = style !== plainStyle;
            const lines = frameOf(shown, { columns, rows, style, hasColor, nowMs: 0 });
            assert.equal(lines.length, rows);
            for (const line of lines) {
              // deno-lint-ignore no-control-regex -- our own colours are taken out
              const plain = line.replace(/\u001b\[\d+m/g, "");
              assert.ok(displayWidth(plain) <= columns, `${columns}: ${plain}`);
              // deno-lint-ignore no-control-regex -- they are what is looked for
              assert.doesNotMatch(plain, /[\u0000-\u001f\u007f-\u009f\u202e]/);
              assert.ok(hasColor || plain === line, "no colour where none is wanted");
            }
          }
        }
      }
    });
  }
});
