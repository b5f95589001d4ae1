import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  type Column,
  createStyle,
  createTableWriter,
  displayWidth,
  formatAge,
  formatTable,
  oneLine,
  wantsColor,
} from "../../mod/text/mod.ts";

type Row = readonly string[];
const columns = (...headers: string[]): Column<Row>[] =>
  headers.map((header, index) => ({ header, cell: (row) => row[index] ?? "" }));

describe("formatTable()", () => {
  it("prints `get staticpods` as the documentation page does", () => {
    const row = (id: string) => ["172.20.0.3", "k8s", "StaticPod", id, "1"];
    assert.equal(
      formatTable(columns("node", "namespace", "type", "id", "version"), [
        row("default-nginx"),
        row("kube-apiserver"),
        row("kube-controller-manager"),
        row("kube-scheduler"),
      ]),
      `NODE         NAMESPACE   TYPE        ID                        VERSION
172.20.0.3   k8s         StaticPod   default-nginx             1
172.20.0.3   k8s         StaticPod   kube-apiserver            1
172.20.0.3   k8s         StaticPod   kube-controller-manager   1
172.20.0.3   k8s         StaticPod   kube-scheduler            1
`,
    );
  });

  it("prints `containers -k` as the page does: an empty last cell leaves no blanks", () => {
    const sandbox = "default/nginx-talos-default-controlplane-2";
    const child = `└─ ${sandbox}:nginx:4183a7d7a771`;
    const text = formatTable(columns("NODE", "NAMESPACE", "ID", "IMAGE", "PID", "STATUS"), [
      ["172.20.0.3", "k8s.io", sandbox, "registry.k8s.io/pause:3.6", "4886", "SANDBOX_READY"],
      ["172.20.0.3", "k8s.io", child, "docker.io/library/nginx:latest", "", ""],
    ]);
    const [header, first, second] = text.split("\n");
    const idWidth = [...child].length;
    const cell = (value: string, width: number) => value.padEnd(width + 3);
    assert.equal(
      header,
      `NODE         NAMESPACE   ${cell("ID", idWidth)}${cell("IMAGE", 30)}PID    STATUS`,
    );
    assert.equal(
      first,
      `172.20.0.3   k8s.io      ${cell(sandbox, idWidth)}${
        cell("registry.k8s.io/pause:3.6", 30)
      }4886   SANDBOX_READY`,
    );
    assert.equal(second, `172.20.0.3   k8s.io      ${child}   docker.io/library/nginx:latest`);
  });

  it("narrows the gaps first, then cuts the widest columns, and no line is longer", () => {
    const image: Column<Row> = { header: "IMAGE", cell: (row) => row[1] ?? "", cut: "start" };
    const table = (maxWidth: number) =>
      formatTable([...columns("NAME"), image], [
        ["default/nginx", "registry.example.org/team/nginx:1.27"],
        ["a", "b:1"],
      ], { maxWidth });
    assert.equal(table(52).split("\n")[1], "default/nginx   registry.example.org/team/nginx:1.27");
    assert.equal(table(50).split("\n")[1], "default/nginx registry.example.org/team/nginx:1.27");
    assert.deepEqual(table(30).split("\n"), [
      "NAME          IMAGE",
      "default/nginx …team/nginx:1.27",
      "a             b:1",
      "",
    ]);
    for (const width of [80, 40, 24, 16, 9]) {
      const longest = Math.max(...table(width).split("\n").map(displayWidth));
      assert.ok(longest <= width, `${longest} columns on a terminal of ${width}`);
    }
  });

  it("counts wide characters as two where it cuts", () => {
    const text = formatTable(columns("N"), [["日本語日本語"]], { maxWidth: 7 });
    assert.equal(text, "N\n日本語…\n");
  });

  it("prints the header alone without rows, and nothing at all without both", () => {
    assert.equal(formatTable(columns("a", "b"), []), "A   B\n");
    assert.equal(formatTable(columns("a", "b"), [], { header: false }), "");
  });

  it("shows wide columns only when asked", () => {
    const [first, second] = columns("a", "b");
    assert.ok(first && second);
    const some = [first, { ...second, wide: true }];
    assert.equal(formatTable(some, [["1", "2"]]), "A\n1\n");
    assert.equal(formatTable(some, [["1", "2"]], { wide: true }), "A   B\n1   2\n");
  });

  it("aligns wide and combining characters by what a terminal shows", () => {
    assert.equal(
      formatTable(columns("a", "b"), [["日本", "x"], ["é", "y"]]),
      "A      B\n日本   x\né      y\n",
    );
  });

  it("lets no cell break its line or reach the terminal's controls", () => {
    assert.equal(
      formatTable(columns("a", "b"), [["one\ntwo", "\x1b[2Jgone\u202e"]]),
      "A          B\none\\ntwo   \\u001b[2Jgone\\u202e\n",
    );
  });

  it("pads by the visible text when cells have a look", () => {
    const [first, second] = columns("a", "b");
    assert.ok(first && second);
    assert.equal(
      formatTable([{ ...first, look: () => "red" }, second], [["x", "y"]], {
        style: createStyle(true),
        header: false,
      }),
      "\x1b[31mx\x1b[39m   y\n",
    );
  });
});

describe("createTableWriter()", () => {
  it("prints the header once and keeps the widths it had", () => {
    const writer = createTableWriter(columns("a", "b"));
    assert.equal(writer.format([["long-one", "1"]]), "A          B\nlong-one   1\n");
    assert.equal(writer.format([["s", "2"]]), "s          2\n");
    assert.equal(writer.format([["much-longer", "3"]]), "much-longer   3\n");
    assert.equal(writer.format([["s", "4"]]), "s             4\n");
  });
});

describe("oneLine() and displayWidth()", () => {
  it("leave ordinary text alone", () => {
    assert.equal(oneLine("├─ default/nginx:é 日本"), "├─ default/nginx:é 日本");
    assert.equal(displayWidth("└─ x"), 4);
    assert.equal(displayWidth("日本"), 4);
  });
  it("escape C0, C1 and direction controls", () => {
    assert.equal(oneLine("a\tb\r\x00\x9b\u2066"), "a\\tb\\r\\u0000\\u009b\\u2066");
  });
});

describe("wantsColor()", () => {
  const cases: [Parameters<typeof wantsColor>[0], boolean, Record<string, string>, boolean][] = [
    ["auto", true, {}, true],
    ["auto", false, {}, false],
    ["auto", true, { NO_COLOR: "1" }, false],
    ["auto", true, { NO_COLOR: "" }, true],
    ["auto", true, { TERM: "dumb" }, false],
    ["always", false, { NO_COLOR: "1" }, true],
    ["never", true, {}, false],
  ];
  for (const [mode, isTTY, env, wanted] of cases) {
    it(`is ${wanted} for --color ${mode}, TTY ${isTTY}, ${JSON.stringify(env)}`, () => {
      assert.equal(wantsColor(mode, { isTTY, env }), wanted);
    });
  }
});

describe("formatAge()", () => {
  const now = 1_700_000_000_000;
  const cases: [number | undefined, string][] = [
    [undefined, "-"],
    [NaN, "-"],
    [now, "0s"],
    [now + 5000, "0s"],
    [now - 999, "0s"],
    [now - 17_400, "17s"],
    [now - 190_000, "3m10s"],
    [now - 4 * 86_400_000, "4d"],
  ];
  for (const [since, wanted] of cases) {
    it(`gives ${wanted} for ${since === undefined ? "unknown" : `${now - since} ms ago`}`, () => {
      assert.equal(formatAge(since, now), wanted);
    });
  }
});
