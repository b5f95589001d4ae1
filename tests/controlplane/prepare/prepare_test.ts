import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { getOwn, isJsonObject, type JsonObject } from "../../../mod/core/mod.ts";
import {
  type ControlPlanePlan,
  ControlPlaneService,
  declareControlPlane,
  joinDeclared,
  nodeFs,
  prepareControlPlane,
  type PreparedComponent,
  renderControlPlane,
} from "../../../mod/controlplane/mod.ts";
import { declarePods } from "../../../mod/pods/mod.ts";
import { renewPki } from "../../../mod/pki/mod.ts";
import { DAY, directoryWithPki, NOW, optionsFor } from "../../pki/support.ts";
import { configOf, node } from "../support.ts";
import { UNLESS_ROOT } from "../../support/as_root.ts";
import { describeUnless } from "../../support/unless.ts";

const MAKE_IT = "Make a PKI with `podstead pki init`, or what is missing of one with `pki renew`";
const RENEW = "Renew it, for example with podstead pki renew or kubeadm certs renew";

const IDS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

/** A node with a PKI of its own, below a temporary directory. */
async function nodeWithPki(cluster: Record<string, unknown> = {}) {
  const directory = await directoryWithPki();
  const options = optionsFor(directory.path);
  const config = configOf({
    etcd: { dataDirectory: join(directory.path, "etcd-data") },
    pkiDirectory: options.directory,
    kubeconfigDirectory: directory.path,
    configDirectory: join(directory.path, "control-plane"),
    ...cluster,
  });
  return {
    config,
    plan: renderControlPlane(config, node),
    options,
    path: (...names: string[]) => join(directory.path, ...names),
    [Symbol.dispose]: () => directory[Symbol.dispose](),
  };
}

async function states(plan: ControlPlanePlan, nowMs = NOW) {
  const prepared = await prepareControlPlane(plan, { nowMs });
  return Object.fromEntries(
    prepared.map((one) => [one.id, one.state === "ready" ? "" : one.reason]),
  );
}

const ALL_READY = Object.fromEntries(IDS.map((id) => [id, ""]));

function secretsHash(prepared: readonly PreparedComponent[], id: string): unknown {
  const pod = prepared.find((one) => one.id === id)?.pod ?? {};
  const metadata = getOwn(pod, "metadata") as JsonObject;
  const annotations = metadata["annotations"];
  return isJsonObject(annotations) ? annotations["podstead.dev/secrets-hash"] : undefined;
}

describeUnless(UNLESS_ROOT, "prepareControlPlane()", () => {
  it("has every component ready on a node with a fresh PKI", async () => {
    using host = await nodeWithPki();
    assert.deepEqual(await states(host.plan), ALL_READY);
  });

  it("writes copies that only root and the component's group can read", async () => {
    using host = await nodeWithPki();
    await prepareControlPlane(host.plan, { nowMs: NOW });
    const copy = host.path("control-plane/kube-apiserver/apiserver.key");
    assert.equal(readFileSync(copy, "utf8"), readFileSync(host.path("pki/apiserver.key"), "utf8"));
    const file = statSync(copy);
    const directory = statSync(host.path("control-plane/kube-apiserver"));
    assert.deepEqual([file.mode & 0o777, file.uid, file.gid], [0o440, 0, 65601]);
    assert.deepEqual([directory.mode & 0o777, directory.uid, directory.gid], [0o750, 0, 65601]);
    assert.equal(statSync(host.path("etcd-data")).mode & 0o777, 0o700);
  });

  it("gives no component a key it does not need", async () => {
    using host = await nodeWithPki();
    await prepareControlPlane(host.plan, { nowMs: NOW });
    assert.equal(existsSync(host.path("control-plane/kube-apiserver/ca.key")), false);
    assert.equal(existsSync(host.path("control-plane/kube-scheduler/ca.key")), false);
    assert.equal(existsSync(host.path("control-plane/kube-controller-manager/ca.key")), true);
  });

  it("holds back the one component whose certificate is missing, and writes nothing for it", async () => {
    using host = await nodeWithPki();
    rmSync(host.path("pki/apiserver.crt"));
    assert.deepEqual(await states(host.plan), {
      ...ALL_READY,
      "kube-apiserver": `"${host.path("pki/apiserver.crt")}" is missing. ${MAKE_IT}`,
    });
    assert.equal(existsSync(host.path("control-plane/kube-apiserver")), false);
  });

  const cases: readonly [
    string,
    (host: { path: (...names: string[]) => string }) => void,
    string,
    RegExp,
  ][] = [
    [
      "a key of mode 0644",
      (host) => chmodSync(host.path("pki/apiserver.key"), 0o644),
      "kube-apiserver",
      /holds a private key and has mode 0644, wanted 0600/,
    ],
    [
      "a key of another certificate",
      (host) =>
        renameSync(host.path("pki/apiserver-kubelet-client.key"), host.path("pki/apiserver.key")),
      "kube-apiserver",
      /do not belong together \(and 1 more\)/,
    ],
    [
      "a certificate of another authority",
      (host) => {
        for (const ext of ["crt", "key"]) {
          renameSync(host.path(`pki/etcd/peer.${ext}`), host.path(`pki/front-proxy-client.${ext}`));
        }
      },
      "kube-apiserver",
      /was not issued by .*front-proxy-ca\.crt"/,
    ],
    [
      "a certificate that is none",
      (host) => writeFileSync(host.path("pki/apiserver.crt"), "hello"),
      "kube-apiserver",
      /Cannot read the certificate in .*it holds no PEM certificate/,
    ],
    [
      "a directory where a kubeconfig should be",
      (host) => {
        rmSync(host.path("scheduler.conf"));
        mkdirSync(host.path("scheduler.conf"));
      },
      "kube-scheduler",
      /scheduler\.conf" must be a file, it is a directory/,
    ],
    [
      "an empty kubeconfig",
      (host) => writeFileSync(host.path("scheduler.conf"), ""),
      "kube-scheduler",
      /is not a kubeconfig: it names no server/,
    ],
    [
      "service account keys that are no pair",
      (host) => writeFileSync(host.path("pki/sa.pub"), readFileSync(host.path("pki/ca.crt"))),
      "kube-apiserver",
      /Cannot read the key in .*sa\.pub/,
    ],
  ];
  for (const [name, damage, id, reason] of cases) {
    it(`holds back for ${name}`, async () => {
      using host = await nodeWithPki();
      damage(host);
      const prepared = await prepareControlPlane(host.plan, { nowMs: NOW });
      const one = prepared.find((component) => component.id === id);
      assert.ok(one?.state === "held", `${id} is ${one?.state}`);
      assert.match(one.reason, reason);
    });
  }

  it("holds back with the date when a certificate has expired, all others are served", async () => {
    using host = await nodeWithPki();
    await renewPki({ ...host.options, nowMs: NOW, certificateDays: 10 });
    const short = readFileSync(host.path("scheduler.conf"));
    await renewPki({ ...host.options, nowMs: NOW + DAY, certificateDays: 600 });
    writeFileSync(host.path("scheduler.conf"), short);
    assert.deepEqual(await states(host.plan, NOW + 310 * DAY), {
      ...ALL_READY,
      "kube-scheduler": `Certificate "${
        host.path("scheduler.conf")
      }" expired on 2026-12-04T12:00:00Z, 300d ago. ${RENEW}`,
    });
  });

  it("warns before the end and when a name is missing, without holding back", async () => {
    using host = await nodeWithPki({ apiServer: { certSANs: ["new.example.com"] } });
    const prepared = await prepareControlPlane(host.plan, { nowMs: NOW + 340 * DAY });
    const api = prepared.find(({ id }) => id === "kube-apiserver");
    assert.equal(api?.state, "ready");
    const codes = new Set(api?.findings.map((finding) => finding.code));
    assert.deepEqual([...codes].sort(), ["expires-soon", "name-missing"]);
  });

  it("waits for an extra volume's path instead of letting it be made as a directory", async () => {
    using host = await nodeWithPki();
    const hostPath = host.path("webhook.conf");
    const plan = renderControlPlane(
      configOf({
        pkiDirectory: host.options.directory,
        kubeconfigDirectory: host.path(),
        configDirectory: host.path("control-plane"),
        apiServer: { extraVolumes: [{ hostPath, mountPath: "/etc/webhook.conf" }] },
      }),
      node,
    );
    assert.equal((await states(plan))["kube-apiserver"], `"${hostPath}" is missing`);
    writeFileSync(hostPath, "x");
    assert.equal((await states(plan))["kube-apiserver"], "");
  });

  it("says so when it cannot write, and serves the others", async () => {
    using host = await nodeWithPki();
    mkdirSync(host.path("control-plane"));
    writeFileSync(host.path("control-plane/kube-scheduler"), "in the way");
    assert.deepEqual(await states(host.plan), {
      ...ALL_READY,
      "kube-scheduler": `Cannot write "${
        host.path("control-plane/kube-scheduler")
      }": a file is in its place. Podstead must run as root, with room on the disk, to prepare the control plane`,
    });
  });

  it("touches no file that is right already", async () => {
    using host = await nodeWithPki();
    const first = await prepareControlPlane(host.plan, { nowMs: NOW });
    const refuse = () => Promise.reject(new Error("wrote"));
    const fs = { ...nodeFs, replace: refuse, makeDirectory: refuse, setOwnership: refuse };
    assert.deepEqual(await prepareControlPlane(host.plan, { nowMs: NOW, fs }), first);
  });

  it("repairs the mode of a copy", async () => {
    using host = await nodeWithPki();
    await prepareControlPlane(host.plan, { nowMs: NOW });
    const copy = host.path("control-plane/kube-scheduler/kubeconfig");
    chmodSync(copy, 0o444);
    await prepareControlPlane(host.plan, { nowMs: NOW });
    assert.equal(statSync(copy).mode & 0o777, 0o440);
  });

  it("restarts for what a component reads at its start, not for what it reads again", async () => {
    using host = await nodeWithPki();
    const before = await prepareControlPlane(host.plan, { nowMs: NOW });
    await renewPki({ ...host.options, nowMs: NOW + DAY });
    const after = await prepareControlPlane(host.plan, { nowMs: NOW + DAY });
    const same = (id: string) => secretsHash(before, id) === secretsHash(after, id);
    assert.equal(typeof secretsHash(before, "kube-apiserver"), "string");
    assert.deepEqual(Object.fromEntries(IDS.map((id) => [id, same(id)])), {
      "etcd": true,
      "kube-apiserver": true,
      "kube-controller-manager": false,
      "kube-scheduler": false,
    });
    const copy = host.path("control-plane/kube-apiserver/apiserver.crt");
    assert.equal(readFileSync(copy, "utf8"), readFileSync(host.path("pki/apiserver.crt"), "utf8"));
  });
});

/** A clock whose sleepers are woken by hand. */
function handClock(startMs: number) {
  let nowMs = startMs;
  let wake: (() => void) | undefined;
  let asleep: (() => void) | undefined;
  return {
    clock: {
      now: () => nowMs,
      monotonicMs: () => nowMs,
      sleep: (_delayMs: number, signal?: AbortSignal) =>
        new Promise<void>((resolve, reject) => {
          wake = resolve;
          signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
          asleep?.();
        }),
    },
    /** Resolves when somebody sleeps. */
    untilAsleep: () =>
      new Promise<void>((resolve) => {
        if (wake === undefined) asleep = resolve;
        else resolve();
      }),
    advance(ms: number) {
      nowMs += ms;
      const sleeper = wake;
      wake = undefined;
      sleeper?.();
    },
  };
}

describeUnless(UNLESS_ROOT, "ControlPlaneService", () => {
  it("tells of a certificate that appears, of a date that comes, and of nothing else", async () => {
    using host = await nodeWithPki();
    const certificate = host.path("pki/apiserver.crt");
    renameSync(certificate, `${certificate}.away`);
    const hand = handClock(NOW);
    const seen: string[] = [];
    const faults: unknown[] = [];
    const source = { config: host.config, node, file: "/etc/podstead/config.yaml" };
    const service = new ControlPlaneService({
      clock: hand.clock,
      onChange: async () => {
        const { pods } = await service.prepare(source);
        seen.push(
          pods.filter(({ held }) => held !== undefined).map(({ declared }) => declared.id)
            .join(),
        );
      },
      onFault: (error) => faults.push(error),
    });
    const first = await service.prepare(source);
    assert.deepEqual(
      first.pods.map(({ declared, held }) => [declared.id, held]),
      IDS.map((
        id,
      ) => [id, id === "kube-apiserver" ? `"${certificate}" is missing. ${MAKE_IT}` : undefined]),
    );
    assert.match(first.problems[0]?.message ?? "", /^kube-apiserver is held back: .* is missing$/);
    const step = async (ms: number) => {
      await hand.untilAsleep();
      hand.advance(ms);
      await hand.untilAsleep();
    };
    await step(3000);
    assert.deepEqual(seen, []);
    renameSync(`${certificate}.away`, certificate);
    await step(3000);
    assert.deepEqual(seen, [""]);
    // What preparing wrote must not wake it again.
    await step(3000);
    assert.deepEqual(seen, [""]);
    chmodSync(host.path("pki/sa.key"), 0o644);
    await step(3000);
    assert.deepEqual(seen, ["", "kube-apiserver,kube-controller-manager"]);
    chmodSync(host.path("pki/sa.key"), 0o600);
    await step(3000);
    rmSync(host.path("control-plane/kube-scheduler/kubeconfig"));
    await step(3000);
    assert.equal(existsSync(host.path("control-plane/kube-scheduler/kubeconfig")), true);
    await step(366 * DAY);
    assert.deepEqual(seen.slice(2), ["", "", IDS.join()]);
    service.close();
    assert.deepEqual(faults, []);
  });

  it("proposes without writing", async () => {
    using host = await nodeWithPki();
    const service = new ControlPlaneService({
      clock: handClock(NOW).clock,
      onChange: () => assert.fail("no watch was asked for"),
      onFault: (error) => assert.fail(String(error)),
    });
    const { pods } = await service.propose({ config: host.config, node, file: "c.yaml" });
    assert.equal(pods.length, 4);
    assert.equal(existsSync(host.path("control-plane")), false);
    const { pods: none } = await service.prepare({ config: null, node, file: "c.yaml" });
    assert.deepEqual(none, []);
  });
});

describe("joinDeclared()", () => {
  it("lets the settings win over a pod of the same key or ID, and says where that stands", async () => {
    using host = await nodeWithPki();
    const prepared = await prepareControlPlane(host.plan, { nowMs: NOW });
    const controlPlane = declareControlPlane(host.plan, prepared, "config.yaml");
    const own = declarePods(
      [["kube-system", "kube-scheduler"], ["kube", "apiserver"], ["default", "nginx"]]
        .map(([namespace, name], index) => ({
          source: {
            file: "pods.yaml",
            document: 0,
            index,
            position: { line: index + 1, column: 1 },
          },
          pod: { metadata: { namespace: namespace ?? "", name: name ?? "" } },
          positionOf: () => ({ line: index + 1, column: 1 }),
          lineText: () => "",
        })),
    );
    const joined = joinDeclared(own, controlPlane);
    assert.deepEqual(joined.pods.map(({ id }) => id), ["default-nginx"]);
    assert.deepEqual(
      joined.problems.map(({ file, position, message }) => [file, position?.line, message]),
      [
        [
          "pods.yaml",
          2,
          'Pod "kube/apiserver" is kube-apiserver of the control plane settings, which stays',
        ],
        [
          "pods.yaml",
          1,
          'Pod "kube-system/kube-scheduler" is kube-scheduler of the control plane settings, which stays',
        ],
      ],
    );
  });
});
