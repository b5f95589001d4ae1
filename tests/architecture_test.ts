/** Holds the layers: imports go one way, folders have one door, runtimes stay in mod/os. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { LAYERS, roomOf, SIDE_DOORS } from "./layers.ts";

const MOD = fileURLToPath(new URL("../mod/", import.meta.url));

interface Import {
  readonly file: string;
  /** Relative to `mod/`. */
  readonly target: string;
}

const files = readdirSync(MOD, { recursive: true, encoding: "utf8" })
  .filter((file) => /\.tsx?$/.test(file))
  .sort();

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(MOD, file), "utf8");
  // `import()` too: what is loaded later closes a circle as well.
  return [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(([, path]) => ({
    file,
    target: relative(MOD, join(MOD, file, "..", path ?? "")),
  }));
});

/** Import and re-export statements that are there when the program runs. */
const STATIC_VALUE_IMPORT = /^(?:import|export)(?! type)[^;]*? from "([^"]+)"/gm;

const source = (file: string) => readFileSync(join(MOD, file), "utf8");

/** Files at one level of a folder. */
const MAX_FILES = 25;

/** Lines of a function, from its first to its closing brace. */
const MAX_FUNCTION_LINES = 90;

/** What belongs to the outside of the program, and where it may be named. */
const OUTSIDE: readonly (readonly [what: string, pattern: RegExp, allowed: readonly string[]])[] = [
  ["Deno and Bun", /\b(?:Deno|Bun)\.|from "bun/, ["os/"]],
  [
    "the clock of the machine",
    /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/,
    [
      "os/",
      "core/clock.ts",
      "cli/shell/",
    ],
  ],
  [
    // It asks the proxy that the environment names, also for 127.0.0.1.
    "fetch",
    /(?:await|return|[=(])\s*fetch\(/,
    ["os/local_get.ts", "ui/assets/script.ts"],
  ],
  [
    "the process",
    /(?<![.\w])process\.(?!exitCode)/,
    [
      "os/",
      "cli/shell/",
      // Signals, and whose process asks: what a running agent is.
      "serve/",
      // Programs of their own, which make files of this repository.
      "controlplane/flags/generate.ts",
      "grpc/proto/generate.ts",
      // Loads a module where something is painted, and not with every command.
      "text/paint.ts",
    ],
  ],
];

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
}

function lineAfter(
  lines: readonly string[],
  at: number,
  wanted: (line: string) => boolean,
): number {
  let index = at + 1;
  while (index < lines.length && !wanted(lines[index] ?? "")) index += 1;
  return index;
}

/** Names of functions and methods that are too long, by the layout that `deno fmt` gives. */
function longFunctions(text: string): readonly string[] {
  const lines = text.split("\n");
  const start = /^(\s*)(?=\S)(?!(?:if|for|while|switch|catch|return|describe|it)\b)(.*\)?.*[({])$/;
  return lines.flatMap((line, at) => {
    const [, indent = "", head = ""] = start.exec(line) ?? [];
    if (head === "") return [];
    const closing = lineAfter(
      lines,
      at,
      (other) => other.startsWith(`${indent})`) || other.startsWith(`${indent}}`),
    );
    // A signature over several lines ends in `): T {`.
    const opens = head.endsWith("{") ? at : closing;
    const signature = opens === at ? head : `${head}${lines[opens] ?? ""}`;
    if (!/(?:function\b.*\)|^[\w\s*#]+(?:<.*>)?\(.*\)|=>)[^=]*\{$/.test(signature)) return [];
    const end = lineAfter(lines, opens, (other) => other.startsWith(`${indent}}`));
    return end - at + 1 > MAX_FUNCTION_LINES ? [head.replace(/[({]+$/, "").trim()] : [];
  });
}

describe("mod/", () => {
  it("imports one way", () => {
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [roomOf(file), roomOf(target)];
      if (from === to || target.startsWith("..")) return false;
      const allowed = LAYERS[from]?.imports ?? [];
      return !allowed.includes("*") && !allowed.includes(to);
    });
    assert.deepEqual(wrong, []);
  });

  it("lets folders be entered through their mod.ts only", () => {
    const wrong = imports.filter(({ file, target }) =>
      roomOf(file) !== roomOf(target) && !target.startsWith("..") &&
      target !== `${roomOf(target)}/mod.ts` && !SIDE_DOORS.includes(target)
    );
    assert.deepEqual(wrong, []);
  });

  it("has no circle of imports", () => {
    const graph = Map.groupBy(imports, ({ file }) => file);
    const done = new Set<string>();
    const circles: string[] = [];
    const visit = (file: string, path: readonly string[]): void => {
      const at = path.indexOf(file);
      if (at >= 0) circles.push([...path.slice(at), file].join(" → "));
      if (at >= 0 || done.has(file)) return;
      for (const { target } of graph.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    assert.deepEqual(circles, []);
  });

  it("loads no heavy library with the commands that are to be quick", () => {
    const entries = [
      "cli/mod.ts",
      "cli/commands/containers/containers.ts",
      "cli/commands/status/get.ts",
      "cli/commands/logs/logs.ts",
    ];
    const loaded = new Set(entries);
    // A set that grows while it is gone through is gone through to its end.
    for (const file of loaded) {
      const text = readFileSync(join(MOD, file), "utf8");
      for (const [, path = ""] of text.matchAll(STATIC_VALUE_IMPORT)) {
        if (path.startsWith(".")) loaded.add(relative(MOD, join(MOD, file, "..", path)));
        else {
          const heavy = /^(yaml|valibot|hono|prom-client|node:https?2?)(\/|$)/.test(path);
          assert.equal(heavy, false, `${file} imports ${path}`);
        }
      }
    }
    assert.ok(loaded.has("text/table.ts"), "the imports were followed");
  });

  it("keeps the agent's inside out of the contract", () => {
    const wrong = imports.filter(({ file, target }) =>
      roomOf(file) === "api/contract" && !["api/contract", "core"].includes(roomOf(target))
    );
    assert.deepEqual(wrong, []);
  });

  it("passes on nothing of another room as a whole", () => {
    const wrong = files.filter((file) =>
      [...source(file).matchAll(/export \* from "(\.[^"]+)"/g)].some(([, path = ""]) =>
        roomOf(relative(MOD, join(MOD, file, "..", path))) !== roomOf(file)
      )
    );
    assert.deepEqual(wrong, []);
  });

  it("has folders that a reader can survey", () => {
    const sizes = Map.groupBy(files, (file) => dirname(file));
    const large = [...sizes].filter(([, inside]) => inside.length > MAX_FILES)
      .map(([folder, inside]): [string, number] => [folder, inside.length]);
    assert.deepEqual(large, [], `more than ${MAX_FILES} files at one level`);
  });

  it("has functions that fit on a screen or two", () => {
    const wrong = files.filter((file) => !file.includes("/gen/")).flatMap((file) =>
      longFunctions(source(file)).map((name) => `${file}: ${name}`)
    );
    assert.deepEqual(wrong, []);
  });

  for (const [what, pattern, allowed] of OUTSIDE) {
    it(`uses ${what} in its own places only`, () => {
      const wrong = files.filter((file) =>
        !file.includes("/gen/") && pattern.test(withoutComments(source(file))) &&
        !allowed.some((place) => file.startsWith(place))
      );
      assert.deepEqual(wrong, []);
    });
  }

  it("says of each TLS connection whether the other side is verified", () => {
    // The default comes from the environment: NODE_TLS_REJECT_UNAUTHORIZED=0 would switch it off.
    const begins = /from "node:(?:https|tls)"/;
    const wrong = files.filter((file) =>
      begins.test(source(file)) && !/\brejectUnauthorized: (?:true|false)\b/.test(source(file))
    );
    assert.deepEqual(wrong, []);
  });

  it("imports from outside only what the dependency table of deno.json names", () => {
    const table = JSON.parse(readFileSync(join(MOD, "../deno.json"), "utf8")).imports;
    const foreign = files.flatMap((file) =>
      [
        ...readFileSync(join(MOD, file), "utf8").matchAll(
          /^(?:import|export)[^;]*? from "([^."][^"]*)"/gm,
        ),
      ]
        .map(([, name]) => name ?? "")
    );
    const known = Object.keys(table);
    const wrong = [...new Set(foreign)].filter((name) =>
      !name.startsWith("node:") && !known.some((one) => name === one || name.startsWith(`${one}/`))
    );
    assert.deepEqual(wrong, []);
  });
});
