import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadConfig } from "../../mod/config/mod.ts";
import { judge } from "../../mod/pods/mod.ts";
import { JudgingKubelet, type KnownKubelet } from "../../mod/serve/host/judging_kubelet.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const HOST = { hostname: "node-1", address: "127.0.0.1" };

function pod(name: string, spec: object): object {
  const containers = [{ name: "app", image: "registry.example/app:1" }];
  return { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { containers, ...spec } };
}

const COMPARING = pod("comparing", { tolerations: [{ key: "a", operator: "Gt", value: "1" }] });
const OLD_ADDRESS = pod("old-address", { hostAliases: [{ ip: "010.0.0.1" }] });

/** A config of these pods, and a kubelet that is what `be` says. */
async function scene(directory: string, pods: readonly object[], agent: object = {}) {
  await mkdir(directory, { recursive: true });
  const path = join(directory, "config.yaml");
  await writeFile(path, JSON.stringify({ machine: { pods }, agent }));
  const config = await loadConfig(path, HOST);
  assert.deepEqual(config.problems, []);
  const settings = config.settings!;
  let now: KnownKubelet = { version: "1.36.2", gates: {}, from: "configz" };
  const asked: string[] = [];
  const judging = new JudgingKubelet(({ node }) => {
    asked.push(node.name);
    return Promise.resolve(now);
  });
  return {
    judging,
    asked,
    settings,
    config,
    be: (change: Partial<KnownKubelet>) => now = { ...now, ...change },
    look: async () => (await judging.look(settings, config)).map(({ message }) => message),
  };
}

describe("JudgingKubelet", () => {
  it("takes a look that was begun for these settings, and makes one of its own for others", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, settings, look, asked } = await scene(directory.path, [COMPARING]);
    judging.begin(structuredClone(settings));
    await look();
    assert.equal(asked.length, 1);
    await look();
    assert.equal(asked.length, 2);
    judging.begin({ ...settings, node: { ...settings.node, name: "before" } });
    await look();
    assert.deepEqual(asked.slice(2), ["before", settings.node.name]);
  });

  it("says nothing of the first kubelet, and nothing of one that stays the same", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, look } = await scene(directory.path, [COMPARING]);
    assert.deepEqual(await look(), []);
    judging.reloaded("applied");
    assert.deepEqual(await look(), []);
  });

  it("knows its API server on, also while it cannot be looked at, until it has another or none", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, look, be } = await scene(directory.path, [COMPARING]);
    const apiServer = { kind: "kubeconfig", path: "/etc/kubernetes/kubelet.conf" } as const;
    be({ apiServer });
    await look();
    await look();
    assert.deepEqual(judging.current?.apiServer, apiServer);
    be({ from: "defaults", apiServer: { kind: "none" } });
    await look();
    assert.deepEqual(judging.current?.apiServer, apiServer);
    const other = { kind: "kubeconfig", path: "/etc/podstead/kubelet.conf" } as const;
    be({ apiServer: other });
    await look();
    assert.deepEqual(judging.current?.apiServer, other);
    be({ from: "process", apiServer: { kind: "none" } });
    await look();
    assert.deepEqual(judging.current?.apiServer, { kind: "none" });
  });

  it("says that a kubelet that has lost its API server refuses pods with a runtime class", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, look, be } = await scene(directory.path, [{
      ...COMPARING,
      spec: { containers: [{ name: "app", image: "app:1" }], runtimeClassName: "gvisor" },
    }]);
    await look();
    judging.reloaded("applied");
    be({ from: "process", apiServer: { kind: "none" }, standAlone: true });
    assert.match((await look()).join(), /runs without an API server.* refuses default\//);
    // While it cannot be looked at, it stays what it was.
    be({ from: "defaults", apiServer: { kind: "none" } });
    await look();
    assert.equal(judging.current?.standAlone, true);
  });

  it("says which gate has changed, and which verdicts that changed", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, settings, look, be } = await scene(directory.path, [COMPARING, OLD_ADDRESS]);
    await look();
    judging.reloaded("partial");
    be({ gates: { TaintTolerationComparisonOperators: true, EnvFiles: false } });
    assert.deepEqual(await look(), [
      "The kubelet has changed: EnvFiles is off, TaintTolerationComparisonOperators is on. " +
      "All pods were judged again: it takes default/comparing now",
    ]);
    const [first] = [COMPARING].map((one) => judge(one as never, judging.options(settings)));
    assert.equal(first!.valid, true);
  });

  it("says which pods an upgrade has refused", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, settings, config, look, be } = await scene(directory.path, [OLD_ADDRESS]);
    be({ version: "1.35.6" });
    await look();
    judging.reloaded("applied");
    be({ version: "1.36.2" });
    const [problem] = await judging.look(settings, config);
    assert.match(problem!.hint!, /^Correct or remove them: .* refuses the whole list$/);
    assert.match(
      problem!.message,
      /^The kubelet has changed: it is 1\.36\.2, before it was 1\.35\.6, .*refuses default\/old-address now$/,
    );
  });

  it("proves a refusal only by a kubelet that the node shows and podstead knows the rules of", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, settings, look, be } = await scene(directory.path, [OLD_ADDRESS]);
    const refuses = async (change: Partial<KnownKubelet>) => {
      be(change);
      await look();
      return judging.now(settings).refuses(OLD_ADDRESS as never);
    };
    const seen = { version: "1.36.2", gates: {} };
    assert.equal(await refuses({ version: "1.36.2", seen }), true);
    // A setting alone, and a setting that is against what the node shows.
    assert.equal(await refuses({ version: "1.36.2", seen: undefined }), false);
    assert.equal(await refuses({ version: "1.35.6", seen }), false);
    assert.equal(
      await refuses({ version: "1.36.2", seen: { version: "1.35.6", gates: {} } }),
      false,
    );
    assert.equal(
      await refuses({ version: "1.99.0", seen: { version: "1.99.0", gates: {} } }),
      false,
    );
  });

  it("says that no verdict changed", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, look, be } = await scene(directory.path, [pod("plain", {})]);
    await look();
    judging.reloaded("unchanged");
    be({ gates: { EnvFiles: false } });
    assert.match((await look())[0]!, /EnvFiles is off\. All pods were judged again: no verdict/);
  });

  it("says it again until a reload could be made, and then no more", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, look, be } = await scene(directory.path, []);
    await look();
    judging.reloaded("applied");
    be({ version: "1.37.0" });
    assert.equal((await look()).length, 1);
    judging.reloaded("rejected");
    assert.equal((await look()).length, 1);
    judging.reloaded("unchanged");
    assert.equal((await look()).length, 0);
  });

  it("takes a kubelet that cannot be looked at for the one that it was", async () => {
    await using directory = await makeTempDir("judging");
    const { judging, settings, look, be } = await scene(directory.path, [COMPARING]);
    be({ version: "1.35.6", gates: { TaintTolerationComparisonOperators: true } });
    await look();
    judging.reloaded("applied");
    be({ version: undefined, gates: {}, from: "defaults" });
    assert.deepEqual(await look(), []);
    assert.equal(judge(COMPARING as never, judging.options(settings)).valid, true);
  });

  it("names gates of the config that this kubelet does not have", async () => {
    await using directory = await makeTempDir("judging");
    const gates = { PreventStaticPodAPIReferences: false };
    const { look, be } = await scene(directory.path, [], { kubelet: { featureGates: gates } });
    assert.deepEqual(await look(), []);
    be({ version: "1.37.0" });
    assert.match((await look())[0]!, /^agent\.kubelet\.featureGates: Kubernetes 1\.37 has no/);
  });
});

describe("loadConfig() feature gates", () => {
  it("refuses mistyped names with the nearest one, and values that are no booleans", async () => {
    await using directory = await makeTempDir("judging");
    const path = join(directory.path, "config.yaml");
    await writeFile(
      path,
      "agent:\n  kubelet:\n    featureGates:\n      SELinuxMonut: true\n      EnvFiles: 'false'\n",
    );
    const { problems } = await loadConfig(path, HOST);
    assert.deepEqual(problems.map(({ position }) => position?.line), [4, 5]);
    assert.match(problems[0]?.wanted ?? "", /feature gate; did you mean "SELinuxMount"\?/);
    assert.match(problems[1]?.wanted ?? "", /a boolean, true or false/);
  });

  it("takes gates that have nothing to do with pods", async () => {
    await using directory = await makeTempDir("judging");
    const path = join(directory.path, "config.yaml");
    await writeFile(path, "agent: {kubelet: {featureGates: {MemoryQoS: true}}}\n");
    const { problems, settings } = await loadConfig(path, HOST);
    assert.deepEqual(problems, []);
    assert.deepEqual(settings?.kubelet.featureGates, { MemoryQoS: true });
  });
});
