/** ConfigMaps and Secrets on real containerd: in containers, changed, and over a killed agent. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeBody } from "../../mod/pods/mod.ts";
import { eventually, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

const QUICK = ["--poll-interval", "200ms", "--time-factor", "0.3", "--api-port", "0"];

/** How often the agent is killed while it changes files. */
const KILLS = 10;

const POD = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  terminationGracePeriodSeconds: 1
  containers:
    - name: web
      image: nginx:latest
      imagePullPolicy: IfNotPresent
      command: ["/bin/sh", "-c", "trap 'exit 0' TERM; while true; do echo level=$LEVEL a=$(cat /etc/web/a) pw=$(cat /etc/pw/pw) w=$(touch /etc/web/x 2>&1 | grep -c Read-only); sleep 0.1; done"]
      env: [{name: LEVEL, valueFrom: {configMapKeyRef: {name: env, key: level}}}]
      volumeMounts: [{name: files, mountPath: /etc/web}, {name: pw, mountPath: /etc/pw}]
  volumes:
    - {name: files, configMap: {name: files}}
    - {name: pw, secret: {secretName: pw, defaultMode: 0400}}
`;

const object = (kind: string, name: string, data: Readonly<Record<string, string>>) =>
  `---\n${
    JSON.stringify({
      apiVersion: "v1",
      kind,
      metadata: { name },
      [kind === "Secret" ? "stringData" : "data"]: data,
    })
  }\n`;

describeWithContainerd("podstead gives pods their ConfigMaps and Secrets", (containerd) => {
  let node: TestNode;
  let volumes: string;

  const write = (value: string, level = "info") => {
    const files = Object.fromEntries(["a", "b", "c", "d"].map((key) => [key, value]));
    writeFileSync(
      join(node.directory, "pods.d/web.yaml"),
      POD + object("ConfigMap", "files", files) + object("ConfigMap", "env", { level }) +
        object("Secret", "pw", { pw: "hunter2" }),
    );
  };
  const reload = async () => {
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 0, stdout + stderr);
  };
  const lastLine = async () => {
    const { stdout } = await node.podstead("logs", "-k", "default/web", "--tail", "1");
    return stdout.trim();
  };
  const says = (words: string) =>
    eventually(`the container says ${words}`, async () => {
      return (await lastLine()).includes(words) || undefined;
    }, 60_000).catch((thrown) => {
      throw new Error(`${thrown.message}\n${node.lastWords()}`, { cause: thrown });
    });
  const uid = async () => {
    const { items } = await (await fetch(node.manifestUrl)).json();
    return items[0]?.metadata.uid;
  };

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    volumes = join(node.directory, "volumes");
    mkdirSync(join(node.directory, "pods.d"));
    node.writePods("[]\n", `  volumesDir: ${JSON.stringify(volumes)}\n`);
    write("one");
    await node.startAgent();
    await node.startKubelet(QUICK);
  });
  after(async () => await node?.close());

  it("as files and as variables, in a list that the kubelet takes, read-only", async () => {
    await says("level=info a=one pw=hunter2 w=1");
    const bytes = new Uint8Array(await (await fetch(node.manifestUrl)).arrayBuffer());
    assert.deepEqual(judgeBody(bytes, { nodeName: "n", kubeletVersion: "1.37" }).errors, []);
  });

  it("with new files in a running container, and with new variables in a new one", async () => {
    const before = await uid();
    write("two");
    await reload();
    assert.equal(readFileSync(join(volumes, "default/web/files/a"), "utf8"), "two");
    await says("level=info a=two");
    assert.equal(await uid(), before, "it is the same pod");
    write("two", "debug");
    await reload();
    await says("level=debug a=two");
    assert.notEqual(await uid(), before);
  });

  it("and hides the values of Secrets unless they are asked for", async () => {
    const hidden = await node.podstead("get", "secrets", "-o", "yaml");
    assert.match(hidden.stdout, /pw: \(hidden, 7 bytes\)/);
    const shown = await node.podstead("get", "secrets", "-o", "yaml", "--show-secrets");
    assert.match(shown.stdout, /pw: aHVudGVyMg==/);
    for (const text of [hidden.stdout, node.lastWords()]) {
      assert.doesNotMatch(text, /hunter2|aHVudGVyMg==/);
    }
  });

  it("as the old set or the new one, however often the agent is killed", async () => {
    const set = join(volumes, "default/web/files/..data");
    let torn = 0;
    for (let round = 0; round < KILLS; round += 1) {
      write(`round${round}`, "debug");
      const reloading = node.podstead("reload");
      const killed = new Promise((resolve) => setTimeout(resolve, round * 7)).then(() =>
        node.signalAgent("SIGKILL", true)
      );
      await Promise.all([reloading, killed]);
      const values = new Set(readdirSync(set).map((key) => readFileSync(join(set, key), "utf8")));
      if (values.size !== 1) torn += 1;
      await node.startAgent();
    }
    assert.equal(torn, 0);
    await reload();
    await says(`a=round${KILLS - 1}`);
  });

  it("again after a boot has taken the files away, before the list is served", async () => {
    await node.signalAgent("SIGTERM", true);
    rmSync(volumes, { recursive: true });
    writeFileSync(join(node.directory, "pods.d/web.yaml"), "kind: [");
    await node.startAgent();
    await eventually("the list is served", async () => (await uid()) ?? undefined);
    const value = readFileSync(join(volumes, "default/web/files/a"), "utf8");
    assert.equal(value, `round${KILLS - 1}`);
  });
});
