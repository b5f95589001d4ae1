/** Pods of a folder come to podstead: etcd and the API server one around the other, and back on failure. */
import { afterEach, beforeEach, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { eventually, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";
import { podYaml } from "./pod_yaml.ts";
import { RuntimeWatch } from "./runtime_watch.ts";

const QUICK = ["--poll-interval", "100ms", "--time-factor", "0.3"];
const NAMES = ["kube-scheduler", "etcd", "kube-apiserver"];

/**
 * The stand-in has no folder of its own: what is in it runs from podstead already, as it does for a
 * kubelet that has just let go of a manifest.
 */
describeWithContainerd("podstead import --take-over", (containerd) => {
  let node: TestNode;
  let watch: RuntimeWatch;
  let folder: string;

  const pod = (name: string, script: string, image?: string) =>
    podYaml(name, {
      namespace: "kube-system",
      script,
      ...(image === undefined ? {} : { image }),
    });
  const isReady = async (name: string) => {
    const { stdout } = await node.podstead("get", "sps", "-o", "json");
    const { items } = JSON.parse(stdout);
    const id = `kube-system/${name}-node-1`;
    return items.find((one: { metadata: { id: string } }) => one.metadata.id === id)?.spec?.ready;
  };

  const etcdIsReady = () =>
    eventually(
      "etcd is ready",
      async () => await isReady("etcd") === "True" || undefined,
      60_000,
    );

  beforeEach(async () => {
    node = await TestNode.create(containerd());
    watch = new RuntimeWatch(containerd().runtime);
    folder = join(node.directory, "manifests");
    mkdirSync(folder);
  });
  afterEach(async () => {
    await watch.close();
    await node.close();
  });

  async function start(
    scripts: Readonly<Record<string, string>>,
    images: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const pods = NAMES.map((name) => pod(name, scripts[name] ?? "sleep 100000", images[name]))
      .join("");
    for (const name of NAMES) {
      const manifest = pod(name, "sleep 100000").replace(/^- /, "  ").replace(/^ {2}/gm, "");
      writeFileSync(join(folder, `${name}.yaml`), manifest);
    }
    node.writePods(pods);
    await node.startKubelet(QUICK);
    node.writePods(pods); // with the kubelet's port, which is known only now
    await node.startAgent();
    await etcdIsReady();
  }

  it("ends both, and lets the API server come back after etcd", async () => {
    await start({});
    const { code, stdout, stderr } = await node.podstead("import", folder, "--take-over");
    assert.equal(code, 0, stdout + stderr + node.lastWords());
    assert.match(stdout, /^taken over: 3 pods; their manifests are in .*\.imported\n$/);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(
      readdirSync(`${folder}.imported`).sort(),
      NAMES.map((name) => `${name}.yaml`).sort(),
    );
    const [etcdBefore, etcd] = watch.runs("etcd").slice(-2);
    const [apiBefore, api] = watch.runs("kube-apiserver").slice(-2);
    assert.ok(etcdBefore?.untilMs !== undefined && etcd !== undefined);
    assert.ok(apiBefore?.untilMs !== undefined && api !== undefined);
    assert.ok(etcd.fromMs <= api.fromMs, "etcd begins first");
    assert.deepEqual(await Promise.all(NAMES.map(isReady)), ["True", "True", "True"]);
    const { stdout: listed } = await node.podstead("get", "staticpods", "-o", "wide");
    assert.doesNotMatch(listed, /Stopped/);
    await node.podstead("stop", "kube-system/kube-scheduler", "--yes", "--no-wait");
    const meant = await node.podstead("import", folder, "--take-over");
    assert.equal(meant.code, 0, meant.stderr);
    assert.match((await node.podstead("get", "staticpods", "-o", "wide")).stdout, /Stopped/);
  });

  it("finishes what an attempt before was killed in, and calls the node unwell until then", async () => {
    await start({});
    // As such an attempt leaves it: both held, one manifest moved away.
    rmSync(join(folder, "kube-apiserver.yaml"));
    const held = ["etcd", "kube-apiserver"].map((name) =>
      `{pod: kube-system/${name}, for: take-over, since: "2026-11-30T14:30:00Z"}`
    );
    const dropIn = join(node.directory, "pods.d", "podstead-stopped.yaml");
    mkdirSync(dirname(dropIn), { recursive: true });
    writeFileSync(
      dropIn,
      `apiVersion: podstead.dev/v1\nkind: StoppedPods\npods: [${held.join(", ")}]\n`,
    );
    const reloaded = await node.podstead("reload");
    assert.equal(reloaded.code, 0, reloaded.stderr);
    const { code, stdout: told } = await node.podstead();
    assert.notEqual(code, 0, told);
    assert.match(told, /held since 2026-11-30T14:30:00Z for a take-over that is not done/);
    assert.match(told, /podstead import --take-over/);
    const { stdout, stderr, code: done } = await node.podstead("import", folder, "--take-over");
    assert.equal(done, 0, stdout + stderr + node.lastWords());
    assert.match(stderr, /an attempt before was cut short, and holds/);
    assert.match(stdout, /^taken over: 3 pods/);
    assert.deepEqual(readdirSync(folder), []);
    assert.deepEqual(await Promise.all(NAMES.map(isReady)), ["True", "True", "True"]);
  });

  it("moves nothing while an image is missing", async () => {
    await start({}, { "kube-apiserver": "127.0.0.1:1/kube-apiserver:v1" });
    const { code, stderr } = await node.podstead("import", folder, "--take-over");
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /no image "127\.0\.0\.1:1\/kube-apiserver:v1" for kube-system\/kube-apiserver/,
    );
    assert.match(stderr, /Nothing was moved/);
    assert.equal(readdirSync(folder).length, NAMES.length);
    await etcdIsReady(); // the kubelet says so a moment after the runtime
  });

  it("puts both back when the API server does not come up, and lets go of them", async () => {
    await start({ "kube-apiserver": "sleep 1; exit 3" });
    const { code, stderr } = await node.podstead("import", folder, "--take-over");
    assert.equal(code, 1, stderr);
    assert.match(stderr, /stopped at kube-system\/etcd and kube-system\/kube-apiserver: /);
    assert.deepEqual(readdirSync(folder).sort(), ["etcd.yaml", "kube-apiserver.yaml"]);
    // Else the kubelet would not start those of the folder.
    await eventually("podstead's pods end", () => {
      const gone = watch.current("etcd") === undefined &&
        watch.current("kube-apiserver") === undefined;
      return Promise.resolve(gone || undefined);
    });
    assert.equal(await isReady("kube-scheduler"), "True");
    assert.match(stderr, /podstead holds kube-system\/etcd and kube-system\/kube-apiserver/);
    assert.match(stderr, /When the cause is gone: podstead import \S+ --take-over/);
    assert.deepEqual(readdirSync(folder).sort(), ["etcd.yaml", "kube-apiserver.yaml"]);
  });
});
