import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createWatchPrinter, type WatchOptions } from "../../mod/text/mod.ts";

interface Row {
  readonly id: string;
  readonly version: number;
}

const options: WatchOptions<Row> = {
  key: (row) => row.id,
  columns: [
    { header: "NODE", cell: () => "n1" },
    { header: "ID", cell: (row) => row.id },
    { header: "VERSION", cell: (row) => String(row.version) },
  ],
};

function target(isTTY: boolean, rows = 24) {
  const written: string[] = [];
  return {
    written,
    isTTY,
    write: (text: string) => void written.push(text),
    size: () => ({ columns: 80, rows }),
  };
}

describe("createWatchPrinter()", () => {
  it("appends one row per change where there is no terminal", () => {
    const out = target(false);
    const printer = createWatchPrinter(out, { ...options, mode: "redraw" });
    printer.update([{ change: "added", row: { id: "default-web", version: 1 } }]);
    printer.update([{ change: "changed", row: { id: "default-web", version: 2 } }]);
    printer.update([{ change: "removed", row: { id: "default-web", version: 2 } }]);
    assert.equal(
      out.written.join(""),
      `NODE   *   ID            VERSION
n1     +   default-web   1
n1         default-web   2
n1     -   default-web   2
`,
    );
  });

  it("aligns the first rows although each comes by itself", () => {
    const out = target(false);
    const first = [{ id: "a", version: 1 }, { id: "default-web", version: 10 }];
    const printer = createWatchPrinter(out, { ...options, first });
    for (const row of first) printer.update([{ change: "added", row }]);
    assert.equal(
      out.written.join(""),
      `NODE   *   ID            VERSION
n1     +   a             1
n1     +   default-web   10
`,
    );
  });

  it("redraws in place on a terminal and drops a removed row after it was seen", () => {
    const out = target(true);
    const printer = createWatchPrinter(out, options);
    printer.update([
      { change: "added", row: { id: "a", version: 1 } },
      { change: "added", row: { id: "b", version: 1 } },
    ]);
    printer.update([{ change: "removed", row: { id: "a", version: 1 } }]);
    printer.update([{ change: "changed", row: { id: "b", version: 2 } }]);
    assert.deepEqual(out.written, [
      "\r\x1b[JNODE   *   ID   VERSION\nn1     +   a    1\nn1     +   b    1\n",
      "\x1b[3A\r\x1b[JNODE   *   ID   VERSION\nn1     -   a    1\nn1         b    1\n",
      "\x1b[3A\r\x1b[JNODE   *   ID   VERSION\nn1         b    2\n",
    ]);
  });

  it("appends on a terminal when told to", () => {
    const out = target(true);
    createWatchPrinter(out, { ...options, mode: "append" }).update([
      { change: "added", row: { id: "a", version: 1 } },
    ]);
    assert.equal(out.written.join(""), "NODE   *   ID   VERSION\nn1     +   a    1\n");
  });

  it("never draws more than the terminal holds", () => {
    const out = target(true, 5);
    createWatchPrinter(out, options).update(
      Array.from({ length: 9 }, (_, index) => ({
        change: "added" as const,
        row: { id: `p${index}`, version: 1 },
      })),
    );
    const lines = out.written.join("").trimEnd().split("\n");
    assert.equal(lines.length, 4);
    assert.equal(lines.at(-1), "… 7 more");
  });
});
