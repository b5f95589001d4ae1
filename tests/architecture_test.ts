/** Holds the layers: imports go one way, folders have one door, runtimes stay in mod/os. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const MOD = fileURLToPath(new URL("../mod/", import.meta.url));

/** What each folder may import besides itself; `serve`, which puts the agent together, everything. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  text: ["core"],
  yaml: ["core"],
  pods: ["core", "yaml"],
  controlplane: ["core", "yaml", "pods"],
  change: ["core", "yaml"],
  pki: ["core", "controlplane"],
  config: ["core", "yaml", "pods", "controlplane"],
  os: ["core"],
  cri: ["core"],
  logs: ["core"],
  services: ["core", "logs"],
  kubelet: ["core", "os", "yaml"],
  status: ["core", "pods", "cri", "kubelet"],
  verdict: ["core", "status"],
  node: ["core", "cri", "logs"],
  install: ["core", "kubelet", "os", "yaml"],
  doctor: ["core", "pods", "cri", "kubelet", "config", "install", "os", "status", "text", "yaml"],
  identity: ["core", "pods"],
  rollout: ["core", "pods", "cri", "kubelet", "os", "identity"],
  agent: ["core", "config", "controlplane", "pods", "os", "rollout"],
  observe: ["core", "agent", "config", "cri", "kubelet", "os", "status"],
  explain: ["core", "agent", "cri", "kubelet", "logs", "observe", "status", "verdict"],
  http: ["core"],
  admin: ["core", "agent", "explain", "node", "observe", "verdict"],
  cli: [
    ...["core", "admin", "config", "controlplane", "doctor", "explain", "install", "logs", "node"],
    ...["kubelet", "os", "pki", "pods", "serve", "services", "status", "cri", "text", "yaml"],
  ],
};

/** Inner files that others may import: the agent's side of the admin API is not the client's. */
const SIDE_DOORS: readonly string[] = [
  "admin/server.ts",
  "admin/node_routes.ts",
  "admin/status_routes.ts",
  // All that a client needs of it: the rest takes longer to load than an answer takes to come.
  "os/unix_get.ts",
  // What only the documentation needs stays out of what the agent loads.
  "config/docs.ts",
];

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

const folderOf = (file: string) => file.split("/")[0] ?? "";

describe("mod/", () => {
  it("imports one way", () => {
    const wrong = imports.filter(({ file, target }) => {
      const [from, to] = [folderOf(file), folderOf(target)];
      if (from === to || from === "serve" || target.startsWith("..")) return false;
      return LAYERS[from]?.includes(to) !== true;
    });
    assert.deepEqual(wrong, []);
  });

  it("lets folders be entered through their mod.ts only", () => {
    const wrong = imports.filter(({ file, target }) =>
      folderOf(file) !== folderOf(target) && !target.startsWith("..") &&
      !/^[a-z]+\/mod\.ts$/.test(target) && !SIDE_DOORS.includes(target)
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
      folderOf(file) !== "os" && !file.includes("/gen/") &&
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
