import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../mod/core/mod.ts";
import {
  type ComponentPlan,
  type ControlPlanePlan,
  renderControlPlane,
} from "../../../mod/controlplane/mod.ts";
import { judge, specHash } from "../../../mod/pods/mod.ts";
import { configOf, node } from "../support.ts";

function render(cluster: Record<string, unknown> = {}, options = {}): ControlPlanePlan {
  return renderControlPlane(configOf(cluster, options), node);
}

function component(plan: ControlPlanePlan, id: string): ComponentPlan {
  const found = plan.pods.find((pod) => pod.id === id);
  assert.ok(found, `no ${id} among ${plan.pods.map((pod) => pod.id)}`);
  return found;
}

function at(value: JsonValue, ...path: (string | number)[]): JsonValue | undefined {
  let current: JsonValue | undefined = value;
  for (const key of path) {
    if (Array.isArray(current)) current = current[Number(key)];
    else current = isJsonObject(current) ? current[key] : undefined;
  }
  return current;
}

function command(plan: ControlPlanePlan, id: string): string[] {
  const pod = component(plan, id).pod;
  return at(pod, "spec", "containers", 0, "command") as string[];
}

const flagsOf = (plan: ControlPlanePlan, id: string, flag: string) =>
  command(plan, id).filter((argument) => argument.startsWith(`--${flag}=`));

describe("renderControlPlane()", () => {
  it("renders the three components of the documentation page, IDs without a namespace", () => {
    const plan = render();
    assert.deepEqual(plan.pods.map((pod) => pod.id), [
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
    ]);
    assert.deepEqual([plan.problems, plan.failed], [[], []]);
  });

  it("renders pods that the kubelet takes", () => {
    for (const runAsNonRoot of [true, false]) {
      for (const minor of [33, 34, 35, 36]) {
        const plan = render({ kubernetesVersion: `v1.${minor}.0`, etcd: {}, runAsNonRoot });
        assert.equal(plan.pods.length, 4);
        for (const { id, pod } of plan.pods) {
          const verdict = judge(pod, { nodeName: node.name, kubeletVersion: `1.${minor}` });
          assert.deepEqual([id, verdict.errors], [id, []]);
        }
      }
    }
  });

  it("gives the same pods for the same config", () => {
    assert.deepEqual(render({ etcd: {} }), render({ etcd: {} }));
  });

  it("needs a version, and takes the one of the API server's image", () => {
    const config = configOf();
    const { kubernetesVersion: _, ...cluster } = config.cluster;
    const without = renderControlPlane({ ...config, cluster }, node);
    assert.deepEqual(without.pods, []);
    assert.deepEqual(without.failed, [
      "kube-apiserver",
      "kube-controller-manager",
      "kube-scheduler",
    ]);
    assert.equal(without.problems[0]?.code, "kubernetes-version-unknown");
    const image = "registry.example.com:5000/mirror/kube-apiserver:v1.35.1@sha256:abc";
    const plan = renderControlPlane({
      ...config,
      cluster: { ...cluster, apiServer: { ...cluster.apiServer, image } },
    }, node);
    assert.equal(
      at(component(plan, "kube-scheduler").pod, "spec", "containers", 0, "image"),
      "registry.k8s.io/kube-scheduler:v1.35.1",
    );
  });

  it("warns of a version nobody checked, and renders all the same", () => {
    const plan = render({ kubernetesVersion: "v1.40.0" });
    assert.equal(plan.pods.length, 3);
    assert.deepEqual(plan.problems.map(({ severity, code }) => [severity, code]), [
      ["warning", "kubernetes-version-unchecked"],
    ]);
  });

  it("leaves out what is disabled, and nothing else", () => {
    const ids = (options: object) => render({}, options).pods.map((pod) => pod.id);
    assert.deepEqual(ids({ controlPlane: { scheduler: { disabled: true } } }), [
      "kube-apiserver",
      "kube-controller-manager",
    ]);
    assert.deepEqual(
      ids({
        documents: [{
          apiVersion: "v1alpha1",
          kind: "KubeControllerManagerConfig",
          enabled: false,
        }],
      }),
      ["kube-apiserver", "kube-scheduler"],
    );
  });

  it("keeps a bad setting of one component from the others", () => {
    const plan = render({ scheduler: { extraArgs: { kubeconfig: "/tmp/x" } } });
    assert.deepEqual(plan.pods.map((pod) => pod.id), [
      "kube-apiserver",
      "kube-controller-manager",
    ]);
    assert.deepEqual(plan.failed, ["kube-scheduler"]);
    assert.deepEqual(plan.problems, [{
      severity: "error",
      code: "argument-denied",
      component: "kube-scheduler",
      document: "node",
      path: ["cluster", "scheduler", "extraArgs", "kubeconfig"],
      message: 'Argument "kubeconfig" cannot be set here: ' +
        "set kubeconfig, or clientCertificate and clientKey, instead",
      hint: 'Remove "kubeconfig" from extraArgs',
    }]);
  });

  it("changes only the scheduler's hash when only the scheduler changes", () => {
    const hashes = (cluster: Record<string, unknown>) =>
      render({ etcd: {}, ...cluster }).pods.map(({ id, pod }) => [id, specHash(pod)]);
    const before = hashes({ scheduler: { config: { profiles: [] } } });
    const after = hashes({ scheduler: { config: { profiles: [{ schedulerName: "x" }] } } });
    assert.deepEqual(
      before.map(([id, hash], index) => [id, hash === after[index]?.[1]]),
      [
        ["etcd", true],
        ["kube-apiserver", true],
        ["kube-controller-manager", true],
        ["kube-scheduler", false],
      ],
    );
  });

  it("does not restart the API server for a config file that it reads again by itself", () => {
    const hash = (apiServer: object) =>
      specHash(component(render({ apiServer }), "kube-apiserver").pod);
    const webhook = (timeout: string) => ({
      authorizationConfig: [{ type: "Webhook", name: "hook", webhook: { timeout } }],
    });
    assert.equal(hash(webhook("3s")), hash(webhook("4s")));
    const audit = (level: string) => ({ auditPolicy: { rules: [{ level }] } });
    assert.notEqual(hash(audit("Metadata")), hash(audit("Request")));
  });

  it("adds to comma lists, repeats what may be repeated, replaces the rest", () => {
    const plan = render({
      apiServer: {
        extraArgs: {
          "enable-admission-plugins": "AlwaysPullImages,NodeRestriction",
          "authorization-mode": "Webhook",
          "feature-gates": ["A=true", "B=true"],
          "service-account-key-file": "/etc/old-sa.pub",
          "service-account-issuer": ["https://a", "https://b"],
          "allow-privileged": "false",
        },
      },
      controllerManager: { extraArgs: { controllers: "-ttl", "leader-elect": "false" } },
    });
    const api = (flag: string) => flagsOf(plan, "kube-apiserver", flag);
    assert.deepEqual(api("enable-admission-plugins"), [
      "--enable-admission-plugins=NodeRestriction,AlwaysPullImages",
    ]);
    assert.deepEqual(api("authorization-mode"), ["--authorization-mode=Node,RBAC,Webhook"]);
    assert.deepEqual(api("feature-gates"), ["--feature-gates=A=true,B=true"]);
    assert.deepEqual(api("service-account-key-file"), [
      "--service-account-key-file=/etc/podstead/control-plane/kube-apiserver/sa.pub",
      "--service-account-key-file=/etc/old-sa.pub",
    ]);
    assert.deepEqual(api("service-account-issuer"), [
      "--service-account-issuer=https://a",
      "--service-account-issuer=https://b",
    ]);
    assert.deepEqual(api("allow-privileged"), ["--allow-privileged=false"]);
    assert.deepEqual(flagsOf(plan, "kube-controller-manager", "controllers"), [
      "--controllers=*,bootstrapsigner,tokencleaner,-ttl",
    ]);
  });

  it("sorts the flags", () => {
    for (const { id } of render({ etcd: {} }).pods) {
      const names = command(render({ etcd: {} }), id).slice(1).map((text) => text.split("=")[0]);
      assert.deepEqual(names, [...names].sort());
    }
  });

  it("refuses flags that only a setting may set, once that is set", () => {
    const args = { extraArgs: { "audit-policy-file": "/etc/audit.yaml" } };
    assert.equal(render({ apiServer: args }).pods.length, 3);
    const plan = render({ apiServer: { ...args, auditPolicy: { rules: [] } } });
    assert.match(plan.problems[0]?.message ?? "", /set cluster\.apiServer\.auditPolicy instead/);
  });

  it("refuses flags that the version has no more", () => {
    const plan = render({ apiServer: { extraArgs: { "cloud-provider": "external" } } });
    assert.deepEqual(plan.failed, ["kube-apiserver"]);
    assert.match(plan.problems[0]?.message ?? "", /no flag "cloud-provider" since 1\.33/);
  });

  it("warns of flags that the scheduler ignores once it has a config file", () => {
    const extraArgs = { "kube-api-qps": "100", "v": "4" };
    const { problems } = render({ scheduler: { extraArgs } });
    assert.deepEqual(problems.map(({ code }) => code), ["argument-deprecated"]);
    const plan = render({ scheduler: { extraArgs, config: { profiles: [{}] } } });
    assert.equal(plan.pods.length, 3);
    assert.deepEqual(plan.problems.map(({ code, hint }) => [code, hint]), [
      ["argument-ignored", "Set clientConnection.qps in cluster.scheduler.config instead"],
    ]);
  });

  it("drops its own authorization mode for the user's authorization file", () => {
    const plan = render({
      apiServer: { extraArgs: { "authorization-config": "/etc/authz.yaml" } },
    });
    assert.deepEqual(flagsOf(plan, "kube-apiserver", "authorization-mode"), []);
  });

  it("warns where the kubelet's probes would be refused", () => {
    for (
      const apiServer of [
        { extraArgs: { "anonymous-auth": "false" } },
        { authenticationConfig: { anonymous: { enabled: false } } },
      ]
    ) {
      const plan = render({ apiServer });
      assert.deepEqual(plan.problems.map(({ code }) => code), ["probes-refused"]);
      assert.equal(plan.pods.length, 3);
    }
  });

  it("lays Talos's documents over the settings and points problems into them", () => {
    const plan = render({ apiServer: { certSANs: ["a.example.com"] } }, {
      documents: [{
        apiVersion: "v1alpha1",
        kind: "KubeAPIServerConfig",
        image: "registry.k8s.io/kube-apiserver:v1.36.0",
        apiPort: 8443,
        certExtraSANs: ["k8s.example.com"],
        startupProbes: false,
        extraArgs: { "v": "4" },
        env: { HTTPS_PROXY: "http://proxy:8080" },
        resources: { requests: { cpu: "2" } },
      }, {
        apiVersion: "v1alpha1",
        kind: "KubeSchedulerConfig",
        extraArgs: { kubeconfig: "/tmp/x" },
      }],
    });
    const api = component(plan, "kube-apiserver");
    const container = at(api.pod, "spec", "containers", 0) as JsonObject;
    assert.equal(container["image"], "registry.k8s.io/kube-apiserver:v1.36.0");
    assert.equal(container["startupProbe"], undefined);
    assert.deepEqual(container["resources"], { requests: { cpu: "2" } });
    assert.deepEqual(container["env"], [{ name: "HTTPS_PROXY", value: "http://proxy:8080" }]);
    assert.equal(at(container, "livenessProbe", "httpGet", "port"), 8443);
    assert.deepEqual(flagsOf(plan, "kube-apiserver", "secure-port"), ["--secure-port=8443"]);
    const serving = api.requires.find((need) => need.path.endsWith("/apiserver.crt"));
    assert.ok(serving?.kind === "certificate");
    for (const name of ["a.example.com", "k8s.example.com", "10.96.0.1", node.address]) {
      assert.ok(serving.names?.includes(name), name);
    }
    assert.deepEqual(plan.problems.map(({ document, path }) => [document, path]), [
      ["KubeSchedulerConfig", ["extraArgs", "kubeconfig"]],
    ]);
  });

  it("gives Go 95 % of the memory limit, unless the user says otherwise", () => {
    const env = (apiServer: object) =>
      at(component(render({ apiServer }), "kube-apiserver").pod, "spec", "containers", 0, "env");
    const resources = { limits: { memory: "1Gi" } };
    assert.deepEqual(env({ resources }), [{ name: "GOMEMLIMIT", value: "1020054732" }]);
    assert.deepEqual(env({ resources, env: { GOMEMLIMIT: "1GiB" } }), [
      { name: "GOMEMLIMIT", value: "1GiB" },
    ]);
    assert.equal(env({}), undefined);
  });

  it("escapes dollars in environment variables and provides POD_IP where it is used", () => {
    const plan = render({
      apiServer: {
        env: { PRICE: "$(HOME) 5$" },
        extraArgs: { "bind-address": "$(POD_IP)" },
      },
    });
    assert.deepEqual(
      at(component(plan, "kube-apiserver").pod, "spec", "containers", 0, "env"),
      [
        { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        { name: "PRICE", value: "$$(HOME) 5$$" },
      ],
    );
  });

  it("makes the kubelet invent no path: every hostPath has a type or must exist", () => {
    for (const runAsNonRoot of [true, false]) {
      const plan = render({
        etcd: {},
        runAsNonRoot,
        apiServer: { extraVolumes: [{ hostPath: "/etc/my.conf", mountPath: "/etc/my.conf" }] },
      });
      for (const { pod, requires } of plan.pods) {
        for (const volume of at(pod, "spec", "volumes") as JsonObject[]) {
          const hostPath = volume["hostPath"];
          if (!isJsonObject(hostPath)) continue;
          if (hostPath["type"] === undefined) {
            assert.ok(
              requires.some((need) => need.path === hostPath["path"]),
              volume.name as string,
            );
          } else {
            assert.match(String(hostPath["type"]), /^(?:File|Directory)$/);
          }
        }
      }
    }
  });

  it("names where etcd is and makes it no requirement of serving", () => {
    const plan = render({ externalEtcd: { endpoints: ["http://127.0.0.1:2379"] } });
    assert.deepEqual(plan.etcd, { endpoints: ["http://127.0.0.1:2379"] });
    const needs = plan.pods.flatMap(({ requires }) => requires.map(({ path }) => path));
    assert.ok(needs.every((path) => !path.includes("etcd")), String(needs));
  });

  it("takes signing away from the controller manager for an external CA", () => {
    const needsKey = (cluster: object) =>
      component(render({ ...cluster }), "kube-controller-manager").requires
        .some((need) => "keyPath" in need && need.keyPath?.endsWith("/ca.key"));
    assert.equal(needsKey({}), true);
    const without = {
      controllerManager: {
        extraArgs: { "cluster-signing-cert-file": "", "cluster-signing-key-file": "" },
      },
    };
    assert.equal(needsKey(without), false);
    const files = component(render(without), "kube-controller-manager").files;
    assert.ok(files.every((file) => !file.path.endsWith("/ca.key")));
  });
});
