import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Agent, type AgentState, createMetrics, loadState } from "../../mod/agent/mod.ts";
import { defaultSettings, loadConfig } from "../../mod/config/mod.ts";
import { systemClock } from "../../mod/core/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { formatKey, judgeServed, judgeServedSet } from "../../mod/pods/mod.ts";
import { storedList } from "../../mod/serve/front/stored_start.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const HOST = { hostname: "node-1", address: "10.0.0.1" };
const [BOOT, NEXT_BOOT] = ["a".repeat(32), "b".repeat(32)];

const pod = (name: string, more = "") =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n` +
  `spec: {${more}containers: [{name: c, image: 'i:1'}]}\n`;

/** Kubernetes 1.35 takes it, 1.36 refuses it. */
const OLD = pod("old", "hostAliases: [{ip: 010.0.0.1}], ");

/** A node with a pod that only an old kubelet takes, and one that every kubelet takes. */
async function oldNode(path: string) {
  const config = join(path, "config.yaml");
  const stateDir = join(path, "state");
  await mkdir(join(path, "pods.d"));
  await writeFile(config, "agent: {}\n");
  const write = (name: string, text: string) => writeFile(join(path, "pods.d", name), text);
  await write("old.yaml", OLD);
  await write("new.yaml", pod("new"));
  const now: { boot: string | undefined; version: string; isSeen: boolean; standAlone: boolean } = {
    boot: BOOT,
    version: "1.35.6",
    isSeen: true,
    standAlone: false,
  };
  const options = () => ({
    nodeName: "node-1",
    kubeletVersion: now.version,
    standAlone: now.standAlone,
  });
  const start = async (state?: AgentState) => {
    const stored = await loadState(stateDir);
    const { settings } = await loadConfig(config, HOST);
    return new Agent(
      {
        clock: systemClock,
        log: silentLogger,
        metrics: createMetrics("test"),
        stateDir,
        load: (known) => loadConfig(config, { ...HOST, known }),
        judge: (pods) => judgeServedSet(pods, options()),
        judgedBy: options,
        kubelet: () => ({
          boot: now.boot,
          version: now.isSeen ? now.version : undefined,
          refuses: (one) => !judgeServed(one, { ...options(), standAlone: false }).valid,
        }),
      },
      state ?? stored.state,
      settings ?? defaultSettings(HOST),
      stored.isWhole,
    );
  };
  /** Another start of the agent. @returns the names in its list, and what it says of the old pod */
  const look = async (state?: AgentState) => {
    const agent = await start(state);
    const outcome = await agent.reload("start");
    const said = outcome.pods.find(({ name }) => name === "old");
    const names = JSON.parse(new TextDecoder().decode(agent.manifest?.bytes)).items
      .map((one: { metadata: { name: string } }) => one.metadata.name);
    assert.equal(outcome.served.pods, names.length);
    await agent.close();
    return { names, said, problems: outcome.problems.map(({ message }) => message), outcome };
  };
  return { now, write, look, stateDir, config };
}

describe("A served pod that an upgraded kubelet refuses", () => {
  it("stays as long as the node is not rebooted, and is told at each reload", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look } = await oldNode(directory.path);
    assert.deepEqual((await look()).names, ["new", "old"]);
    now.version = "1.36.2";
    for (let again = 0; again < 2; again++) {
      const { names, said, problems } = await look();
      assert.deepEqual(names, ["new", "old"]);
      assert.equal(said?.state, "Rejected");
      assert.equal(said.servingRevision, 1);
      assert.match(
        problems.join(),
        /default\/old: the kubelet is 1\.36\.2 now and refuses the whole list for it/,
      );
    }
  });

  it("is withheld after a reboot, also in the first list of the next start", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look, stateDir, config } = await oldNode(directory.path);
    await look();
    now.version = "1.36.2";
    now.boot = NEXT_BOOT;
    for (let again = 0; again < 2; again++) {
      const { names, said, problems, outcome } = await look();
      assert.deepEqual(names, ["new"]);
      assert.equal(outcome.result, "partial");
      assert.equal(said?.state, "Rejected");
      assert.equal(said.servingRevision, undefined);
      const reason = "the kubelet is 1.36.2 now and refuses it; " +
        "withheld since the reboot so that the others start";
      assert.equal(said.reason, reason);
      assert.deepEqual(problems, [`Pod default/old: ${reason}`]);
      const stored = await loadState(stateDir);
      assert.equal(stored.isWhole, true);
      const incarnations = stored.state.pods.map(({ hash, ...one }) => ({
        ...{ key: formatKey(one), hash, version: hash, uid: hash, past: [], images: [] },
      }));
      const open = { state: { ...stored.state, incarnations }, isWhole: true, directory: stateDir };
      assert.equal(storedList(open as never, () => ({ text: "" }) as never)?.pods, 1);
    }
    await writeFile(config, "agent: [\n");
    assert.deepEqual((await look()).names, ["new"]);
  });

  it("is withheld after a reboot that came long after the upgrade", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look } = await oldNode(directory.path);
    await look();
    now.version = "1.36.2";
    assert.deepEqual((await look()).names, ["new", "old"]);
    now.boot = NEXT_BOOT;
    assert.deepEqual((await look()).names, ["new"]);
  });

  it("holds up no other pod where the node was rebooted with a config that cannot be used", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look, config } = await oldNode(directory.path);
    await look();
    now.version = "1.36.2";
    assert.deepEqual((await look()).names, ["new", "old"]);
    await writeFile(config, "agent: [\n");
    // Another start in the same boot: what the last run served.
    assert.deepEqual((await look()).names, ["new", "old"]);
    now.boot = NEXT_BOOT;
    const { names, outcome } = await look();
    assert.deepEqual(names, ["new"]);
    assert.equal(outcome.result, "rejected");
  });

  it("is served again once it is corrected, or the kubelet takes it", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look, write } = await oldNode(directory.path);
    await look();
    now.version = "1.36.2";
    now.boot = NEXT_BOOT;
    assert.deepEqual((await look()).names, ["new"]);
    now.version = "1.35.6";
    assert.deepEqual((await look()).names, ["new", "old"]);
    now.version = "1.36.2";
    now.boot = BOOT;
    assert.deepEqual((await look()).names, ["new"]);
    await write("old.yaml", OLD.replace("010.", "10."));
    const { names, outcome } = await look();
    assert.deepEqual(names, ["new", "old"]);
    assert.equal(outcome.result, "applied");
  });

  it("is withheld also where its source cannot be read", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look, write } = await oldNode(directory.path);
    await look();
    await write("old.yaml", "kind: [");
    now.version = "1.36.2";
    now.boot = NEXT_BOOT;
    const { names, said } = await look();
    assert.deepEqual(names, ["new"]);
    assert.equal(said?.reasonCode, "kubelet-refuses");
  });

  it("stays on a guess: no boot or kubelet that was seen, the same minor, or an older state", async () => {
    const guesses = [
      { version: "1.36.2", boot: undefined },
      { version: "1.36.2", boot: NEXT_BOOT, isSeen: false },
      { version: "1.36.2", boot: NEXT_BOOT, before: "1.36.1" },
      { version: "1.36.2", boot: NEXT_BOOT, isOlderState: true },
    ];
    for (const { before, isOlderState, ...then } of guesses) {
      await using directory = await makeTempDir("refused");
      const { now, look, stateDir } = await oldNode(directory.path);
      await look();
      let { state } = await loadState(stateDir);
      if (before !== undefined && state.taken !== undefined) {
        state = { ...state, taken: { ...state.taken, version: before } };
      }
      if (isOlderState) {
        const { taken: _, ...older } = state;
        state = older;
      }
      Object.assign(now, then);
      assert.deepEqual((await look(state)).names, ["new", "old"], JSON.stringify(then));
      // What may run in this boot is not withheld later in it.
      Object.assign(now, { isSeen: true });
      const names = (await look()).names;
      assert.deepEqual(names, ["new", "old"], JSON.stringify(then));
    }
  });
});

describe("A pod that a kubelet without an API server panics at", () => {
  const CLASS = pod("class", "runtimeClassName: gvisor, ");
  const isClass = ({ name }: { name: string }) => name === "class";

  it("stays if it is served already, and is told at each reload", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look, write } = await oldNode(directory.path);
    await write("class.yaml", CLASS);
    assert.deepEqual((await look()).names, ["class", "new", "old"]);
    now.standAlone = true;
    for (let again = 0; again < 2; again++) {
      const { names, outcome } = await look();
      assert.deepEqual(names, ["class", "new", "old"]);
      const told = outcome.pods.find(isClass);
      assert.deepEqual([told?.state, told?.servingRevision], ["Rejected", 1]);
      assert.match(JSON.stringify(told?.errors), /spec\.runtimeClassName.*has no API server/);
    }
  });

  it("is not served for the first time, and the others are", async () => {
    await using directory = await makeTempDir("refused");
    const { now, look, write } = await oldNode(directory.path);
    await write("class.yaml", CLASS);
    now.standAlone = true;
    const { names, outcome } = await look();
    assert.deepEqual(names, ["new", "old"]);
    assert.equal(outcome.pods.find(isClass)?.state, "Rejected");
  });
});
