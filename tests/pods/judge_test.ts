import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../mod/core/mod.ts";
import { judge, judgeAsNode, judgeServed } from "../../mod/pods/judge.ts";

const CONTAINER = { name: "app", image: "registry.example/app:1" };

function pod(metadata: JsonObject = {}, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [CONTAINER], ...spec },
  };
}

function errorsOf(value: JsonValue, kubeletVersion?: string): readonly string[] {
  const { valid, errors } = judge(value, { nodeName: "node-1", kubeletVersion });
  assert.equal(valid, errors.length === 0);
  return errors.map(({ field, type }) => `${field}: ${type}`).sort();
}

type Case = readonly [name: string, value: JsonValue, errors?: readonly string[]];

function table(name: string, cases: readonly Case[], kubeletVersion?: string): void {
  describe(name, () => {
    for (const [title, value, wanted = []] of cases) {
      it(`${wanted.length === 0 ? "takes" : "refuses"} ${title}`, () =>
        assert.deepEqual(errorsOf(value, kubeletVersion), [...wanted].sort()));
    }
  });
}

table("judge() metadata", [
  ["a pod", pod()],
  ["no name", pod({ name: "" }), ["metadata.name: Required value"]],
  ["no metadata", { spec: { containers: [CONTAINER] } }, ["metadata.name: Required value"]],
  ["an upper case name", pod({ name: "Web" }), ["metadata.name: Invalid value"]],
  ["a dotted name", pod({ name: "web.0" })],
  ["a name of 246 letters, 253 with the node's", pod({ name: "a".repeat(246) })],
  ["a name of 247 letters", pod({ name: "a".repeat(247) }), ["metadata.name: Invalid value"]],
  ["a namespace", pod({ namespace: "kube-system" })],
  ["a dotted namespace", pod({ namespace: "a.b" }), ["metadata.namespace: Invalid value"]],
  ["generateName with a closing hyphen", pod({ generateName: "web-" })],
  ["generateName with a dot before its hyphen", pod({ generateName: "a.-" })],
  ["generateName of a hyphen alone", pod({ generateName: "-" }), [
    "metadata.generateName: Invalid value",
  ]],
  ["a bad generateName", pod({ generateName: "Web-" }), ["metadata.generateName: Invalid value"]],
  ["a negative generation", pod({ generation: -1 }), ["metadata.generation: Invalid value"]],
  ["labels", pod({ labels: { "app.kubernetes.io/name": "web", tier: "" } })],
  ["a label of 63 letters", pod({ labels: { a: "b".repeat(63) } })],
  ["one of 64", pod({ labels: { a: "b".repeat(64) } }), ["metadata.labels: Invalid value"]],
  ["a label key with two slashes", pod({ labels: { "a/b/c": "d" } }), [
    "metadata.labels: Invalid value",
  ]],
  ["a label key without its name", pod({ labels: { "example.com/": "d" } }), [
    "metadata.labels: Invalid value",
    "metadata.labels: Invalid value",
  ]],
  ["a label key without its prefix", pod({ labels: { "/a": "d" } }), [
    "metadata.labels: Invalid value",
  ]],
  ["an upper case annotation", pod({ annotations: { "Example.com/A": "any value at all" } })],
  ["a bad annotation", pod({ annotations: { "a b": "c" } }), [
    "metadata.annotations: Invalid value",
  ]],
  [
    "annotations of 256 KiB with the kubelet's own",
    pod({
      annotations: { a: "b".repeat(256 * 1024 - 1 - "kubernetes.io/config.hash".length) },
    }),
  ],
  [
    "annotations of a byte more",
    pod({
      annotations: { a: "b".repeat(256 * 1024 - "kubernetes.io/config.hash".length) },
    }),
    ["metadata.annotations: Too long"],
  ],
  ["an owner", pod({ ownerReferences: [{ apiVersion: "v1", kind: "Node", name: "n", uid: "u" }] })],
  ["an empty owner", pod({ ownerReferences: [{}] }), [
    "metadata.ownerReferences[0].apiVersion: Required value",
    "metadata.ownerReferences[0].kind: Required value",
    "metadata.ownerReferences[0].name: Required value",
    "metadata.ownerReferences[0].uid: Required value",
  ]],
  [
    "an event for an owner",
    pod({
      ownerReferences: [{ apiVersion: "v1", kind: "Event", name: "n", uid: "u" }],
    }),
    ["metadata.ownerReferences[0]: Invalid value"],
  ],
  [
    "two controllers",
    pod({
      ownerReferences: ["a", "b"].map((name) => ({
        apiVersion: "v1",
        kind: "Node",
        name,
        uid: name,
        controller: true,
      })),
    }),
    ["metadata.ownerReferences: Invalid value"],
  ],
  ["finalizers", pod({ finalizers: ["example.com/a", "orphan"] })],
  ["a bad finalizer", pod({ finalizers: ["a b"] }), ["metadata.finalizers: Invalid value"]],
  ["finalizers against each other", pod({ finalizers: ["orphan", "foregroundDeletion"] }), [
    "metadata.finalizers: Invalid value",
  ]],
  [
    "managed fields",
    pod({
      managedFields: [{
        operation: "Apply",
        manager: "me",
        fieldsType: "FieldsV1",
        fieldsV1: { a: 1 },
      }],
    }),
  ],
  [
    "bad managed fields",
    pod({
      managedFields: [{
        operation: "Patch",
        manager: "m".repeat(129),
        fieldsType: "V2",
        subresource: "s".repeat(257),
      }],
    }),
    [
      "metadata.managedFields[0].fieldsType: Invalid value",
      "metadata.managedFields[0].manager: Too long",
      "metadata.managedFields[0].operation: Unsupported value",
      "metadata.managedFields[0].subresource: Too long",
    ],
  ],
  [
    "a manager with a line break",
    pod({ managedFields: [{ operation: "Apply", manager: "a\nb" }] }),
    [
      "metadata.managedFields[0].manager: Invalid value",
    ],
  ],
]);

const APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/app";
const SECCOMP = "seccomp.security.alpha.kubernetes.io/pod";
const CONTAINER_SECCOMP = "container.seccomp.security.alpha.kubernetes.io/app";
const COST = "controller.kubernetes.io/pod-deletion-cost";
const TOLERATIONS = "scheduler.alpha.kubernetes.io/tolerations";

table("judge() annotations that the kubelet reads", [
  ["a deletion cost", pod({ annotations: { [COST]: "-10" } })],
  ["a deletion cost with a sign", pod({ annotations: { [COST]: "+10" } }), [
    `metadata.annotations[${COST}]: Invalid value`,
  ]],
  ["a deletion cost beyond 32 bits", pod({ annotations: { [COST]: "2147483648" } }), [
    `metadata.annotations[${COST}]: Invalid value`,
  ]],
  ["tolerations", pod({ annotations: { [TOLERATIONS]: '[{"key":"a","operator":"Exists"}]' } })],
  ["tolerations that are no JSON", pod({ annotations: { [TOLERATIONS]: "[" } }), [
    "metadata.annotations: Invalid value",
  ]],
  ["a bad toleration", pod({ annotations: { [TOLERATIONS]: '[{"key":"a","operator":"Is"}]' } }), [
    `metadata.annotations.${TOLERATIONS}[0].operator: Unsupported value`,
  ]],
  [
    "seccomp profiles",
    pod({
      annotations: { [SECCOMP]: "runtime/default", [CONTAINER_SECCOMP]: "localhost/a.json" },
    }),
  ],
  ["a bad seccomp profile", pod({ annotations: { [SECCOMP]: "default" } }), [
    `metadata.annotations.${SECCOMP}: Invalid value`,
  ]],
  [
    "a seccomp profile outside its directory",
    pod({ annotations: { [SECCOMP]: "localhost/../a" } }),
    [
      `metadata.annotations.${SECCOMP}: Invalid value`,
    ],
  ],
  ["AppArmor of a container", pod({ annotations: { [APP_ARMOR]: "localhost/a" } })],
  ["AppArmor of nobody", pod({ annotations: { [`${APP_ARMOR}2`]: "unconfined" } }), [
    `metadata.annotations[${APP_ARMOR}2]: Invalid value`,
  ]],
  ["a bad AppArmor profile", pod({ annotations: { [APP_ARMOR]: "none" } }), [
    `metadata.annotations[${APP_ARMOR}]: Invalid value`,
  ]],
  [
    "seccomp that matches its field",
    pod({ annotations: { [SECCOMP]: "localhost/a" } }, {
      securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "a" } },
    }),
  ],
  [
    "seccomp of another type than its field",
    pod({ annotations: { [SECCOMP]: "unconfined" } }, {
      securityContext: { seccompProfile: { type: "RuntimeDefault" } },
    }),
    ["spec.securityContext.seccompProfile.type: Forbidden"],
  ],
  [
    "seccomp with another profile than its field",
    pod({
      annotations: { [CONTAINER_SECCOMP]: "localhost/a" },
    }, {
      containers: [{
        ...CONTAINER,
        securityContext: { seccompProfile: { type: "Localhost", localhostProfile: "b" } },
      }],
    }),
    ["spec.containers[0].securityContext.seccompProfile.localhostProfile: Forbidden"],
  ],
  [
    "AppArmor of another type than its field",
    pod({ annotations: { [APP_ARMOR]: "localhost/a" } }, {
      securityContext: { appArmorProfile: { type: "Unconfined" } },
    }),
    ["spec.containers[0].securityContext.appArmorProfile.type: Forbidden"],
  ],
  [
    "AppArmor that matches its field",
    pod({ annotations: { [APP_ARMOR]: "unconfined" } }, {
      securityContext: { appArmorProfile: { type: "Unconfined" } },
    }),
  ],
]);

table("judge() decoding", [
  ["a text", "web", [": Decode"]],
  ["a list", [], [": Decode"]],
  ["null, which has no name", null, ["metadata.name: Required value"]],
  ["a number for a name", pod({ name: 1 }), ["metadata.name: Decode"]],
  ["null for a field", pod({ labels: null }, { hostNetwork: null, volumes: null })],
  ["a field that nobody knows", pod({ nmae: 1 }, { Containers: 1 })],
  ["two wrong types at once", pod({ labels: [] }, { hostNetwork: "yes" }), [
    "metadata.labels: Decode",
    "spec.hostNetwork: Decode",
  ]],
  ["a boolean label", pod({ labels: { a: true } }), ["metadata.labels.a: Decode"]],
  ["a fraction", pod({}, { terminationGracePeriodSeconds: 1.5 }), [
    "spec.terminationGracePeriodSeconds: Decode",
  ]],
  ["an int64", pod({}, { terminationGracePeriodSeconds: 9223372036854775807n })],
  ["one above", pod({}, { terminationGracePeriodSeconds: 9223372036854775808n }), [
    "spec.terminationGracePeriodSeconds: Decode",
  ]],
  ["an int32 above its range", pod({}, { priority: 2147483648 }), ["spec.priority: Decode"]],
  ["a time", pod({ creationTimestamp: "2024-02-29T12:00:00.5+01:00" })],
  ["a day that does not exist", pod({ creationTimestamp: "2023-02-29T12:00:00Z" }), [
    "metadata.creationTimestamp: Decode",
  ]],
  ["a date alone", pod({ creationTimestamp: "2024-01-01" }), [
    "metadata.creationTimestamp: Decode",
  ]],
  ["a quantity as a number", pod({}, { overhead: { cpu: 0.5 } })],
  ["a quantity as a list", pod({}, { overhead: { cpu: [] } }), ["spec.overhead.cpu: Decode"]],
  ["a status of the wrong type", { ...pod(), status: { phase: 1 } }, ["status.phase: Decode"]],
  ["a null container, which has no name", pod({}, { containers: [null] }), [
    "spec.containers[0].image: Required value",
    "spec.containers[0].name: Required value",
  ]],
]);

const REFERENCES: readonly (readonly [name: string, spec: JsonObject])[] = [
  ["a service account", { serviceAccountName: "builder" }],
  ["a service account under its old name", { serviceAccount: "builder" }],
  ["a pull secret", { imagePullSecrets: [{ name: "registry" }] }],
  ["a secret in envFrom", {
    containers: [{ ...CONTAINER, envFrom: [{ secretRef: { name: "a" } }] }],
  }],
  ["a config map in envFrom", {
    initContainers: [{ ...CONTAINER, name: "init", envFrom: [{ configMapRef: { name: "a" } }] }],
  }],
  ["an optional secret in a variable", {
    containers: [{
      ...CONTAINER,
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "a", key: "b", optional: true } } }],
    }],
  }],
  ["a config map in a variable", {
    containers: [{
      ...CONTAINER,
      env: [{ name: "A", valueFrom: { configMapKeyRef: { name: "a", key: "b" } } }],
    }],
  }],
  ["a config map volume", { volumes: [{ name: "v", configMap: { name: "a" } }] }],
  ["a secret volume", { volumes: [{ name: "v", secret: { secretName: "a" } }] }],
  ["a CSI volume", { volumes: [{ name: "v", csi: { driver: "a" } }] }],
  ["a claim", { volumes: [{ name: "v", persistentVolumeClaim: { claimName: "a" } }] }],
  ["an Azure share", { volumes: [{ name: "v", azureFile: { secretName: "a", shareName: "b" } }] }],
  ["a Gluster volume", { volumes: [{ name: "v", glusterfs: { endpoints: "a", path: "b" } }] }],
  ["a projected config map", {
    volumes: [{ name: "v", projected: { sources: [{ configMap: { name: "a" } }] } }],
  }],
  ["a projected secret", {
    volumes: [{ name: "v", projected: { sources: [{ secret: { name: "a" } }] } }],
  }],
  ["a secret of an iSCSI disk", {
    volumes: [{
      name: "v",
      iscsi: {
        targetPortal: "10.0.0.1",
        iqn: "iqn.2015-02.example.com:test",
        chapAuthSession: true,
        secretRef: { name: "a" },
      },
    }],
  }],
];

table(
  "judge() references to API objects",
  REFERENCES.map(([name, spec]) => [name, pod({}, spec), ["spec: StaticPodAPIReference"]]),
);
table(
  "judge() references to API objects, before 1.34",
  REFERENCES.map(([name, spec]) => [name, pod({}, spec)]),
  "1.33",
);
table("judge() volumes without the API", [
  ["node files", pod({}, { volumes: [{ name: "v", hostPath: { path: "/etc" } }] })],
  ["an image", pod({}, { volumes: [{ name: "v", image: { reference: "a:1" } }] })],
  [
    "the pod's own fields",
    pod({}, {
      volumes: [{
        name: "v",
        projected: {
          sources: [{
            downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "metadata.name" } }] },
          }],
        },
      }],
    }),
  ],
  ["a pull secret without a name", pod({}, { imagePullSecrets: [{}] })],
  [
    "a priority class and a runtime class",
    pod({}, {
      priorityClassName: "system-node-critical",
      runtimeClassName: "gvisor",
    }),
  ],
]);

describe("judge() for a kubelet without an API server", () => {
  const judged = (spec: JsonObject, standAlone?: boolean, kubeletVersion = "1.36") => {
    const { valid, errors, warnings } = judge(pod({}, spec), {
      nodeName: "node-1",
      kubeletVersion,
      standAlone,
    });
    const textOf = ({ field, type }: { field: string; type: string }) => `${field}: ${type}`;
    return [valid, errors.map(textOf), warnings.map(textOf)];
  };

  it("refuses a runtime class, in every version", () => {
    for (const version of ["1.31", "1.36", "1.99"]) {
      const refused = [false, ["spec.runtimeClassName: Forbidden"], []];
      assert.deepEqual(judged({ runtimeClassName: "gvisor" }, true, version), refused, version);
    }
  });

  it("takes a pod without one, and one for a kubelet of which that is not known", () => {
    assert.deepEqual(judged({}, true), [true, [], []]);
    for (const known of [undefined, false]) {
      const warned = [true, [], ["spec.runtimeClassName: Discouraged"]];
      assert.deepEqual(judged({ runtimeClassName: "gvisor" }, known), warned);
    }
  });
});

describe("judge() versions", () => {
  const claims = pod({}, { resourceClaims: [{ name: "gpu", resourceClaimName: "a" }] });
  const bundle = pod({}, {
    volumes: [{
      name: "v",
      projected: { sources: [{ clusterTrustBundle: { name: "a", path: "b" } }] },
    }],
  });

  it("refuses claims and trust bundles in a list since 1.34", () => {
    for (const reference of [claims, bundle]) {
      for (const version of ["1.31", "1.33"]) assert.deepEqual(errorsOf(reference, version), []);
      for (const version of ["1.34", "1.37"]) {
        assert.deepEqual(errorsOf(reference, version), ["spec: StaticPodAPIReference"], version);
      }
    }
  });

  it("does not know a field before its version", () => {
    const wrong = pod({}, { hostnameOverride: 5 });
    assert.deepEqual(errorsOf(wrong, "1.33"), []);
    assert.deepEqual(errorsOf(wrong, "1.34"), ["spec.hostnameOverride: Decode"]);
    const { warnings } = judge(wrong, { nodeName: "n", kubeletVersion: "1.33" });
    assert.deepEqual(warnings.map(({ field, type }) => [field, type]), [[
      "spec.hostnameOverride",
      "Unknown field",
    ]]);
  });

  it("takes the newest rules for a version that is newer or none", () => {
    const strict = pod({}, { hostAliases: [{ ip: "010.0.0.1" }] });
    for (const version of ["1.36", "v1.36.2+k3s1", "1.99", "latest", ""]) {
      assert.deepEqual(
        errorsOf(strict, version),
        ["spec.hostAliases[0].ip: Invalid value"],
        version,
      );
    }
    assert.deepEqual(errorsOf(strict, "v1.35.9"), []);
  });

  it("takes the oldest rules for a version that is older", () => {
    assert.deepEqual(errorsOf(pod({}, { serviceAccountName: "a" }), "1.20"), []);
  });
});

describe("judge() for a kubelet that is newer than the known rules", () => {
  const options = { nodeName: "node-1", kubeletVersion: "1.99.0" };
  const toleration = pod({}, { tolerations: [{ key: "a", operator: "Gt", value: "1" }] });

  it("only warns of what is refused for a gate that is still off", () => {
    const { valid, errors, warnings } = judge(toleration, options);
    assert.deepEqual([valid, errors], [true, []]);
    assert.deepEqual(warnings.map(({ field, type }) => `${field}: ${type}`), [
      "spec.tolerations[0].operator: Discouraged",
    ]);
    assert.match(warnings[0]!.detail, /^Kubernetes 1\.37 refuses it by default .* may take it$/);
  });

  it("refuses it where the gate is set to off", () => {
    const featureGates = { TaintTolerationComparisonOperators: false };
    assert.equal(judge(toleration, { ...options, featureGates }).valid, false);
  });

  it("refuses what no known gate allows", () => {
    assert.deepEqual(errorsOf(pod({}, { hostname: "A" }), "1.99"), [
      "spec.hostname: Invalid value",
    ]);
    assert.deepEqual(errorsOf(pod({}, { hostname: 1 }), "1.99"), ["spec.hostname: Decode"]);
  });

  it("refuses a pod with an unknown field, and says how to serve it", () => {
    const unknown = pod({}, { evictionResponder: [], hostNetwrok: true });
    const { valid, errors, warnings } = judge(unknown, options);
    assert.equal(valid, false);
    assert.deepEqual(errors.map(({ field, type }) => `${field}: ${type}`), [
      "spec.evictionResponder: Unknown field",
      "spec.hostNetwrok: Unknown field",
    ]);
    assert.match(errors[1]!.detail, /fields up to 1\.37 and not this one/);
    assert.match(errors[1]!.hint!, /"hostNetwork".*agent\.kubelet\.unknownFields to allow/);
    assert.deepEqual(warnings, []);
  });

  it("serves it where that is allowed, and warns as ever", () => {
    const unknown = pod({}, { hostNetwrok: true });
    const allowed = judge(unknown, { ...options, unknownFields: "allow" });
    assert.deepEqual(allowed, judge(unknown, { ...options, kubeletVersion: "1.37" }));
    assert.equal(allowed.valid, true);
  });

  it("does not refuse unknown fields of a known minor", () => {
    assert.deepEqual(errorsOf(pod({}, { hostNetwrok: true }), "1.37"), []);
  });
});

describe("judge() the page's example", () => {
  it("says that the containers are missing", () => {
    assert.deepEqual(errorsOf({ metadata: { name: "nginx-gvisor" }, spec: {} }), [
      "spec.containers: Required value",
    ]);
  });
});

describe("judgeServed()", () => {
  const options = { nodeName: "node-1" };

  it("is the verdict on the pod, which the stamp does not change", () => {
    assert.deepEqual(judgeServed(pod(), options), judge(pod(), options));
    const bad = pod({ annotations: "no mapping" });
    assert.deepEqual(judgeServed(bad, options), judge(bad, options));
  });

  it("refuses annotations that have no room for the stamp", () => {
    const room = 256 * 1024 - 1 - "kubernetes.io/config.hash".length;
    const full = pod({ annotations: { a: "b".repeat(room) } });
    assert.equal(judge(full, options).valid, true);
    assert.deepEqual(judgeServed(full, options).errors.map(({ type }) => type), ["Too long"]);
    const stamp = "podstead.dev/spec-hash".length + 16;
    const fitting = pod({ annotations: { a: "b".repeat(room - stamp) } });
    assert.equal(judgeServed(fitting, options).valid, true);
  });
});

describe("judgeAsNode()", () => {
  const withPort = (name: string, port: JsonObject) =>
    pod({ name }, { containers: [{ ...CONTAINER, ports: [{ containerPort: 80, ...port }] }] });
  const clashes = (pods: readonly JsonValue[]) =>
    judgeAsNode(pods, { nodeName: "n" }).map(({ warnings }) => warnings.map(({ field }) => field));

  it("warns the later of two pods with one host port", () => {
    const pods = [withPort("a", { hostPort: 80 }), withPort("b", { hostPort: 80 })];
    assert.deepEqual(clashes(pods), [[], ["spec.containers[0].ports[0].hostPort"]]);
  });

  it("sees the ports of a pod on the host's network", () => {
    const onHost = pod({ name: "b" }, {
      hostNetwork: true,
      containers: [{ ...CONTAINER, ports: [{ containerPort: 80 }] }],
    });
    assert.equal(clashes([withPort("a", { hostPort: 80 }), onHost])[1]?.length, 1);
  });

  it("lets protocols and addresses differ", () => {
    assert.deepEqual(
      clashes([
        withPort("a", { hostPort: 80, hostIP: "10.0.0.1" }),
        withPort("b", { hostPort: 80, protocol: "UDP" }),
        withPort("c", { hostPort: 80, hostIP: "10.0.0.2" }),
        withPort("d", {}),
      ]),
      [[], [], [], []],
    );
    const everywhere = [
      withPort("a", { hostPort: 80, hostIP: "10.0.0.1" }),
      withPort("b", { hostPort: 80, hostIP: "0.0.0.0" }),
    ];
    assert.equal(clashes(everywhere)[1]?.length, 1);
  });

  it("judges the others when one is refused", () => {
    const verdicts = judgeAsNode([pod(), {}, pod({ name: "b" })], { nodeName: "n" });
    assert.deepEqual(verdicts.map(({ valid }) => valid), [true, false, true]);
  });
});

describe("judge() of environment variables", () => {
  it("repeats no value, which may be a password", () => {
    const declared: readonly JsonValue[] = [
      [{ name: "P", value: 31415926535 }],
      [{ name: "P", value: ["31415926535"] }],
      [{ name: "P", valueFrom: "31415926535" }],
      [{ name: "P=31415926535" }],
      ["P=31415926535"],
      "P=31415926535",
      31415926535,
    ];
    for (const env of declared) {
      const { errors } = judge(pod({}, { containers: [{ ...CONTAINER, env }] }), {
        nodeName: "node-1",
      });
      assert.equal(errors.length, 1, JSON.stringify(env));
      assert.doesNotMatch(JSON.stringify(errors), /31415926535/);
    }
  });

  it("says what type stands there instead", () => {
    const env = [{ name: "P", value: 1 }];
    const { errors } = judge(pod({}, { containers: [{ ...CONTAINER, env }] }), {
      nodeName: "node-1",
    });
    assert.match(
      errors[0]?.detail ?? "",
      /must be a string \(quote it\), current value is a number/,
    );
  });
});
