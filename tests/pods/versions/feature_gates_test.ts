import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../../mod/core/mod.ts";
import { judgeBody } from "../../../mod/pods/body.ts";
import {
  assumedGates,
  GATE_NAMES,
  gateProblems,
  isGateOn,
} from "../../../mod/pods/versions/feature_gates.ts";
import type { GateSettings } from "../../../mod/pods/versions/feature_gates.ts";
import { judge } from "../../../mod/pods/judge.ts";
import { NEWEST_MINOR, OLDEST_MINOR } from "../../../mod/pods/versions/minors.ts";

describe("isGateOn()", () => {
  it("takes the default of the minor, or what is set", () => {
    assert.equal(isGateOn("SELinuxMount", 36, {}), false);
    assert.equal(isGateOn("SELinuxMount", 37, {}), true);
    assert.equal(isGateOn("SELinuxMount", 36, { SELinuxMount: true }), true);
    assert.equal(isGateOn("SELinuxMount", 37, { SELinuxMount: false }), false);
  });

  it("ignores what cannot be set in the minor", () => {
    assert.equal(isGateOn("ImageVolume", 36, { ImageVolume: false }), true);
    assert.equal(isGateOn("ContainerRestartRules", 33, { ContainerRestartRules: true }), false);
    assert.equal(isGateOn("PreventStaticPodAPIReferences", 37, {}), false);
  });

  it("takes a whole stage, but for gates that are set by name", () => {
    const name = "TaintTolerationComparisonOperators";
    assert.equal(isGateOn(name, 36, { AllAlpha: true }), true);
    assert.equal(isGateOn(name, 36, { AllAlpha: true, [name]: false }), false);
    assert.equal(isGateOn("PodDeletionCost", 36, { AllBeta: false }), false);
    assert.equal(isGateOn("SELinuxMount", 37, { AllBeta: false, AllAlpha: false }), true);
  });

  it("clamps minors that are not known", () => {
    assert.equal(isGateOn("StrictIPCIDRValidation", NEWEST_MINOR + 5, {}), true);
    assert.equal(isGateOn("SELinuxMount", OLDEST_MINOR - 5, {}), false);
  });

  it("reads no gate from a prototype", () => {
    assert.equal(isGateOn("SELinuxMount", 36, Object.create({ SELinuxMount: true })), false);
  });
});

describe("assumedGates()", () => {
  it("lists the gates of the minor that decide, with what is not the default", () => {
    const gates = assumedGates(36, { StrictIPCIDRValidation: false, H2CContainerProbe: true });
    assert.deepEqual(gates.find(({ name }) => name === "StrictIPCIDRValidation"), {
      name: "StrictIPCIDRValidation",
      enabled: false,
      isDefault: false,
    });
    assert.deepEqual(gates.filter(({ isDefault }) => !isDefault).length, 1);
    assert.equal(gates.length, 14);
    assert.deepEqual(gates.map(({ name }) => name), gates.map(({ name }) => name).toSorted());
  });

  it("leaves out gates that the minor does not have", () => {
    const names = assumedGates(31, {}).map(({ name }) => name);
    assert.ok(!names.includes("PreventStaticPodAPIReferences"));
    assert.ok(names.includes("PodDeletionCost"));
  });
});

describe("gateProblems()", () => {
  it("finds names that no minor has", () => {
    assert.deepEqual(gateProblems(36, { SELinuxMonut: true }), [
      { kind: "unknown", name: "SELinuxMonut", near: "SELinuxMount" },
    ]);
    assert.deepEqual(gateProblems(36, { MemoryQoS: true }), [
      { kind: "unknown", name: "MemoryQoS" },
    ]);
  });

  it("finds names that this minor does not have", () => {
    assert.deepEqual(gateProblems(37, { PreventStaticPodAPIReferences: false }), [
      { kind: "absent", name: "PreventStaticPodAPIReferences" },
    ]);
    assert.deepEqual(gateProblems(36, { VolumeBindMountOptions: true }), [
      { kind: "absent", name: "VolumeBindMountOptions" },
    ]);
  });

  it("finds what a lock forbids, and nothing where it agrees", () => {
    assert.deepEqual(gateProblems(36, { ImageVolume: false }), [
      { kind: "locked", name: "ImageVolume", lockedTo: true },
    ]);
    assert.deepEqual(gateProblems(36, { ImageVolume: true, AllAlpha: true, AllBeta: false }), []);
  });

  it("knows nothing of gates in a minor that is not known", () => {
    const settings = { PreventStaticPodAPIReferences: false, ImageVolume: false };
    assert.deepEqual(gateProblems(NEWEST_MINOR + 1, settings), []);
  });
});

describe("GATE_NAMES", () => {
  it("is sorted and has each once", () => {
    assert.deepEqual(GATE_NAMES, [...new Set(GATE_NAMES)].sort());
    assert.ok(GATE_NAMES.includes("AllAlpha") && GATE_NAMES.includes("EnvFiles"));
  });
});

const CONTAINER = { name: "app", image: "registry.example/app:1" };

function pod(spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [CONTAINER], ...spec },
  };
}

function withContainer(more: JsonObject): JsonObject {
  return pod({ containers: [{ ...CONTAINER, ...more }] });
}

const RULE = { action: "Restart", exitCodes: { operator: "In", values: [1] } };
const TOLERATION = { key: "sla", operator: "Gt", value: "950" };
const COMPARED = { TaintTolerationComparisonOperators: true };

function tolerations(...values: readonly JsonObject[]): JsonObject {
  return pod({ tolerations: values.map((value) => ({ ...TOLERATION, ...value })) });
}

/** What a gate changes: the minors that look at it, the setting, a pod, and what is found by default and with it. */
type Effect = readonly [
  title: string,
  minors: readonly [first: number, last: number],
  settings: GateSettings,
  pod: JsonObject,
  byDefault: readonly string[],
  withSettings: readonly string[],
];

const REFERENCE = ["spec: StaticPodAPIReference"];
const APP = "spec.containers[0]";

const EFFECTS: readonly Effect[] = [
  [
    "restart policies of containers",
    [35, 37],
    { ContainerRestartRules: false, RestartAllContainersOnContainerExits: false },
    withContainer({ restartPolicy: "Never" }),
    [],
    [`${APP}.restartPolicy: Forbidden`],
  ],
  [
    "restart rules without a policy, which are dropped",
    [35, 37],
    { ContainerRestartRules: false, RestartAllContainersOnContainerExits: false },
    withContainer({ restartPolicyRules: [RULE] }),
    [`${APP}.restartPolicy: Required value`],
    [],
  ],
  [
    "restart rules of an init container without a policy",
    [35, 37],
    { ContainerRestartRules: false, RestartAllContainersOnContainerExits: false },
    pod({ initContainers: [{ ...CONTAINER, name: "init", restartPolicyRules: [RULE] }] }),
    ["spec.initContainers[0].restartPolicy: Required value"],
    ["spec.initContainers[0].restartPolicy: Required value"],
  ],
  [
    "restarts of all containers, from on to off",
    [36, 37],
    { RestartAllContainersOnContainerExits: false },
    withContainer({
      restartPolicy: "Never",
      restartPolicyRules: [{ ...RULE, action: "RestartAllContainers" }],
    }),
    [],
    [`${APP}.restartPolicyRules[0].action: Unsupported value`],
  ],
  [
    "rules of sidecars, from off to on",
    [35, 35],
    { RestartAllContainersOnContainerExits: true, NodeDeclaredFeatures: true },
    pod({
      initContainers: [{
        ...CONTAINER,
        name: "side",
        restartPolicy: "Always",
        restartPolicyRules: [RULE],
      }],
    }),
    ["spec.initContainers[0].restartPolicyRules: Forbidden"],
    [],
  ],
  [
    "pull policies of image volumes, from off to on",
    [32, 34],
    { ImageVolume: true },
    pod({ volumes: [{ name: "v", image: { reference: "a:1" } }] }),
    ["spec.volumes[0].image.pullPolicy: Required value"],
    [],
  ],
  [
    "pull policies of image volumes, from on to off",
    [35, 35],
    { ImageVolume: false },
    pod({ volumes: [{ name: "v", image: { reference: "a:1" } }] }),
    [],
    ["spec.volumes[0].image.pullPolicy: Required value"],
  ],
  [
    "keys of topology spread",
    [35, 37],
    { MatchLabelKeysInPodTopologySpreadSelectorMerge: false },
    pod({
      topologySpreadConstraints: [{
        maxSkew: 1,
        topologyKey: "zone",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { a: "b" } },
        matchLabelKeys: ["a"],
      }],
    }),
    [],
    ["spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value"],
  ],
  [
    "the deletion cost",
    [35, 37],
    { PodDeletionCost: false },
    pod({}, { annotations: { "controller.kubernetes.io/pod-deletion-cost": "much" } }),
    ["metadata.annotations[controller.kubernetes.io/pod-deletion-cost]: Invalid value"],
    [],
  ],
  [
    "resources of the pod",
    [35, 37],
    { PodLevelResources: false },
    pod({ resources: { requests: { storage: "1" } } }),
    ["spec.resources.requests[storage]: Unsupported value"],
    [],
  ],
  [
    "references to objects of the API server",
    [34, 36],
    { PreventStaticPodAPIReferences: false },
    pod({ volumes: [{ name: "v", configMap: { name: "c" } }] }),
    REFERENCE,
    [],
  ],
  [
    "references that a lone Pod may never have",
    [34, 36],
    { PreventStaticPodAPIReferences: false },
    pod({ resourceClaims: [{ name: "gpu", resourceClaimName: "a" }] }),
    REFERENCE,
    REFERENCE,
  ],
  [
    "references in a minor without the gate",
    [37, 37],
    { PreventStaticPodAPIReferences: false },
    pod({ volumes: [{ name: "v", configMap: { name: "c" } }] }),
    REFERENCE,
    REFERENCE,
  ],
  [
    "changes of SELinux labels by mount, from off to on",
    [35, 36],
    { SELinuxMount: true },
    pod({ securityContext: { seLinuxChangePolicy: "MountOption" } }),
    ["spec.securityContext.seLinuxChangePolicy: Unsupported value"],
    [],
  ],
  [
    "changes of SELinux labels by mount, from on to off",
    [37, 37],
    { SELinuxMount: false },
    pod({ securityContext: { seLinuxChangePolicy: "MountOption" } }),
    [],
    ["spec.securityContext.seLinuxChangePolicy: Unsupported value"],
  ],
  [
    "leading zeros of addresses, from off to on",
    [33, 35],
    { StrictIPCIDRValidation: true },
    pod({ dnsConfig: { nameservers: ["010.0.0.1"] } }),
    [],
    ["spec.dnsConfig.nameservers[0]: Invalid value"],
  ],
  [
    "leading zeros of addresses, from on to off",
    [36, 37],
    { StrictIPCIDRValidation: false },
    pod({ dnsConfig: { nameservers: ["010.0.0.1"] } }),
    ["spec.dnsConfig.nameservers[0]: Invalid value"],
    [],
  ],
  [
    "tolerations that compare",
    [35, 37],
    COMPARED,
    tolerations({}, { value: "0" }, { operator: "Lt", value: "-9223372036854775808" }),
    [0, 1, 2].map((at) => `spec.tolerations[${at}].operator: Unsupported value`),
    [],
  ],
  [
    "tolerations that compare no number",
    [35, 37],
    COMPARED,
    tolerations(
      { value: "" },
      { value: "-" },
      { value: "-0" },
      { value: "+5" },
      { value: "007" },
      { value: "9.5" },
      { value: "9223372036854775808" },
      { operator: "Ge" },
    ),
    [0, 1, 2, 3, 4, 5, 6, 7].map((at) => `spec.tolerations[${at}].operator: Unsupported value`),
    [
      ...[0, 1, 2, 3, 4, 5, 6].map((at) => `spec.tolerations[${at}].value: Invalid value`),
      "spec.tolerations[7].operator: Unsupported value",
    ],
  ],
  [
    "tolerations that compare, without a key",
    [35, 37],
    COMPARED,
    tolerations({ key: "" }),
    [
      "spec.tolerations[0].operator: Invalid value",
      "spec.tolerations[0].operator: Unsupported value",
    ],
    ["spec.tolerations[0].operator: Invalid value"],
  ],
  [
    "user namespaces on the host's network",
    [35, 37],
    { UserNamespacesHostNetworkSupport: true },
    pod({ hostUsers: false, hostNetwork: true }),
    ["spec.hostNetwork: Forbidden"],
    [],
  ],
  [
    "user namespaces with the host's processes",
    [35, 37],
    { UserNamespacesHostNetworkSupport: true },
    pod({ hostUsers: false, hostPID: true }),
    ["spec.HostPID: Forbidden"],
    ["spec.HostPID: Forbidden"],
  ],
];

describe("judgeBody() with feature gates", () => {
  const errorsOf = (value: JsonObject, minor: number, featureGates: GateSettings) => {
    const body = new TextEncoder().encode(JSON.stringify(value));
    const options = { nodeName: "node-1", kubeletVersion: `1.${minor}`, featureGates };
    return judgeBody(body, options).errors.map(({ field, type }) => `${field}: ${type}`).sort();
  };

  for (const [title, [first, last], settings, value, byDefault, withSettings] of EFFECTS) {
    it(`judges ${title}`, () => {
      for (let minor = first; minor <= last; minor++) {
        assert.deepEqual(errorsOf(value, minor, {}), [...byDefault].sort(), `1.${minor}`);
        assert.deepEqual(
          errorsOf(value, minor, settings),
          [...withSettings].sort(),
          `1.${minor} with gates`,
        );
      }
    });
  }

  it("looks at no gate of the options before 1.35", () => {
    const settings = {
      ContainerRestartRules: true,
      PodLevelResources: true,
      SELinuxMount: false,
      PodDeletionCost: false,
    };
    for (const [, , , value] of EFFECTS) {
      for (const minor of [31, 32, 33, 34]) {
        assert.deepEqual(errorsOf(value, minor, settings), errorsOf(value, minor, {}));
      }
    }
  });

  it("names env files among the sources of a variable where the gate is on", () => {
    const value = withContainer({ env: [{ name: "a", valueFrom: {} }] });
    const body = new TextEncoder().encode(JSON.stringify(value));
    const detail = (minor: number, featureGates: GateSettings) =>
      judgeBody(body, { nodeName: "n", kubeletVersion: `1.${minor}`, featureGates }).errors[0]!
        .detail;
    for (const minor of [35, 36, 37]) {
      assert.match(detail(minor, {}), /fileKeyRef/);
      assert.doesNotMatch(detail(minor, { EnvFiles: false }), /fileKeyRef/);
    }
    assert.doesNotMatch(detail(34, { EnvFiles: true }), /fileKeyRef/);
  });

  it("fills in resources of the pod where the gate says so, in every minor", () => {
    const limits = pod({ resources: { limits: { cpu: "1" } } });
    const body = new TextEncoder().encode(JSON.stringify(limits));
    const requests = (minor: number, featureGates: GateSettings) => {
      const options = { nodeName: "n", kubeletVersion: `1.${minor}`, featureGates };
      return judgeBody(body, options).pods[0]?.spec.resources?.requests.size;
    };
    for (const minor of [32, 33]) {
      assert.equal(requests(minor, {}), 0);
      assert.equal(requests(minor, { PodLevelResources: true }), 1);
    }
    for (const minor of [34, 35, 36, 37]) {
      assert.equal(requests(minor, {}), 1);
      assert.equal(requests(minor, { PodLevelResources: false }), 0);
    }
  });
});

describe("judge() with feature gates", () => {
  it("looks at no reference of a list where the gate is off", () => {
    const claims = pod({ resourceClaims: [{ name: "gpu", resourceClaimName: "a" }] });
    const options = { nodeName: "node-1", kubeletVersion: "1.36" };
    assert.equal(judge(claims, options).valid, false);
    const featureGates = { PreventStaticPodAPIReferences: false };
    assert.equal(judge(claims, { ...options, featureGates }).valid, true);
  });
});
