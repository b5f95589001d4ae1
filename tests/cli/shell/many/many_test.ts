import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { formatGathered, NodeOutput } from "../../../../mod/cli/shell/many/gathered.ts";
import { Places } from "../../../../mod/cli/shell/many/links.ts";
import { readLogLine } from "../../../../mod/cli/shell/many/log_lines.ts";
import { ManyPrinter } from "../../../../mod/cli/shell/many/many_printer.ts";
import { LineCutter, prefixedLines } from "../../../../mod/cli/shell/many/prefixed.ts";
import { jointCode, minorsApart } from "../../../../mod/cli/shell/many/run.ts";
import { TimeMerge } from "../../../../mod/cli/shell/many/time_merge.ts";
import { takeGlobals } from "../../../../mod/cli/shell/globals.ts";
import { plainStyle } from "../../../../mod/text/mod.ts";
import { FakeClock, settle } from "../../../support/fake_clock.ts";
import { textWorld } from "../../../support/world.ts";

describe("takeGlobals()", () => {
  const cases: readonly (readonly string[])[] = [
    ["-N", "a,b", "get", "sp"],
    ["get", "sp", "-N", "a,b"],
    ["get", "-Na,b", "sp"],
    ["--nodes=a,b", "get", "sp"],
    ["get", "sp", "--nodes", "a,b"],
  ];
  for (const argv of cases) {
    it(`takes the nodes out of ${argv.join(" ")}`, () => {
      const { globals, rest } = takeGlobals(argv, {});
      assert.equal(globals.nodes, "a,b");
      assert.deepEqual(rest, ["get", "sp"]);
    });
  }
  it("leaves what stands after -- to the command", () => {
    const { globals, rest } = takeGlobals(["exec", "web", "--", "ls", "-N"], {});
    assert.equal(globals.nodes, undefined);
    assert.deepEqual(rest, ["exec", "web", "--", "ls", "-N"]);
  });
  it("refuses -N without nodes, and beside --socket", () => {
    assert.throws(() => takeGlobals(["get", "-N"], {}), /"-N" needs a value/);
    assert.throws(() => takeGlobals(["-N", "a", "--socket", "/x"], {}), /exclude each other/);
  });
});

describe("TimeMerge", () => {
  const merged = (sources: readonly string[], holdMs = 300) => {
    const clock = new FakeClock();
    const told: string[] = [];
    const merge = new TimeMerge<string>(sources, { clock, holdMs }, (text) => told.push(text));
    return { clock, told, merge };
  };
  it("waits for a slow source as long as it takes, if every source ends", async () => {
    const { clock, told, merge } = merged(["a", "b"], Infinity);
    merge.begin("b");
    await merge.add("a", 5, "a5");
    merge.end("a");
    await clock.advance(100_000);
    assert.deepEqual(told, []);
    await merge.add("b", 4, "b4");
    merge.end("b");
    assert.deepEqual(told, ["b4", "a5"]);
  });
  it("waits a moment for each source to begin, or to be known not to", async () => {
    const { told, merge } = merged(["a", "b", "c"]);
    await merge.add("a", 2, "a2");
    merge.begin("b");
    assert.deepEqual(told, []);
    merge.end("c");
    await merge.add("b", 1, "b1");
    await merge.add("b", 3, "b3");
    assert.deepEqual(told, ["b1", "a2"]);
    merge.close();
    assert.deepEqual(told, ["b1", "a2", "b3"]);
  });
  it("tells what there is while a source does not begin, which joins when it does", async () => {
    const { clock, told, merge } = merged(["a", "b", "dead"]);
    await merge.add("a", 2, "a2");
    await merge.add("b", 1, "b1");
    await clock.advance(900);
    assert.deepEqual(told, [], "it may be about to answer");
    await clock.advance(100);
    assert.deepEqual(told, ["b1", "a2"]);
    await merge.add("b", 9, "b9");
    await clock.advance(300);
    assert.deepEqual(told, ["b1", "a2", "b9"], "a later one waits for those that have begun");
    await merge.add("dead", 5, "d5");
    await merge.add("a", 10, "a10");
    await clock.advance(300);
    assert.deepEqual(told.slice(3), ["d5", "a10"]);
  });
  it("waits a moment for an earlier item of a silent source, and no longer", async () => {
    const { clock, told, merge } = merged(["a", "b"]);
    merge.begin("b");
    await merge.add("a", 5, "a5");
    await clock.advance(100);
    await merge.add("b", 4, "b4");
    assert.deepEqual(told, ["b4"]);
    await clock.advance(300);
    assert.deepEqual(told, ["b4", "a5"]);
  });
  it("puts what has ended into exact order", async () => {
    const times = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 5 }), async (all) => {
        const names = all.map((_, at) => `n${at}`);
        const told: number[] = [];
        const merge = new TimeMerge<number>(
          names,
          { clock: new FakeClock(), holdMs: Infinity },
          (time) => told.push(time),
        );
        for (const [at, list] of all.entries()) {
          merge.begin(names[at] ?? "");
          for (const time of list.toSorted((x, y) => x - y)) {
            await merge.add(names[at] ?? "", time, time);
          }
          merge.end(names[at] ?? "");
        }
        assert.deepEqual(told, all.flat().sort((x, y) => x - y));
      }),
    );
  });
});

describe("LineCutter", () => {
  it("cuts chunks of any size into the same lines", () => {
    fc.assert(fc.property(fc.array(fc.string()), fc.integer({ min: 1, max: 9 }), (lines, size) => {
      const text = Buffer.from(lines.map((line) => `${line.replaceAll("\n", "")}\n`).join(""));
      const cutter = new LineCutter();
      const cut: string[] = [];
      for (let at = 0; at < text.length; at += size) {
        cut.push(...cutter.push(text.subarray(at, at + size)).map(String));
      }
      assert.equal(cutter.end(), undefined);
      assert.equal(cut.join(""), text.toString());
      assert.equal(cut.length, lines.length);
    }));
  });
  it("gives the last line its line feed", () => {
    let told = "";
    const { write, end } = prefixedLines("a: ", (text) => told += text);
    write("one\ntw");
    write("o");
    end();
    assert.equal(told, "a: one\na: two\n");
  });
});

describe("formatGathered()", () => {
  const columns = [
    { header: "NODE", cell: () => "10.0.0.1" },
    { header: "ID", cell: (id: unknown) => String(id) },
  ];
  const output = (node: string, more: Partial<NodeOutput>) =>
    Object.assign(new NodeOutput(node), more);
  it("makes one table, with the names that nodes were called by", async () => {
    const table = await formatGathered([
      output("a", { tables: [{ columns, rows: ["x", "long-name"], look: { wide: false } }] }),
      output("dead", {}),
      output("bb", { tables: [{ columns, rows: ["y"], look: { wide: false } }] }),
    ], plainStyle);
    assert.equal(table, "NODE   ID\na      x\na      long-name\nbb     y\n");
  });
  it("makes one document, with an item for each error", async () => {
    const json = await formatGathered([
      output("a", {
        document: { output: { kind: "json" }, value: { items: [{ id: 1, node: "x" }] } },
      }),
      output("b", { document: { output: { kind: "json" }, value: { state: "well" } } }),
      output("c", { error: { code: "agent-unreachable", message: "it is dead" } }),
    ], plainStyle);
    assert.deepEqual(JSON.parse(json), {
      apiVersion: "podstead.dev/v1",
      kind: "List",
      items: [
        { id: 1, node: "a" },
        { state: "well", node: "b" },
        { node: "c", error: { code: "agent-unreachable", message: "it is dead" } },
      ],
    });
  });
  it("writes lines below one another, and longer texts under the node's name", async () => {
    const lines = [output("a", { text: "well\n" }), output("long", { text: "unwell\n" })];
    assert.equal(await formatGathered(lines, plainStyle), "a:    well\nlong: unwell\n");
    const texts = [output("a", { text: "one\ntwo\n" }), output("b", { text: "one\n" })];
    assert.equal(await formatGathered(texts, plainStyle), "node a\none\ntwo\n\nnode b\none\n");
  });
});

describe("jointCode()", () => {
  const cases: readonly (readonly [
    ends: readonly (readonly [code: number, error?: true])[],
    code: number,
  ])[] = [
    [[[0], [0]], 0],
    [[[69, true], [69, true]], 69],
    [[[0], [69, true]], 1],
    [[[2], [0]], 2],
    [[[2], [1]], 1],
    [[[0], [78]], 78],
    [[[77, true]], 77],
  ];
  for (const [ends, code] of cases) {
    it(`is ${code} for ${JSON.stringify(ends)}`, () => {
      const list = ends.map(([one, error]) => ({ code: one, ...(error ? { error } : {}) }));
      assert.equal(jointCode(list), code);
    });
  }
});

describe("minorsApart()", () => {
  it("counts minors, and takes another major for far away", () => {
    assert.equal(minorsApart("0.1.0", "0.1.7"), 0);
    assert.equal(minorsApart("0.2.0", "0.1.0"), 1);
    assert.equal(minorsApart("0.1.0", "0.3.0"), 2);
    assert.ok(minorsApart("1.0.0", "0.9.0") > 1);
  });
});

describe("readLogLine()", () => {
  const style = { format: "text", timestamps: false, several: false, raw: false } as const;
  const json = '{"time":"2026-11-30T14:30:07.250Z","stream":"stdout","pod":"default/web",' +
    '"container":"c","attempt":0,"message":"hello"}\n';
  it("shows messages, with the time and the container where they are wanted", () => {
    const timeMs = Date.parse("2026-11-30T14:30:07.250Z");
    assert.deepEqual(readLogLine(json, "a", style), { timeMs, text: "hello\n" });
    assert.equal(
      readLogLine(json, "a", { ...style, timestamps: true, several: true }).text,
      "default/web:c: 2026-11-30T14:30:07.250Z hello\n",
    );
    const asJson = readLogLine(json, "a", { ...style, format: "json" }).text;
    assert.equal(JSON.parse(asJson).node, "a");
  });
  it("puts no address before a raw line: the node stands there", () => {
    const raw = "10.0.0.1: 2026-11-30T14:30:07.250123456Z stdout F hello: you\n";
    const { timeMs, text } = readLogLine(raw, "a", { ...style, format: "raw" });
    assert.equal(timeMs, Date.parse("2026-11-30T14:30:07.250Z"));
    assert.equal(text, "2026-11-30T14:30:07.250123456Z stdout F hello: you\n");
  });
  it("shows what is no line of a log as it is", () => {
    assert.deepEqual(readLogLine("cut of", "a", style), { timeMs: undefined, text: "cut of" });
  });
});

describe("ManyPrinter", () => {
  const printing = (nodes: readonly string[]) => {
    const { stdout, written } = textWorld();
    const clock = new FakeClock();
    const many = new ManyPrinter(nodes, { stdout, style: plainStyle, clock, live: true });
    const options = {
      columns: [{ header: "NODE", cell: () => "" }, { header: "ID", cell: (id: string) => id }],
      key: (id: string) => id,
    };
    return { many, clock, written, options };
  };
  it("begins a watched table when it is known of each node whether it has one", async () => {
    const { many, written, options } = printing(["a", "b"]);
    const first = many.of(new NodeOutput("a")).watch({ ...options, first: ["a-long-one"] });
    first.update([{ change: "added", row: "x" }]);
    assert.equal(written.stdout, "");
    many.ended("b");
    await settle();
    assert.equal(written.stdout, "NODE   *   ID\na      +   x\n");
  });
  it("begins it without a node that does not answer, which joins when it does", async () => {
    const { many, clock, written, options } = printing(["a", "b"]);
    many.of(new NodeOutput("a")).watch(options).update([{ change: "added", row: "x" }]);
    await clock.advance(1_000);
    assert.equal(written.stdout, "NODE   *   ID\na      +   x\n");
    many.of(new NodeOutput("b")).watch(options).update([{ change: "added", row: "y" }]);
    assert.equal(written.stdout, "NODE   *   ID\na      +   x\nb      +   y\n");
  });
  it("waits a moment only for a node that has no rows", async () => {
    const { many, clock, written } = printing(["a", "b"]);
    const columns = [{ header: "AT", cell: (at: number) => String(at) }];
    const look = { wide: false, header: false, timeMs: (at: number) => at };
    const rows = many.of(new NodeOutput("a")).rows(columns, look);
    many.of(new NodeOutput("b")).rows(columns, look);
    rows.print([1]);
    await clock.advance(300);
    assert.equal(written.stdout, "a   1\n");
  });
});

describe("Places", () => {
  it("lets as many in as there are, and the next when one leaves", async () => {
    const places = new Places(2);
    const [first] = await Promise.all([places.take(), places.take()]);
    let third = false;
    const waiting = places.take().then(() => third = true);
    await settle();
    assert.equal(third, false);
    await first?.[Symbol.asyncDispose]();
    await waiting;
    assert.equal(third, true);
  });
});
