/** What each operation makes of the files of a config. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type Operation, planEdits, type PodPlace, type Sources } from "../../mod/change/mod.ts";
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
    const pods = (value.machine as JsonObject | undefined)?.pods ?? [];
    return (pods as readonly JsonObject[]).map((pod, at) => place(pod, ["machine", "pods", at]));
  });
}

const sources: Sources = {
  main: MAIN,
  dropIns: "/etc/podstead/pods.d",
  texts: new Map([[MAIN, NODE], [WEB, WEB_POD]]),
  podsIn,
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
});
