/** A start of the agent on a node on which something is wrong: the list is served all the same. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { podsteadCommand, runPodstead, TestNode } from "../support/node.ts";
import { RunningCommand } from "../support/running_command.ts";
import { podYaml } from "./pod_yaml.ts";

describe("podstead serve, after it has served before", () => {
  let node: TestNode;
  const running: RunningCommand[] = [];

  beforeEach(async () => {
    node = await TestNode.create();
    // Only its config says where the state is.
    node.writePods(podYaml("a") + podYaml("b"));
  });
  afterEach(async () => {
    for (const command of running.splice(0)) await kill(command);
    await node.close();
  });

  const serve = (...args: readonly string[]) => {
    const [command, ...prefix] = podsteadCommand();
    const line = ["serve", "--config", node.configPath, "--socket", node.socket, ...args];
    const agent = new RunningCommand(
      spawn(command, [...prefix, ...line], { stdio: ["ignore", "pipe", "pipe"] }),
    );
    running.push(agent);
    return agent;
  };
  const list = async () => {
    const response = await fetch(node.manifestUrl, { signal: AbortSignal.timeout(5_000) });
    assert.equal(response.status, 200);
    return await response.text();
  };
  const served = () => eventually(list);
  const kill = async (agent: RunningCommand) => {
    agent.stop();
    await agent.ended;
  };
  const podstead = (...command: readonly string[]) =>
    runPodstead([...command, "--socket", node.socket]);
  const restarted = async () => {
    const agent = serve();
    const before = await served();
    await kill(agent);
    return before;
  };

  it("serves the stored list although the config is broken and alone says where it is", async () => {
    const before = await restarted();
    await writeFile(node.configPath, "agent: [");
    serve();
    assert.equal(await served(), before);
  });

  it("serves the stored list while the config cannot even be read", async () => {
    const before = await restarted();
    await rm(node.configPath);
    execFileSync("mkfifo", [node.configPath]);
    serve();
    assert.equal(await served(), before);
    const { code, stdout } = await eventually(async () => {
      const result = await podstead("reload");
      assert.equal(result.code, 78, result.stderr);
      return result;
    });
    assert.equal(code, 78);
    assert.match(stdout, /device, pipe or socket/);
  });

  it("is the only agent of its state directory", async () => {
    serve();
    await served();
    const second = await runPodstead([
      ...["serve", "--config", node.configPath, "--socket", join(node.directory, "other.sock")],
    ]);
    assert.equal(second.code, 1);
    assert.match(second.stderr, /Another agent \(pid \d+\) runs on the state directory/);
  });

  it("serves nothing from a state that was changed until the config has healed it", async () => {
    const before = await restarted();
    const file = join(node.stateDir, "state.json");
    await writeFile(file, (await readFile(file, "utf8")).replace("nginx:latest", "nginx:latesT"));
    serve();
    assert.equal(await served(), before);
    assert.notEqual(await readFile(`${file}.damaged`, "utf8"), await readFile(file, "utf8"));
  });
});
