/** Changes under a kept UID, and UIDs that stay, on real containerd and a kubelet stand-in. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { JsonObject } from "../../mod/core/mod.ts";
import { listPods } from "../../mod/cri/mod.ts";
import { renderManifest, specHash, stampPod } from "../../mod/pods/mod.ts";
import type { ImageRecipe } from "../support/images.ts";
import { TEST_IMAGES } from "../support/images.ts";
import { eventually, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

/** How often the agent is killed in the middle of a change; from source it takes long to start. */
const KILLS = process.env.PODSTEAD_E2E === "deno" ? 8 : 50;
const IMAGES = KILLS + 20;
const QUICK = ["--poll-interval", "200ms", "--time-factor", "0.3", "--api-port", "0"];

const SCRIPT = `#!/bin/sh
trap 'exit 0' TERM
sleep 2147483647 & wait $!
`;
const images: readonly ImageRecipe[] = Array.from({ length: IMAGES }, (_, index) => ({
  name: `docker.io/library/web:${index}`,
  entrypoint: ["/bin/sh", "/start.sh"],
  script: SCRIPT,
}));

interface Version {
  readonly image?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: string;
  readonly names?: readonly string[];
}

/** A pod of three containers, of which the first is changed. */
function podOf(name: string, { image = 0, labels = {}, env, names }: Version = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: {
      hostNetwork: true,
      terminationGracePeriodSeconds: 1,
      containers: (names ?? ["main", "side", "third"]).map((container) => ({
        name: container,
        image: `web:${container === "main" ? image : 0}`,
        imagePullPolicy: "IfNotPresent",
        ...(container === "main" && env !== undefined ? { env: [{ name: "E", value: env }] } : {}),
      })),
    },
  };
}

/** What runs of a pod. */
interface Running {
  readonly uid: string;
  readonly sandbox: string;
  readonly specHash: string | undefined;
  /** By container name: its ID and how often it was started before. */
  readonly containers: Readonly<Record<string, { readonly id: string; readonly attempt: number }>>;
  readonly text: string;
}

describeWithContainerd("podstead changes pods in place", (containerd) => {
  let node: TestNode;
  const versions: Record<string, Version> = {};

  const write = (agent = "") =>
    node.writePods(
      Object.entries(versions).map(([name, version]) =>
        `- ${JSON.stringify(podOf(name, version))}\n`
      ).join(""),
      agent,
    );
  const reload = async (agent = "") => {
    write(agent);
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 0, stdout + stderr);
  };
  const running = async (name: string): Promise<Running | undefined> => {
    const pods = await listPods(containerd().runtime, { processes: false });
    const alive = pods.filter((pod) =>
      pod.name === `${name}-node-1` && pod.state === "SANDBOX_READY"
    );
    const [pod] = alive;
    if (pod === undefined || alive.length > 1) return undefined;
    const up = pod.containers.filter(({ state }) => state === "CONTAINER_RUNNING");
    const containers = Object.fromEntries(
      up.map(({ name, id, attempt }) => [name, { id, attempt }]),
    );
    const text = up.map(({ name, hash }) => `${name}=${hash}`).sort().join(" ");
    return { uid: pod.uid, sandbox: pod.sandboxId, specHash: pod.specHash, containers, text };
  };
  /** Until the pod runs with these containers in the version that is declared, as podstead says. */
  const settled = (name: string, names: readonly string[] = ["main", "side", "third"]) =>
    eventually(`${name} runs as declared`, async () => {
      const run = await running(name);
      if (Object.keys(run?.containers ?? {}).sort().join() !== [...names].sort().join()) {
        return undefined;
      }
      const { stdout } = await node.podstead("get", "staticpodstatus", "-o", "json");
      const { items } = JSON.parse(stdout);
      const { spec } = items.find(({ metadata }: { metadata: { id: string } }) =>
        metadata.id === `default/${name}-node-1`
      );
      return spec.drift === "Current" && spec.ready === "True" ? run : undefined;
    }, 60_000).catch((thrown) => {
      throw new Error(`${thrown.message}\n${node.lastWords()}`, { cause: thrown });
    });
  const change = async (name: string, version: Version) => {
    const before = await settled(name, versions[name]?.names);
    versions[name] = version;
    await reload();
    return before;
  };
  const served = async (name: string): Promise<{ readonly uid?: string }> => {
    const { items } = await (await fetch(node.manifestUrl)).json();
    return items.find(({ metadata }: { metadata: { name: string } }) => metadata.name === name)
      .metadata;
  };
  /** Which containers have another instance than before. */
  const restarted = (before: Running, now: Running) =>
    Object.keys(now.containers)
      .filter((name) => before.containers[name]?.id !== now.containers[name]?.id).sort();

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    versions["web"] = {};
    write();
    await node.startAgent();
    await node.startKubelet(QUICK);
    await reload();
    await settled("web");
    for (let poll = 0; poll < 2; poll += 1) await node.controlKubelet("/poll");
  });
  after(() => node.close());

  it("restarts nothing for labels and annotations, which the kubelet takes in", async () => {
    const before = await change("web", { labels: { tier: "edge" } });
    await eventually("the kubelet shows the label", async () => {
      const { items } = await (await fetch(`http://127.0.0.1:${node.kubeletPorts.api}/pods`))
        .json();
      return items[0].metadata.labels?.tier === "edge" || undefined;
    });
    assert.deepEqual(await settled("web"), before);
  });

  it("restarts one container for its image, in the same sandbox, and says so", async () => {
    versions["web"] = { labels: { tier: "edge" }, image: 1 };
    write();
    const dry = await node.podstead("reload", "--dry-run");
    assert.match(dry.stdout, /~ default\/web: change in place: spec\.containers\[0\]\.image\n/);
    const before = await settled("web");
    await reload();
    const now = await eventually("main has another image", async () => {
      const run = await running("web");
      return run?.text !== before.text && run?.containers["main"] !== undefined ? run : undefined;
    });
    assert.deepEqual(restarted(before, now), ["main"]);
    assert.deepEqual([now.sandbox, now.uid], [before.sandbox, before.uid]);
    assert.equal(now.containers["main"]?.attempt, 1);
    await settled("web");
    const events = await node.podstead("events", "default/web");
    assert.match(events.stdout, /Its new version runs.* \(changed in place\)/);
    const metrics = await (await fetch(`http://127.0.0.1:${node.port}/metrics`)).text();
    assert.match(
      metrics,
      /^podstead_pod_replacements_total\{method="in-place",result="done"\} 2$/m,
    );
  });

  it("starts an added container beside the others", async () => {
    const names = ["main", "side", "third", "fourth"];
    const before = await change("web", { ...versions["web"], names });
    const now = await settled("web", names);
    assert.deepEqual(restarted(before, now), ["fourth"]);
    assert.equal(now.sandbox, before.sandbox);
  });

  for (
    const [what, next] of Object.entries<Version>({
      "a removed container": { image: 1, names: ["main", "side", "third"] },
      "an environment": { image: 1, env: "x" },
      "an environment with an image": { image: 2, env: "y" },
      "moved containers": { image: 2, env: "y", names: ["side", "main", "third"] },
    })
  ) {
    it(`begins another pod for ${what}, and the kubelet lives on`, async () => {
      const before = await change("web", next);
      const now = await settled("web");
      assert.notEqual(now.sandbox, before.sandbox);
      assert.notEqual(now.uid, before.uid);
      assert.equal(restarted(before, now).length, 3);
    });
  }

  it("returns to an image that was just left as another pod, without a wait", async () => {
    versions["back"] = {};
    await reload();
    const first = await settled("back");
    await change("back", { image: 1 });
    const second = await eventually("it has the other image", async () => {
      const run = await running("back");
      return run?.text !== first.text && run?.containers["main"] !== undefined ? run : undefined;
    });
    assert.equal(second.uid, first.uid);
    await change("back", {});
    const third = await settled("back");
    assert.notEqual(third.uid, first.uid);
    assert.equal(third.text, first.text);
    delete versions["back"];
    await reload();
  });

  it("restarts nothing for a loss of state, another URL, another minor or a kill", async () => {
    const before = await settled("web");
    await node.signalAgent("SIGKILL", true);
    rmSync(join(node.stateDir, "state.json"));
    await node.startAgent();
    assert.deepEqual(await settled("web"), before);
    await node.stopKubelet();
    await node.startKubelet([
      ...QUICK,
      ...["--url", node.manifestUrl.replace("127.0.0.1", "localhost"), "--minor", "35"],
    ]);
    await reload();
    // Long enough for what would be replaced to have ended.
    for (let poll = 0; poll < 5; poll += 1) await node.controlKubelet("/poll");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.deepEqual(await settled("web"), before);
    await node.stopKubelet();
    await node.startKubelet(QUICK);
    await reload();
    for (let poll = 0; poll < 3; poll += 1) await node.controlKubelet("/poll");
    assert.deepEqual(await settled("web"), before);
  });

  it("ends in the new version, once, after a kill in the middle", async () => {
    let image = 3;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = await settled("web");
      versions["web"] = { ...versions["web"], image: image += 1 };
      write();
      await node.signalAgent("SIGHUP");
      // Anywhere between the signal and the new container.
      await new Promise((resolve) => setTimeout(resolve, (kill * 53) % 600));
      await node.signalAgent("SIGKILL", true);
      await node.startAgent();
      const now = await eventually("main has the next image", async () => {
        const run = await running("web");
        return run?.text !== before.text && run?.containers["main"] !== undefined ? run : undefined;
      });
      assert.deepEqual(restarted(before, now), ["main"], `kill ${kill}`);
      assert.equal(now.sandbox, before.sandbox);
      const attempts = (now.containers["main"]?.attempt ?? 0) -
        (before.containers["main"]?.attempt ?? 0);
      assert.equal(attempts, 1, `kill ${kill}`);
    }
    await settled("web");
  });

  it("adopts what an older podstead served without a UID, both ways", async () => {
    const older = podOf("older");
    const hash = specHash(older);
    const list = renderManifest([stampPod(older, hash)]);
    await node.signalAgent("SIGTERM", true);
    const endpoint: Server = createServer((_, response) => response.end(list));
    const serveOlder = async () => {
      endpoint.listen(node.port, "127.0.0.1");
      await once(endpoint, "listening");
    };
    const stopOlder = async () => {
      endpoint.close();
      endpoint.closeAllConnections();
      await once(endpoint, "close");
    };
    for (const name of Object.keys(versions)) delete versions[name];
    versions["older"] = {};
    await serveOlder();
    const before = await eventually("the older list runs", async () => {
      const run = await running("older");
      return Object.keys(run?.containers ?? {}).length === 3 ? run : undefined;
    }, 40_000);
    await stopOlder();
    write();
    const source = { file: node.configPath, line: 3 };
    writeFileSync(
      join(node.stateDir, "state.json"),
      JSON.stringify({
        format: 1,
        revision: 1,
        pods: [{
          ...{ id: "default-older", namespace: "default", name: "older", pod: older, hash },
          ...{ revision: 1, sinceMs: Date.now(), source },
        }],
        versions: [],
        replacing: [],
      }),
    );
    await node.startAgent();
    assert.equal((await served("older")).uid, before.uid);
    assert.deepEqual(await settled("older"), before);
    await node.signalAgent("SIGTERM", true);
    await serveOlder();
    for (let poll = 0; poll < 3; poll += 1) await node.controlKubelet("/poll");
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    assert.deepEqual(await running("older"), before);
    await stopOlder();
    await node.startAgent();
    assert.deepEqual(await settled("older"), before);
    // From then on it is changed like any other.
    await change("older", { image: 1 });
    const now = await eventually("main has another image", async () => {
      const run = await running("older");
      return run?.text !== before.text && run?.containers["main"] !== undefined ? run : undefined;
    });
    assert.deepEqual(restarted(before, now), ["main"]);
  });
}, { images: [...TEST_IMAGES, ...images] });
