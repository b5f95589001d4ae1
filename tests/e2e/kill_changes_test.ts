/**
 * kill -9 of the agent at any moment of a change, a trial and its way back: the state loads, the
 * list is always that of one whole revision, and a trial has one of its two ends.
 *
 * `PODSTEAD_KILLS=200` kills it more often than every run needs; `PODSTEAD_SEED` repeats one.
 */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { eventually, TestNode } from "../support/node.ts";

const FROM_SOURCE = process.env.PODSTEAD_E2E === "deno";
const KILLS = Number(process.env.PODSTEAD_KILLS ?? (FROM_SOURCE ? 4 : 16));
const SEED = Number(process.env.PODSTEAD_SEED ?? Date.now() % 1_000_000);

/** From before the request is read to after the trial's way back. */
const LONGEST_MS = 1_500;

const NAMES = ["a", "b", "c"] as const;

describe(`kill -9 during changes (seed ${SEED})`, () => {
  let node: TestNode;
  let random = SEED;

  /** A number from 0 to 1, the same for the same seed. */
  const next = () => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return random / 2_147_483_648;
  };
  const pods = (version: number) =>
    NAMES.map((name) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, labels: { version: `v${version}` } },
      spec: { hostNetwork: true, containers: [{ name: "c", image: `x:${version}` }] },
    }));
  const given = (version: number) => {
    const path = join(node.directory, "given.json");
    writeFileSync(
      path,
      JSON.stringify({ apiVersion: "v1", kind: "PodList", items: pods(version) }),
    );
    return path;
  };
  /** The one version of all pods that are served. */
  const served = async (): Promise<number> => {
    const response = await fetch(node.manifestUrl);
    assert.equal(response.status, 200);
    const { items } = await response.json();
    const versions = new Set<string>();
    for (const { metadata: { name }, spec: { containers: [{ image }] } } of items) {
      assert.ok(NAMES.includes(name));
      versions.add(image);
    }
    assert.equal(items.length, NAMES.length);
    assert.equal(versions.size, 1, `one list of several revisions: ${[...versions]}`);
    return Number([...versions][0]?.slice("x:".length));
  };
  const trial = async (): Promise<{ readonly state: string } | undefined> => {
    const { stdout } = await node.podstead("get", "configstatus", "-o", "json");
    return JSON.parse(stdout).items[0].status.trial;
  };
  const onDisk = () =>
    NAMES.map((name) =>
      readFileSync(join(node.directory, `pods.d/default-${name}.yaml`), "utf8").match(/x:\d+/)?.[0]
    );

  before(async () => {
    node = await TestNode.create(undefined);
    node.writePods("");
    await node.startAgent();
    const { code, stdout, stderr } = await node.podstead("apply", "-f", given(0), "--no-wait");
    assert.equal(code, 0, stdout + stderr);
  });
  after(() => node.close());

  it(`leaves one whole revision, ${KILLS} times`, async () => {
    let ends: Record<string, number> = {};
    for (let kill = 1; kill <= KILLS; kill++) {
      const old = await served();
      const isTrial = next() < 0.7;
      const how = isTrial ? ["--mode=try", "--timeout", "300ms", "--settle", "10s"] : [];
      const asked = node.podstead("apply", "-f", given(old + 1), ...how, "--no-wait", "--yes");
      const killMs = next() * (isTrial ? LONGEST_MS : LONGEST_MS / 5);
      await new Promise((resolve) => setTimeout(resolve, killMs));
      if (isTrial && next() < 0.3) void node.podstead("cancel");
      await node.signalAgent("SIGKILL", true);
      await asked;
      await node.startAgent();
      const told = `kill ${kill} after ${Math.round(killMs)} ms`;
      const first = await served();
      assert.ok(first === old || first === old + 1, `${told}: ${first} after ${old}`);
      const end = await eventually(`${told}: the trial has ended`, async () => {
        const state = (await trial())?.state ?? "none";
        return /^(running|going-back)$/.test(state) ? undefined : state;
      }).catch((thrown) => {
        const kept = readFileSync(join(node.stateDir, "trial.json"), "utf8");
        throw new Error(`${thrown.message}\n${kept}\n${node.lastWords(60)}`);
      });
      ends = { ...ends, [end]: (ends[end] ?? 0) + 1 };
      const last = await served();
      // No pod can become ready here: what was on trial goes back, and nothing else does.
      assert.ok(isTrial ? last === old : last === first, `${told}: ${last} after ${old}`);
      assert.deepEqual(onDisk(), NAMES.map(() => `x:${last}`), told);
      assert.notEqual(end, "failed", told);
    }
    // deno-lint-ignore no-console -- the figure is asked for in the log of every run
    console.log(`${KILLS} kills, the last trial then: ${JSON.stringify(ends)}`);
  });
});
