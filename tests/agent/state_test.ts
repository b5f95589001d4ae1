import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import {
  type AgentState,
  EMPTY_STATE,
  loadState,
  saveState,
  sweepState,
} from "../../mod/agent/mod.ts";
import { canonicalJson, type JsonObject } from "../../mod/core/mod.ts";
import { begin } from "../../mod/identity/mod.ts";
import { specHash } from "../../mod/pods/mod.ts";
import { ODD_FILES, putOddFile } from "../support/odd_file.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const served = (name: string) => {
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: { containers: [{ name: "c", image: "i:1" }] },
  };
  return {
    id: `default-${name}`,
    namespace: "default",
    name,
    pod,
    hash: specHash(pod),
    revision: 3,
    sinceMs: 1_000,
    source: { file: "/etc/podstead/pods.d/a.yaml", line: 1 },
  };
};

const STATE: AgentState = {
  ...EMPTY_STATE,
  revision: 3,
  pods: [served("a"), served("b"), served("c")],
  incarnations: ["a", "b", "c"].map((name) => begin(served(name), undefined)),
  settings: { node: { name: "node-1" } },
};

describe("saveState()", () => {
  it("writes the canonical JSON of a state of any size", async () => {
    await using directory = await makeTempDir("state");
    const file = join(directory.path, "state.json");
    const long = { ...served("long"), declared: { text: "x".repeat(50_000), none: null } };
    const pods = Array.from({ length: 500 }, (_, at) => served(`pod-${at}`));
    for (const state of [EMPTY_STATE, STATE, { ...STATE, pods: [...pods, long] }]) {
      await saveState(directory.path, state);
      const text = await readFile(file, "utf8");
      assert.ok(text.endsWith(`,"state":${canonicalJson(state as unknown as JsonObject)}}\n`));
    }
  });

  it("makes the directory, also again, for root alone", async () => {
    await using parent = await makeTempDir("state");
    const directory = join(parent.path, "a", "b");
    for (let time = 0; time < 2; time += 1) {
      await saveState(directory, STATE);
      assert.deepEqual((await loadState(directory)).state, STATE);
      assert.equal((await stat(directory)).mode & 0o777, 0o700);
      await rm(directory, { recursive: true });
    }
  });
});

describe("loadState()", () => {
  let directory: TempDir;
  let file: string;

  beforeEach(async () => {
    directory = await makeTempDir("state");
    file = join(directory.path, "state.json");
    await saveState(directory.path, STATE);
  });
  afterEach(() => directory.remove());

  const names = (state: AgentState) => state.pods.map(({ name }) => name);
  /** The file with a state that was changed, under a checksum that fits. */
  const rewrite = async (state: object, format = 2) => {
    const body = canonicalJson(state as JsonObject);
    const checksum = createHash("sha256").update(body).digest("hex");
    await writeFile(file, `{"checksum":"${checksum}","format":${format},"state":${body}}\n`);
  };

  it("gives back what was saved", async () => {
    assert.deepEqual(await loadState(directory.path), { state: STATE, isWhole: true });
  });

  it("has nothing, and nothing to complain of, before the first start", async () => {
    await using other = await makeTempDir("state");
    assert.deepEqual(await loadState(other.path), { state: EMPTY_STATE, isWhole: true });
  });

  it("takes format 1, which had no checksum", async () => {
    await writeFile(file, canonicalJson({ format: 1, ...STATE } as unknown as JsonObject));
    const { state, isWhole } = await loadState(directory.path);
    assert.deepEqual([names(state), isWhole], [["a", "b", "c"], true]);
  });

  it("does not take format 1 with a key that is there twice", async () => {
    const text = canonicalJson({ format: 1, ...STATE } as unknown as JsonObject);
    await writeFile(file, text.replace(/\}$/, ',"pods":[]}'));
    assert.equal((await loadState(directory.path)).isWhole, false);
  });

  it("refuses the state of a newer podstead, and leaves it as it is", async () => {
    await rewrite(STATE, 3);
    const before = await readFile(file, "utf8");
    await assert.rejects(loadState(directory.path), /format 3, which a newer podstead wrote/);
    assert.equal(await readFile(file, "utf8"), before);
  });

  const changed: readonly (readonly [string, object, readonly string[], RegExp])[] = [
    [
      "a pod that is not what its hash says",
      { ...STATE, pods: [served("a"), { ...served("b"), hash: "0000000000000000" }] },
      ["a"],
      /default\/b is not what its hash says/,
    ],
    [
      "a pod with another name inside",
      { ...STATE, pods: [{ ...served("a"), name: "x", id: "default-x" }, served("b")] },
      ["b"],
      /another name inside/,
    ],
    [
      "a pod that is there twice",
      { ...STATE, pods: [served("a"), served("a")] },
      ["a"],
      /there twice/,
    ],
    [
      "a last reload of another shape",
      { ...STATE, lastReload: "applied" },
      ["a", "b", "c"],
      /lastReload/,
    ],
    ["no pods at all", { revision: 1 }, [], /pods/],
  ];
  for (const [what, state, kept, damage] of changed) {
    it(`leaves out ${what}, says so and keeps the file`, async () => {
      await rewrite(state);
      const loaded = await loadState(directory.path);
      assert.deepEqual(names(loaded.state), kept);
      assert.equal(loaded.isWhole, false);
      assert.match(loaded.damage ?? "", damage);
      assert.deepEqual(await readdir(directory.path), ["state.json.damaged"]);
      assert.equal(loaded.state.lastReload, undefined);
    });
  }

  for (const what of ODD_FILES) {
    it(`puts a ${what} at the place of the state aside`, async () => {
      putOddFile(file, what);
      const loaded = await loadState(directory.path);
      assert.deepEqual([names(loaded.state), loaded.isWhole], [[], false]);
      assert.match(loaded.damage ?? "", /kept as ".*state\.json\.damaged"/);
      await saveState(directory.path, STATE);
      assert.equal((await loadState(directory.path)).isWhole, true);
    });
  }

  it("leaves a pod that the kubelet would refuse to the next reload, and serves none till then", async () => {
    const pod = { ...served("b").pod, spec: { containers: [] } };
    const refused = { ...served("b"), pod, hash: specHash(pod) };
    await rewrite({ ...STATE, pods: [served("a"), refused] });
    const { state, isWhole, damage } = await loadState(directory.path);
    assert.deepEqual([names(state), isWhole, damage], [["a", "b"], false, undefined]);
  });

  it("leaves such a pod out where the checksum is wrong too", async () => {
    const pod = { ...served("b").pod, spec: { containers: [] } };
    const refused = { ...served("b"), pod, hash: specHash(pod) };
    await rewrite({ ...STATE, pods: [served("a"), refused] });
    await writeFile(
      file,
      (await readFile(file, "utf8")).replace('"revision":3,"s', '"revision":4,"s'),
    );
    const { state, damage } = await loadState(directory.path);
    assert.deepEqual(names(state), ["a"]);
    assert.match(damage ?? "", /would refuse default\/b: spec\.containers/);
  });

  it("never gives a pod that was not saved, whatever becomes of the file", async () => {
    const good = await readFile(file);
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 1),
        fc.nat(255),
        fc.constantFrom("flip", "cut", "drop", "double"),
        async (at, byte, how) => {
          const bytes = how === "cut"
            ? good.subarray(0, at)
            : how === "drop"
            ? Buffer.concat([good.subarray(0, at), good.subarray(at + 1)])
            : how === "double"
            ? Buffer.concat([good.subarray(0, at), good.subarray(Math.max(0, at - 40))])
            : Buffer.concat([good.subarray(0, at), Buffer.of(byte), good.subarray(at + 1)]);
          await mkdir(directory.path, { recursive: true });
          await writeFile(file, bytes);
          const { state, isWhole } = await loadState(directory.path);
          assert.equal(isWhole, bytes.equals(good));
          for (const { name, pod } of state.pods) {
            assert.deepEqual(pod, STATE.pods.find((saved) => saved.name === name)?.pod);
          }
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe("loadState(), under a wrong checksum", () => {
  it("keeps no pod whose UID it cannot prove: under another one it would be restarted", async () => {
    await using directory = await makeTempDir("state");
    const [a, ...others] = STATE.incarnations;
    assert.ok(a);
    await saveState(directory.path, { ...STATE, incarnations: [{ ...a, uid: "0" }, ...others] });
    const file = join(directory.path, "state.json");
    await writeFile(file, (await readFile(file, "utf8")).replace(/"checksum":"./, '"checksum":"x'));
    const { state, damage } = await loadState(directory.path);
    assert.deepEqual(state.pods.map(({ name }) => name), ["b", "c"]);
    assert.deepEqual(state.incarnations, others);
    assert.match(damage ?? "", /its UID cannot be proved/);
  });
});

describe("sweepState()", () => {
  it("removes what a kill left half written, and nothing else", async () => {
    await using directory = await makeTempDir("state");
    for (const name of ["state.json", "state.json.damaged", "state.json.tmp-77", "lock.stale-5"]) {
      await writeFile(join(directory.path, name), "x");
    }
    await sweepState(directory.path);
    assert.deepEqual((await readdir(directory.path)).sort(), ["state.json", "state.json.damaged"]);
  });
});
