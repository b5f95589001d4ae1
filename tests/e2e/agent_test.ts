/** The agent as a process: its endpoint, its socket, its signals; no containers are needed. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually, runPodstead, TestNode } from "../support/node.ts";
import { podYaml } from "./pod_yaml.ts";

describe("podstead serve", () => {
  let node: TestNode;

  before(async () => {
    node = await TestNode.create();
    node.writePods(podYaml("b") + podYaml("a", { namespace: "kube-system" }) + podYaml("a"));
    await node.startAgent();
  });
  after(() => node.close());

  const get = (headers: Readonly<Record<string, string>> = {}) =>
    fetch(node.manifestUrl, { headers });

  it("serves a list sorted by namespace and name, with an entity tag", async () => {
    const response = await get();
    const { apiVersion, kind, items } = await response.json();
    assert.equal(`${apiVersion} ${kind}`, "v1 PodList");
    assert.deepEqual(
      items.map(({ metadata }: { metadata: { namespace?: string; name: string } }) =>
        `${metadata.namespace ?? ""}/${metadata.name}`
      ),
      ["/a", "/b", "kube-system/a"],
    );
    const etag = response.headers.get("ETag") ?? "";
    assert.equal((await get({ "If-None-Match": etag })).status, 304);
  });

  it("serves the same bytes as another machine with the same pods", async () => {
    await using other = await closing(await TestNode.create());
    other.writePods(
      podYaml("a") + podYaml("b") + podYaml("a", { namespace: "kube-system" }),
      "  hosts: [other.example]\n",
    );
    await other.startAgent();
    const [here, there] = await Promise.all([
      fetch(node.manifestUrl).then((response) => response.text()),
      fetch(other.manifestUrl).then((response) => response.text()),
    ]);
    assert.equal(there, here);
  });

  it("refuses a second agent on the same socket, and names the first one's pid", async () => {
    const second = await runPodstead([
      ...["serve", "--config", node.configPath, "--socket", node.socket],
      ...["--state-dir", join(node.directory, "second")],
    ]);
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`Another agent \\(pid ${node.agentPid}\\) runs on`));
  });

  it("says who has its port when it is taken", async () => {
    await using other = await closing(await TestNode.create());
    await writeFile(
      other.configPath,
      `agent: {manifest: {port: ${node.port}}, admin: {socket: "${other.socket}"}}\n`,
    );
    const { code, stderr } = await runPodstead([
      ...["serve", "--config", other.configPath, "--state-dir", other.stateDir],
    ]);
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`taken by pid ${node.agentPid} \\(/[^)]+\\), uid \\d+`));
  });

  it("has an admin socket for its owner and group alone", async () => {
    assert.equal((await stat(node.socket)).mode & 0o777, 0o660);
  });

  it("will not start without a usable config when nothing was served before", async () => {
    await using other = await closing(await TestNode.create());
    await writeFile(other.configPath, "agent: {manifest: {port: none}}\n");
    const { code, stderr } = await runPodstead([
      ...["serve", "--config", other.configPath, "--state-dir", other.stateDir],
    ]);
    assert.equal(code, 78);
    assert.match(stderr, /config\.yaml:1:26: error: /);
    assert.match(stderr, /podstead validate/);
  });

  it("wants the token, and reads it anew on a reload", async () => {
    const tokenFile = join(node.directory, "token");
    await writeFile(tokenFile, "first\n");
    await using other = await closing(await TestNode.create());
    await writeFile(
      other.configPath,
      `agent: {manifest: {port: ${other.port}, tokenFile: "${tokenFile}"}, ` +
        `admin: {socket: "${other.socket}"}, stateDir: "${other.stateDir}"}\n`,
    );
    await other.startAgent();
    const status = async (token: string) =>
      (await fetch(other.manifestUrl, { headers: { Authorization: `Bearer ${token}` } })).status;
    assert.equal((await fetch(other.manifestUrl)).status, 401);
    assert.equal(await status("first"), 200);
    await writeFile(tokenFile, "second\n");
    await other.podstead("reload");
    assert.equal(await status("first"), 401);
    assert.equal(await status("second"), 200);
  });

  it("survives a storm of SIGHUPs and ends with what the file says", async () => {
    for (let at = 0; at < 30; at += 1) {
      node.writePods(podYaml(`storm-${at}`));
      await node.signalAgent("SIGHUP");
    }
    await eventually("the last pod is served", async () => {
      const { items } = await (await get()).json();
      return items.length === 1 && items[0].metadata.name === "storm-29" || undefined;
    });
  });

  it("shows changes to a watcher as they come", async () => {
    const watching = node.startPodstead("get", "staticpods", "-w", "-o", "json");
    const seen = (wanted: string) =>
      eventually(wanted, () => {
        const events = watching.lines.map((line) => JSON.parse(line));
        return Promise.resolve(
          events.some(({ event, metadata }) => `${event} ${metadata.id}` === wanted) || undefined,
        );
      });
    node.writePods(podYaml("before"));
    await node.podstead("reload");
    await seen("created default-before");
    node.writePods(podYaml("watched"));
    await node.podstead("reload");
    await seen("created default-watched");
    await seen("destroyed default-before");
    await node.signalAgent("SIGTERM", true);
    assert.equal(await watching.ended, 69);
    assert.match(watching.stderr, /The agent ended the watch/);
  });

  it("leaves no socket behind", () => {
    assert.equal(existsSync(node.socket), false);
  });
});

/** A node that is closed at the end of its block. */
function closing(node: TestNode): Promise<TestNode & AsyncDisposable> {
  return Promise.resolve(Object.assign(node, { [Symbol.asyncDispose]: () => node.close() }));
}
