import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../mod/core/mod.ts";
import { judge } from "../../mod/pods/judge.ts";
import type { JudgeOptions } from "../../mod/pods/judge.ts";

const CONTAINER = { name: "app", image: "registry.example/app:1" };

function warningsOf(
  metadata: JsonObject,
  spec: JsonObject,
  options: Partial<JudgeOptions> = {},
): readonly string[] {
  const pod = {
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [CONTAINER], ...spec },
  };
  const { warnings, errors } = judge(pod, { nodeName: "n", ...options });
  assert.deepEqual(errors, []);
  return warnings.map(({ field, type }) => `${field}: ${type}`).sort();
}

type Case = readonly [
  name: string,
  metadata: JsonObject,
  spec: JsonObject,
  warnings: readonly string[],
];

const image = (name: string, more: JsonObject = {}) => ({
  containers: [{ name: "app", image: name, ...more }],
});
const file = (path: string, more: JsonObject = {}) => ({
  volumes: [{ name: "v", hostPath: { path, ...more } }],
});

const CASES: readonly Case[] = [
  ["nothing of a plain pod", {}, {}, []],
  ["an image without a tag", {}, image("app"), ["spec.containers[0].image: Discouraged"]],
  ["the tag latest", {}, image("app:latest"), ["spec.containers[0].image: Discouraged"]],
  ["not latest with a pull policy", {}, image("app", { imagePullPolicy: "IfNotPresent" }), []],
  ["not a digest", {}, image(`app@sha256:${"0".repeat(64)}`), []],
  ["a file as a directory to be", {}, file("/etc/app/app.conf"), [
    "spec.volumes[0].hostPath.path: Discouraged",
  ]],
  ["a socket as a directory to be", {}, file("/run/containerd/containerd.sock"), [
    "spec.volumes[0].hostPath.path: Discouraged",
  ]],
  ["a file to be made a directory", {}, file("/etc/a.pem", { type: "DirectoryOrCreate" }), [
    "spec.volumes[0].hostPath.type: Discouraged",
  ]],
  ["not a file that is typed", {}, file("/etc/a.pem", { type: "File" }), []],
  ["not a directory", {}, file("/var/lib/etcd"), []],
  ["no time to stop", {}, { terminationGracePeriodSeconds: 0 }, [
    "spec.terminationGracePeriodSeconds: Discouraged",
  ]],
  ["a class that only an API server knows", {}, { runtimeClassName: "gvisor" }, [
    "spec.runtimeClassName: Discouraged",
  ]],
  ["not a second to stop", {}, { terminationGracePeriodSeconds: 1 }, []],
  ["a misspelt field", { lables: {} }, {}, ["metadata.lables: Unknown field"]],
  ["a field in another case", {}, { Volumes: [] }, ["spec.Volumes: Unknown field"]],
  ["a volume whose source is misspelt", {}, { volumes: [{ name: "v", hostpath: { path: "/" } }] }, [
    "spec.volumes[0].hostpath: Unknown field",
    "spec.volumes[0]: Discouraged",
  ]],
  [
    "an old annotation",
    {
      annotations: { "scheduler.alpha.kubernetes.io/critical-pod": "" },
    },
    {},
    ["metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: Deprecated"],
  ],
  [
    "an old annotation of a container",
    {
      annotations: { "container.apparmor.security.beta.kubernetes.io/app": "unconfined" },
    },
    {},
    ["metadata.annotations[container.apparmor.security.beta.kubernetes.io/app]: Deprecated"],
  ],
  ["an annotation of the kubelet", { annotations: { "kubernetes.io/config.hash": "a" } }, {}, [
    "metadata.annotations[kubernetes.io/config.hash]: Discouraged",
  ]],
  ["a uid", { uid: "a" }, {}, ["metadata.uid: Discouraged"]],
  ["a node name", {}, { nodeName: "other" }, ["spec.nodeName: Discouraged"]],
  ["a volume that is no longer mounted", {}, {
    volumes: [{ name: "v", gitRepo: { repository: "a" } }],
  }, ["spec.volumes[0].gitRepo: Deprecated"]],
  ["a driver that has left", {}, {
    volumes: [{ name: "v", quobyte: { registry: "a:1", volume: "b" } }],
  }, ["spec.volumes[0].quobyte: Will not work"]],
];

describe("judge() warnings", () => {
  for (const [name, metadata, spec, wanted] of CASES) {
    it(`has ${name}`, () => assert.deepEqual(warningsOf(metadata, spec), [...wanted].sort()));
  }

  it("names the nearest known field", () => {
    const pod = { metadata: { name: "a" }, spec: { containers: [CONTAINER], hostNetwrok: true } };
    const [warning] = judge(pod, { nodeName: "n" }).warnings;
    assert.match(warning?.detail ?? "", /did you mean "hostNetwork"/);
  });

  it("says that a field is newer than the kubelet", () => {
    const pod = {
      metadata: { name: "a" },
      spec: { containers: [CONTAINER], hostnameOverride: "b" },
    };
    const [warning] = judge(pod, { nodeName: "n", kubeletVersion: "1.33" }).warnings;
    assert.match(warning?.detail ?? "", /later version of Kubernetes/);
  });

  it("has a pod of another kind", () => {
    const pod = { kind: "Deployment", metadata: { name: "a" }, spec: { containers: [CONTAINER] } };
    const fields = judge(pod, { nodeName: "n" }).warnings.map(({ field }) => field);
    assert.deepEqual(fields, ["kind"]);
  });

  it("has a pod without requests where the control plane runs", () => {
    const wanted = ["spec.containers[0].resources: Discouraged"];
    assert.deepEqual(warningsOf({}, {}, { controlPlane: true }), wanted);
    const requests = { cpu: "10m", memory: "16Mi" };
    const asking = { containers: [{ ...CONTAINER, resources: { requests } }] };
    assert.deepEqual(warningsOf({}, asking, { controlPlane: true }), []);
  });

  it("has a host port that the node uses", () => {
    const usedHostPorts = new Map([["TCP/10250", "the kubelet"]]);
    const ports = (protocol: string) => ({
      containers: [{ ...CONTAINER, ports: [{ containerPort: 80, hostPort: 10250, protocol }] }],
    });
    assert.deepEqual(warningsOf({}, ports("TCP"), { usedHostPorts }), [
      "spec.containers[0].ports[0].hostPort: Discouraged",
    ]);
    assert.deepEqual(warningsOf({}, ports("UDP"), { usedHostPorts }), []);
  });

  it("knows the drivers of older kubelets", () => {
    const git = { volumes: [{ name: "v", gitRepo: { repository: "a" } }] };
    const [warning] = judge(
      { metadata: { name: "a" }, spec: { containers: [CONTAINER], ...git } },
      { nodeName: "n", kubeletVersion: "1.32" },
    ).warnings;
    assert.match(warning?.detail ?? "", /from 1\.33 on will not mount it/);
  });
});
