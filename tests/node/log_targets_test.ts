import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LogRequest } from "../../mod/api/contract/mod.ts";
import { loggedPods } from "../../mod/cli/commands/status/log_tails.ts";
import { connectRuntime } from "../../mod/cri/mod.ts";
import { openLogs } from "../../mod/node/logs.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const record = (text: string) => `2026-11-30T05:00:00Z stdout F ${text}\n`;

/** A folder of logs such as a kubelet leaves, and a runtime that does not answer. */
async function brokenNode() {
  const temp = await makeTempDir("logs");
  const write = async (path: string, bytes: string | Uint8Array) => {
    await mkdir(join(temp.path, path, ".."), { recursive: true });
    await writeFile(join(temp.path, path), bytes);
  };
  await write("default_web-node-1_u1/app/0.log.20260401-214453.gz", gzipSync(record("first")));
  await write("default_web-node-1_u1/app/2.log", record("newest"));
  await write("default_web-node-1_u1/side/0.log", record("beside"));
  await write("kube-system_etcd-node-1_u2/etcd/0.log", record("elected"));
  await write("kube-system_coredns-x7_u3/dns/0.log", record("not static"));
  await write("strange_folder/a/0.log", record("no pod's"));
  const runtime = connectRuntime({ endpoint: `unix://${temp.path}/none.sock`, timeoutMs: 1000 });
  return {
    directory: temp.path,
    runtime,
    async [Symbol.asyncDispose]() {
      runtime.close();
      await temp.remove();
    },
  };
}

async function read(reference: string, more: Partial<LogRequest> = {}) {
  await using node = await brokenNode();
  const notices: string[] = [];
  const request: LogRequest = {
    references: [reference],
    previous: false,
    follow: false,
    selection: {},
    format: "text",
    color: false,
    ...more,
  };
  const chunks = await openLogs(request, {
    runtime: node.runtime,
    node: { name: "node-1", address: "172.20.0.3" },
    signal: AbortSignal.timeout(60_000),
    onNotice: (text) => notices.push(text),
    logsDirectory: node.directory,
  });
  let text = "";
  for await (const chunk of chunks) text += new TextDecoder().decode(chunk);
  return { text, notices };
}

describe("openLogs() without a runtime", () => {
  it("finds logs by their path, by the same names as with one", async () => {
    for (const name of ["default/web-node-1:app", "web:app", "default-web:app", "we:app"]) {
      const { text, notices } = await read(name);
      assert.equal(text, "newest\n", name);
      assert.match(notices.join(), /No container runtime at .*the logs are read from/);
    }
    assert.equal((await read("etcd")).text, "elected\n");
    assert.equal((await read("coredns-x7")).text, "not static\n");
  });

  it("interleaves the containers of a pod that is named without one", async () => {
    const { text } = await read("web");
    assert.deepEqual(text.trimEnd().split("\n").sort(), [
      "default/web-node-1:app: newest",
      "default/web-node-1:side: beside",
    ]);
  });

  it("reads an attempt of which only a compressed file is left, and the one before", async () => {
    assert.equal((await read("web:app", { attempt: 0 })).text, "first\n");
    assert.equal((await read("web:app", { previous: true })).text, "first\n");
  });

  it("names what there is where a name or an attempt is not", async () => {
    await assert.rejects(read("web:app", { attempt: 5 }), /There is no attempt 5/);
    await assert.rejects(read("nothing"), /No pod or container "nothing"/);
  });

  it("ends with the runtime's own fault where labels must be known", async () => {
    await assert.rejects(
      read("", { references: [], selector: "app=web" }),
      /No container runtime/,
    );
  });
});

describe("loggedPods()", () => {
  it("has the end of each static pod's log that was written last", async () => {
    await using node = await brokenNode();
    const pods = await loggedPods("node-1", node.directory);
    assert.deepEqual(pods.map(({ id }) => id), ["default/web-node-1", "kube-system/etcd-node-1"]);
    assert.deepEqual(pods[1]?.logTail, { container: "etcd", attempt: 0, lines: ["elected"] });
  });

  it("has none where there is no such folder", async () => {
    assert.deepEqual(await loggedPods("node-1", "/nonexistent"), []);
  });
});
