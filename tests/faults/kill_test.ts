/**
 * An agent that is killed at any moment, on the executable: at the next start its pods are there.
 * `FAULT_KILLS` and `FAULT_SEED` choose how often and when; only the config says where the state is.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdir } from "node:fs/promises";
import process from "node:process";
import { judgeBody } from "../../mod/pods/mod.ts";
import { podYaml } from "../e2e/pod_yaml.ts";
import { eventually } from "../support/eventually.ts";
import { podsteadCommand, TestNode } from "../support/node.ts";
import { randomOf } from "../support/random.ts";
import { RunningCommand } from "../support/running_command.ts";

const KILLS = Number(process.env.FAULT_KILLS ?? 20);
const SEED = Number(process.env.FAULT_SEED ?? 1);
const NAMES = ["ant", "bee", "cat", "dog", "eel"];
/** Longer than a start and a reload take on a quick machine; when exactly does not matter. */
const LATEST_MS = 120;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe("An agent that is killed", () => {
  it(`serves all of its pods after each of ${KILLS} kills`, async () => {
    const below = randomOf(SEED);
    const node = await TestNode.create();
    let version = 0;
    const write = () =>
      node.writePods(
        NAMES.map((name) => podYaml(name, { env: { VERSION: String(version++) } })).join(""),
        "  replace: kubelet\n",
      );
    const serve = () => {
      const [command, ...prefix] = podsteadCommand();
      const line = ["serve", "--config", node.configPath, "--socket", node.socket];
      const child = spawn(command, [...prefix, ...line], { stdio: ["ignore", "pipe", "pipe"] });
      // Not the child's own `kill`: on Deno it takes every signal for the end of the child.
      const signal = (name: NodeJS.Signals) => process.kill(child.pid ?? 0, name);
      return { signal, running: new RunningCommand(child) };
    };
    write();
    let agent = serve();
    const end = async (name: NodeJS.Signals) => {
      agent.signal(name);
      await agent.running.ended;
    };
    const names = async () => {
      const response = await fetch(node.manifestUrl, { signal: AbortSignal.timeout(5_000) });
      const body = new Uint8Array(await response.arrayBuffer());
      assert.equal(response.status, 200);
      const { valid, pods } = judgeBody(body, { nodeName: node.name });
      assert.ok(valid);
      return pods.map(({ metadata }) => metadata.name.replace(`-${node.name}`, "")).sort();
    };
    const counted = { start: 0, reload: 0 };
    try {
      await eventually(async () => assert.deepEqual(await names(), NAMES));
      for (let count = 0; count < KILLS; count += 1) {
        const when = below(3) === 0 ? "start" : "reload";
        counted[when] += 1;
        if (when === "start") {
          await end("SIGKILL");
          agent = serve();
        } else {
          write();
          agent.signal("SIGHUP");
        }
        await pause(below(LATEST_MS));
        await end("SIGKILL");
        agent = serve();
        // The first list that it gives: either version of each pod, but every pod.
        const first = await eventually(names);
        assert.deepEqual(first, NAMES, `seed ${SEED}, kill ${count} in a ${when}`);
        // From then on a reload begins at once.
        await eventually(() => assert.match(agent.running.stderr, /"msg":"Serving"/));
      }
      await end("SIGTERM");
      const left = await readdir(node.stateDir);
      assert.deepEqual(left.filter((name) => /\.(tmp|stale)-/.test(name)), []);
      process.stdout.write(`${KILLS} kills, 0 pods lost: ${JSON.stringify(counted)}\n`);
    } finally {
      agent.running.stop();
      await agent.running.ended;
      await node.close();
    }
  });
});
