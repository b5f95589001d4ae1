/** Holds the layers: imports go one way, folders have one door, runtimes stay in mod/os. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { LAYERS, roomOf, SIDE_DOORS } from "./layers.ts";

const MOD = fileURLToPath(new URL("../mod/", import.meta.url));

interface Import {
  readonly file: string;
  /** Relative to `mod/`. */
  readonly target: string;
  /** `import()`: loaded when it is needed, which may close a circle. */
  readonly dynamic: boolean;
}

const files = readdirSync(MOD, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts"))
  .sort();

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(MOD, file), "utf8");
  return [...text.matchAll(/(?:from|import)\s*(\(?)\s*"(\.[^"]+)"/g)].map(([, bracket, path]) => ({
    file,
    target: relative(MOD, join(MOD, file, "..", path ?? "")),
    dynamic: bracket !== "",
  }));
});

/** Import and re-export statements that are there when the program runs. */
const STATIC_VALUE_IMPORT = /^(?:import|export)(?! type)[^;]*? from "([^"]+)"/gm;

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
    const graph = Map.groupBy(imports.filter(({ dynamic }) => !dynamic), ({ file }) => file);
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

  it("names Deno and Bun in mod/os only", () => {
    const wrong = files.filter((file) =>
      roomOf(file) !== "os" && !file.includes("/gen/") &&
      /\b(?:Deno|Bun)\.|from "bun/.test(readFileSync(join(MOD, file), "utf8"))
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
