/** What a node may lack while an agent runs on it, on the executable: its pods stay in the list. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { podYaml } from "../e2e/pod_yaml.ts";
import { eventually } from "../support/eventually.ts";
import { mount, type Mounted, UNLESS_MOUNT } from "../support/mounted.ts";
import { TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

const dropIn = (name: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n` +
  "spec: {containers: [{name: c, image: example.org/app:1}]}\n";

describe("A node on which something is missing", () => {
  let node: TestNode;
  const mounts: Mounted[] = [];
  const servers: Server[] = [];

  beforeEach(async () => {
    node = await TestNode.create();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    for (const mounted of mounts.splice(0)) mounted.unmount();
    await node.close();
  });

  const names = async () => {
    const list = await (await fetch(node.manifestUrl)).json();
    return list.items.map((pod: { metadata: { name: string } }) => pod.metadata.name).sort();
  };
  const write = (pods: readonly string[], settings = "") =>
    node.writePods(pods.map((name) => podYaml(name)).join(""), `  replace: kubelet\n${settings}`);
  /** Mounts, or says why not: in a container root may not be allowed to. */
  const tryMount = (...args: Parameters<typeof mount>): Mounted | undefined => {
    try {
      const mounted = mount(...args);
      mounts.push(mounted);
      return mounted;
    } catch (error) {
      process.stdout.write(`SKIPPED: mounting is not allowed here (${error})\n`);
      return undefined;
    }
  };

  it("serves what it served while its disk is full or read-only, and the rest when it is not", {
    skip: UNLESS_MOUNT,
  }, async () => {
    await mkdir(node.stateDir);
    const disk = tryMount(node.stateDir, { size: "2m" });
    if (disk === undefined) return;
    write(["ant"]);
    await node.startAgent();
    const filler = join(node.stateDir, "filler");
    const lacks: readonly (readonly [() => Promise<void>, () => Promise<void>])[] = [
      [() => fill(filler), () => rm(filler)],
      [() => Promise.resolve(disk.remount("ro")), () => Promise.resolve(disk.remount("rw"))],
    ];
    const pods = ["ant"];
    for (const [begin, end] of lacks) {
      await begin();
      const next = [...pods, `bee-${pods.length}`];
      write(next);
      const failed = await node.podstead("reload");
      assert.notEqual(failed.code, 0);
      assert.match(failed.stdout + failed.stderr, /Cannot write the state/);
      assert.deepEqual(await names(), pods);
      // What cannot be written can be read.
      await node.signalAgent("SIGKILL", true);
      await node.startAgent();
      assert.deepEqual(await names(), pods);
      await end();
      // By itself: nothing tells it that there is room again.
      await eventually(async () => assert.deepEqual(await names(), next));
      const lock = join(node.stateDir, "lock");
      const own = `"pid":${node.agentPid},`;
      await eventually(async () => assert.ok((await readFile(lock, "utf8")).includes(own)));
      pods.splice(0, pods.length, ...next);
    }
    await node.signalAgent("SIGKILL", true);
    await node.startAgent();
    assert.deepEqual(await names(), pods);
  });

  it("keeps the pods of a directory that is mounted over, and goes on when it is back", {
    skip: UNLESS_MOUNT,
  }, async () => {
    const pods = join(node.directory, "pods.d");
    const other = join(node.directory, "other");
    await Promise.all([mkdir(pods), mkdir(other)]);
    for (const name of ["ant", "bee"]) await writeFile(join(pods, `${name}.yaml`), dropIn(name));
    write(["cat"]);
    await node.startAgent();
    for (const what of [{ size: "1m" }, { bind: other }]) {
      const mounted = tryMount(pods, what);
      if (mounted === undefined) return;
      const kept = await node.podstead("reload");
      assert.equal(kept.code, 78, kept.stdout + kept.stderr);
      assert.deepEqual(await names(), ["ant", "bee", "cat"]);
      mounts.pop()?.unmount();
      assert.equal((await node.podstead("reload")).code, 0);
      assert.deepEqual(await names(), ["ant", "bee", "cat"]);
    }
  });

  it("loses nothing when it has no file descriptor left", async () => {
    write(["ant", "bee"]);
    await node.startAgent();
    const pid = node.agentPid;
    const limits = await readFile(`/proc/${pid}/limits`, "utf8");
    const [, usual = "1024", most = "1024"] = /Max open files\s+(\d+)\s+(\d+)/.exec(limits) ?? [];
    const limit = (soft: number | string) =>
      execFileSync("prlimit", ["--pid", String(pid), `--nofile=${soft}:${most}`]);
    const reloads = () => node.agentLog.split('"msg":"Reload').length;
    const before = reloads();
    limit((await readdir(`/proc/${pid}/fd`)).length);
    write(["ant", "bee", "cat"]);
    await node.signalAgent("SIGHUP");
    await eventually(() => assert.ok(reloads() > before));
    limit(usual);
    await eventually(async () => assert.ok((await names()).length >= 2));
    await node.signalAgent("SIGHUP");
    await eventually(async () => assert.deepEqual(await names(), ["ant", "bee", "cat"]));
  });

  it("serves and reloads while the runtime is silent, or speaks garbage", async () => {
    for (const speaks of [false, true]) {
      const socket = join(node.directory, `runtime-${speaks}.sock`);
      const server = createServer((connection) => {
        connection.on("error", () => undefined); // the agent hangs up
        if (speaks) connection.write("HTTP/1.1 200 OK\r\n\r\n\0\xff garbage".repeat(100));
      });
      servers.push(server);
      server.listen(socket);
      await once(server, "listening");
      const runtime = `  runtime: {endpoint: "unix://${socket}", timeout: 1s}\n`;
      write(["ant"], runtime);
      await node.startAgent();
      write(["ant", "bee"], runtime);
      await node.signalAgent("SIGHUP");
      await eventually(async () => assert.deepEqual(await names(), ["ant", "bee"]));
      await node.signalAgent("SIGTERM", true);
    }
  });
});

describeWithContainerd("A node whose containerd is stopped by SIGSTOP", (containerd) => {
  it("serves, reloads and restarts, and nothing of it waits for containerd", async () => {
    const node = await TestNode.create(containerd());
    const names = async () => {
      const list = await (await fetch(node.manifestUrl)).json();
      return list.items.map((pod: { metadata: { name: string } }) => pod.metadata.name).sort();
    };
    const write = (...pods: readonly string[]) =>
      node.writePods(pods.map((name) => podYaml(name)).join(""), "  replace: kubelet\n");
    const { pid } = containerd();
    assert.ok(pid !== undefined);
    try {
      write("ant");
      await node.startAgent();
      // Its socket still takes connections: it only says nothing any more.
      process.kill(pid, "SIGSTOP");
      write("ant", "bee");
      await node.signalAgent("SIGHUP");
      await eventually(async () => assert.deepEqual(await names(), ["ant", "bee"]));
      await node.signalAgent("SIGTERM", true);
      await node.startAgent();
      assert.deepEqual(await names(), ["ant", "bee"]);
      process.kill(pid, "SIGCONT");
      write("ant", "bee", "cat");
      await node.signalAgent("SIGHUP");
      await eventually(async () => assert.deepEqual(await names(), ["ant", "bee", "cat"]));
    } finally {
      process.kill(pid, "SIGCONT");
      await node.close();
    }
  });
});

/** Writes until there is no more room. */
async function fill(path: string): Promise<void> {
  try {
    for (const part of Array(1000).fill("x".repeat(16 * 1024))) {
      await writeFile(path, part, { flag: "a" });
    }
  } catch {
    // There is none now.
  }
}
