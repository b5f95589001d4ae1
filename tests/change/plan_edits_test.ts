/** What each operation makes of the files of a config. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ObjectPlace,
  type Operation,
  planEdits,
  type PodPlace,
  type Sources,
  type StopPlace,
} from "../../mod/change/mod.ts";
import { isJsonObject, type JsonObject } from "../../mod/core/mod.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";

const MAIN = "/etc/podstead/config.yaml";
const WEB = "/etc/podstead/pods.d/web.yaml";

const NODE = "# the node\nmachine:\n  pods:\n    - kind: Pod # first\n" +
  "      metadata: {name: first}\n" +
  "      spec: {containers: [{name: c, image: a:1}]}\nagent: {} # settings\n";
const WEB_POD = "# the web\nkind: Pod\nmetadata:\n  name: web\nspec:\n  initContainers:\n" +
  "    - name: i\n      image: init:1\n  containers:\n    - name: c # main\n      image: nginx:1\n" +
  "    - name: d\n      image: d:1\n";

/** The pods of a text, in the two shapes that these tests use. */
function podsIn(_file: string, text: string): readonly PodPlace[] {
  return parseYaml(text, "f").documents.flatMap(({ index, value }): PodPlace[] => {
    if (!isJsonObject(value)) return [];
    const place = (pod: JsonObject, path: readonly (string | number)[]) => ({
      namespace: "default",
      name: String((pod.metadata as JsonObject).name),
      document: index,
      path,
      pod,
    });
    if (value.kind === "Pod") return [place(value, [])];
    if (value.kind === "ConfigMap") return [];
    const pods = (value.machine as JsonObject | undefined)?.pods ?? [];
    return (pods as readonly JsonObject[]).map((pod, at) => place(pod, ["machine", "pods", at]));
  });
}

/** The stops of a text. */
function stopsIn(_file: string, text: string): readonly StopPlace[] {
  return parseYaml(text, "f").documents.flatMap(({ index: document, value }): StopPlace[] => {
    if (!isJsonObject(value) || value.kind !== "StoppedPods") return [];
    return (value.pods as readonly JsonObject[]).map((item, at) => {
      const [namespace = "", name = ""] = String(item.pod).split("/");
      return { namespace, name, document, path: ["pods", at], value: item };
    });
  });
}

/** The ConfigMaps that are documents of their own. */
function objectsIn(_file: string, text: string): readonly ObjectPlace[] {
  return parseYaml(text, "f").documents.flatMap(({ index, value }): ObjectPlace[] => {
    if (!isJsonObject(value) || value.kind !== "ConfigMap") return [];
    const name = String((value.metadata as JsonObject).name);
    return [{ kind: "ConfigMap", namespace: "default", name, document: index, path: [] }];
  });
}

const sources: Sources = {
  stopsIn,
  stopDocument: (item) => ({ kind: "StoppedPods", pods: [item] }),
  main: MAIN,
  dropIns: "/etc/podstead/pods.d",
  texts: new Map([[MAIN, NODE], [WEB, WEB_POD]]),
  podsIn,
  objectsIn,
};
const pod = (name: string) => ({ namespace: "default", name });
const plan = (...operations: readonly Operation[]) =>
  Object.fromEntries(planEdits(operations, sources).map(({ path, after }) => [path, after]));

describe("planEdits()", () => {
  it("changes a pod in the file that declares it, and keeps the rest of the file", () => {
    const given = {
      ...pod("first"),
      pod: {
        kind: "Pod",
        metadata: { name: "first" },
        spec: { containers: [{ name: "c", image: "a:2" }] },
      },
    };
    assert.deepEqual(plan({ kind: "apply", pods: [given] }), {
      [MAIN]: NODE.replace("a:1", "a:2"),
    });
  });

  it("writes a new object beside its pod, a known one where it stands, any other on its own", () => {
    const object = (name: string, value: string) => ({
      kind: "ConfigMap" as const,
      namespace: "default",
      name,
      object: { kind: "ConfigMap", metadata: { name }, data: { a: value } },
    });
    const text = (name: string, value: string) =>
      `kind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: ${value}\n`;
    const beside = { ...object("new", "b"), beside: pod("web") };
    const objects = [beside, object("alone", "c"), {
      ...object("of-main", "d"),
      beside: pod("first"),
    }];
    assert.deepEqual(plan({ kind: "apply", pods: [], objects }), {
      [WEB]: `${WEB_POD}---\n${text("new", "b")}`,
      "/etc/podstead/pods.d/default-alone.yaml": text("alone", "c"),
      "/etc/podstead/pods.d/default-of-main.yaml": text("of-main", "d"),
    });
    const again = [{ ...beside, object: object("new", "changed").object }];
    assert.deepEqual(
      plan({ kind: "apply", pods: [], objects: [beside] }, {
        kind: "apply",
        pods: [],
        objects: again,
      }),
      { [WEB]: `${WEB_POD}---\n${text("new", "changed")}` },
    );
  });

  it("reads each text once, however many pods a change has", () => {
    const texts = new Set<string>();
    let reads = 0;
    const counted: Sources = {
      ...sources,
      podsIn: (file, text) => {
        reads += 1;
        texts.add(text);
        return podsIn(file, text);
      },
    };
    const pods = Array.from({ length: 30 }, (_, at) => ({
      ...pod(`many-${at}`),
      pod: { kind: "Pod", metadata: { name: `many-${at}` } },
    }));
    assert.equal(planEdits([{ kind: "apply", pods }], counted).length, 30);
    assert.equal(reads, texts.size);
  });

  it("takes an object out of its file, and deletes a file of which nothing is left", () => {
    const text = "kind: ConfigMap\nmetadata:\n  name: app\n";
    const cm = "/etc/podstead/pods.d/cm.yaml";
    const both = "/etc/podstead/pods.d/both.yaml";
    const texts = new Map([...sources.texts, [cm, text], [both, `${WEB_POD}---\n${text}`]]);
    const object = (name: string) => ({
      kind: "ConfigMap" as const,
      namespace: "default",
      name,
    });
    const remove = (name: string, files = texts) =>
      planEdits([{ kind: "remove-object", object: object(name) }], { ...sources, texts: files })
        .map(({ path, after }) => [path, after]);
    assert.deepEqual(remove("app"), [[cm, undefined]]);
    texts.delete(cm);
    assert.deepEqual(remove("app"), [[both, WEB_POD]]);
    assert.throws(() => remove("none"), /No file .* ConfigMap default\/none/);
  });

  it("writes a pod's text without an object that another file declares", () => {
    const declared = "kind: ConfigMap\nmetadata:\n  name: app\ndata:\n  a: b\n";
    const given = {
      ...pod("new"),
      pod: { kind: "Pod", metadata: { name: "new" } },
      text: `${declared}---\nkind: Pod # mine\nmetadata: {name: new}\n`,
    };
    const cm = "/etc/podstead/pods.d/cm.yaml";
    const edits = planEdits([{ kind: "apply", pods: [given] }], {
      ...sources,
      texts: new Map([...sources.texts, [cm, declared]]),
    });
    assert.deepEqual(edits.map(({ path, after }) => [path, after]), [
      ["/etc/podstead/pods.d/default-new.yaml", "kind: Pod\nmetadata:\n  name: new\n"],
    ]);
  });

  it("gives a new pod a drop-in of its own, as it was written", () => {
    const text = "# mine\nkind: Pod\nmetadata: {name: new}";
    const given = { ...pod("new"), pod: { kind: "Pod", metadata: { name: "new" } }, text };
    assert.deepEqual(plan({ kind: "apply", pods: [given] }), {
      "/etc/podstead/pods.d/default-new.yaml": `${text}\n`,
    });
  });

  it("says that nothing changes when nothing does", () => {
    const [given] = podsIn(WEB, WEB_POD);
    assert.ok(given);
    assert.deepEqual(plan({ kind: "apply", pods: [given] }), {});
  });

  it("sets the image of one container, or of the only one", () => {
    assert.deepEqual(
      plan({ kind: "set-image", pod: pod("web"), container: "i", image: "init:2" }),
      { [WEB]: WEB_POD.replace("init:1", "init:2") },
    );
    assert.deepEqual(plan({ kind: "set-image", pod: pod("first"), image: "b" }), {
      [MAIN]: NODE.replace("a:1", "b"),
    });
    assert.throws(
      () => plan({ kind: "set-image", pod: pod("web"), image: "x" }),
      /The pod default\/web has several containers/,
    );
    assert.throws(
      () => plan({ kind: "set-image", pod: pod("web"), container: "e", image: "x" }),
      /has no container "e"/,
    );
  });

  it("does several operations on one file in order, each on what the one before left", () => {
    const after = plan(
      { kind: "remove", pod: pod("first") },
      {
        kind: "patch",
        pod: pod("web"),
        type: "strategic",
        patch: { spec: { containers: [{ name: "d", $patch: "delete" }] } },
      },
      { kind: "set-image", pod: pod("web"), container: "c", image: "nginx:2" },
    );
    assert.equal(
      after[WEB],
      WEB_POD.replace("nginx:1", "nginx:2").replace(/ {4}- name: d\n.*\n/, ""),
    );
    assert.match(
      after[MAIN] ?? "",
      /^# the node\nmachine:\n {2}pods: \[\]\nagent: \{\} # settings\n$/,
    );
  });

  it("deletes a drop-in of which nothing is left, and never the main config", () => {
    assert.deepEqual(plan({ kind: "remove", pod: pod("web") }), { [WEB]: undefined });
    const lone = { ...sources, texts: new Map([[MAIN, WEB_POD]]) };
    const [edit] = planEdits([{ kind: "remove", pod: pod("web") }], lone);
    assert.equal(edit?.after, "machine: {}\n");
  });

  it("refuses a pod that no file declares, and names the nearest", () => {
    assert.throws(
      () => plan({ kind: "remove", pod: pod("wbe") }),
      (error: Error & { hint?: string }) =>
        /No file of the config declares the pod default\/wbe/.test(error.message) &&
        error.hint === "Did you mean default/web?",
    );
  });

  it("refuses to write over a file that was changed since it was read", () => {
    const stale = { kind: "write", file: WEB, text: "x", baseSha256: "0".repeat(64) } as const;
    assert.throws(() => plan(stale), /has changed since it was read/);
    assert.throws(() => plan({ kind: "write", file: "/etc/passwd", text: "x" }), /no file of the/);
  });

  it("brings files back as they were, and takes those away that were not there", () => {
    assert.deepEqual(
      plan({
        kind: "restore",
        files: [{ path: MAIN, text: "machine: {}\n", mode: 0o600, uid: 0, gid: 0 }],
      }),
      { [MAIN]: "machine: {}\n", [WEB]: undefined },
    );
  });

  const STOPS = "/etc/podstead/pods.d/podstead-stopped.yaml";
  const note = { why: "its disk is full", by: 0, since: "2026-11-30T14:30:00Z" };

  it("stops a pod in a drop-in of its own, and says who, when and why", () => {
    assert.deepEqual(plan({ kind: "stop", pod: pod("web"), note }), {
      [STOPS]: "# These pods stay declared and are not served: `podstead start POD` ends that.\n" +
        "kind: StoppedPods\npods:\n  - pod: default/web\n    why: its disk is full\n    by: 0\n" +
        '    since: "2026-11-30T14:30:00Z"\n',
    });
  });

  it("stops a second pod in the same list, and keeps a person's comments in it", () => {
    const text = "# mine\nkind: StoppedPods\npods:\n  - pod: default/web # why not\n";
    const after = planEdits(
      [{ kind: "stop", pod: pod("first") }, { kind: "stop", pod: pod("web"), note }],
      { ...sources, texts: new Map([...sources.texts, [STOPS, text]]) },
    );
    assert.deepEqual(after.map((edit) => edit.after), [`${text}  - pod: default/first\n`]);
  });

  it("keeps a person's stop, and lets a person's take the place of a take-over's", () => {
    const after = (entry: string, held: { readonly for?: "take-over" }) => {
      const text = `kind: StoppedPods\npods:\n  - pod: default/web\n${entry}`;
      const texts = new Map([...sources.texts, [STOPS, text]]);
      const stop = { kind: "stop", pod: pod("web"), note: { ...note, ...held } } as const;
      return planEdits([stop], { ...sources, texts }).map((edit) => edit.after);
    };
    assert.deepEqual(after("", { for: "take-over" }), []);
    assert.deepEqual(after("    for: take-over\n", { for: "take-over" }), []);
    const [stopped] = after("    for: take-over\n", {});
    assert.match(stopped ?? "", /why: its disk is full/);
    assert.doesNotMatch(stopped ?? "", /take-over/);
  });

  it("starts a pod wherever it was stopped, and deletes a file that stops nothing then", () => {
    const both = "# mine\nkind: StoppedPods\npods:\n  - pod: default/web\n  - pod: default/first\n";
    const texts = new Map([...sources.texts, [STOPS, both], [
      MAIN,
      `${NODE}---\nkind: StoppedPods\npods: [{pod: default/web}]\n`,
    ]]);
    const after = (...operations: readonly Operation[]) =>
      planEdits(operations, { ...sources, texts }).map((edit) => [edit.path, edit.after]);
    const web = { kind: "start", pod: pod("web") } as const;
    assert.deepEqual(after(web), [
      [MAIN, NODE],
      [STOPS, both.replace("  - pod: default/web\n", "")],
    ]);
    assert.deepEqual(after(web, { kind: "start", pod: pod("first") }), [
      [MAIN, NODE],
      [STOPS, undefined],
    ]);
  });

  it("takes the stop of a pod out with the pod", () => {
    const text = "kind: StoppedPods\npods:\n  - pod: default/web\n";
    const after = planEdits([{ kind: "remove", pod: pod("web") }], {
      ...sources,
      texts: new Map([...sources.texts, [STOPS, text]]),
    });
    assert.deepEqual(after.map((edit) => [edit.path, edit.after]), [
      [STOPS, undefined],
      [WEB, undefined],
    ]);
  });

  it("keeps each comment and the order of keys of what no operation takes away", () => {
    const names = ["a", "b", "c"] as const;
    const texts = new Map([[MAIN, commentedNode(names)]]);
    const count = (text: string, tag: string) => text.split(`# ${tag} `).length - 1;
    const step = fc.record({
      kind: fc.constantFrom("set-image", "patch", "stop", "start", "remove"),
      name: fc.constantFrom(...names),
      image: fc.constantFrom("x:1", "registry.example/y:2"),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 6 }), (steps) => {
        const left = new Set<string>(names);
        const operations: Operation[] = [];
        for (const { kind, name, image } of steps) {
          if (!left.has(name)) continue;
          if (kind === "set-image") operations.push({ kind, pod: pod(name), image });
          else if (kind === "patch") {
            const patch = { metadata: { labels: { image: image.replace(/\W/g, "-") } } };
            operations.push({ kind, pod: pod(name), type: "strategic", patch });
          } else if (kind === "remove") {
            if (left.size === 1) continue; // an empty list is written anew
            operations.push({ kind, pod: pod(name) });
            left.delete(name);
          } else operations.push({ kind: kind === "stop" ? "stop" : "start", pod: pod(name) });
        }
        const edits = planEdits(operations, { ...sources, texts });
        const before = texts.get(MAIN) ?? "";
        const after = edits.find(({ path }) => path === MAIN)?.after ?? before;
        for (const tag of ["node", ...left]) {
          assert.equal(count(after, tag), count(before, tag), `comments of ${tag}`);
        }
        const order = (text: string) =>
          podsIn("f", text).filter(({ name }) => left.has(name))
            .map(({ name, pod }) => [name, Object.keys(pod), Object.keys(pod.spec as JsonObject)]);
        assert.deepEqual(order(after), order(before));
      }),
      { numRuns: 200 },
    );
  });
});

/** A node config with a comment on each line: `# NAME n` those of a pod, `# node n` the others. */
function commentedNode(names: readonly string[]): string {
  let line = 0;
  const lines = (tag: string, ...texts: readonly string[]) =>
    texts.map((text) => `${text} # ${tag} ${line++}\n`).join("");
  return lines("node", "machine:", "  pods:") +
    names.map((name) =>
      lines(
        name,
        "    - spec:",
        "        containers:",
        "          - image: old:1",
        "            name: c",
        '            command: [sh, -c, "echo # no comment"]',
        "      kind: Pod",
        "      metadata:",
        `        name: ${name}`,
      )
    ).join("") + lines("node", "agent:", "  log: {level: info}");
}
