/** Every rule that is not the same in all minors, with what each minor says. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject, JsonValue } from "../../../mod/core/mod.ts";
import { judgeBody } from "../../../mod/pods/body.ts";
import { minorOf, NEWEST_MINOR, OLDEST_MINOR } from "../../../mod/pods/versions/minors.ts";

/** What a kubelet finds, as `field: type`, from each of these minors on. */
type ByMinor = Readonly<Record<number, readonly string[]>>;

type Case = readonly [title: string, pod: JsonObject, found: ByMinor];

const CONTAINER = { name: "app", image: "registry.example/app:1" };

function pod(spec: JsonObject, more: JsonObject = {}): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web" },
    spec: { containers: [CONTAINER], ...spec },
    ...more,
  };
}

function withContainer(more: JsonObject, spec: JsonObject = {}): JsonObject {
  return pod({ containers: [{ ...CONTAINER, ...more }], ...spec });
}

function withVolume(source: JsonObject, mount: JsonObject = {}): JsonObject {
  return withContainer(
    { volumeMounts: [{ name: "data", mountPath: "/data", ...mount }] },
    { volumes: [{ name: "data", ...source }] },
  );
}

function withMetadata(metadata: JsonObject): JsonObject {
  return pod({}, { metadata: { name: "web", ...metadata } });
}

/** Found in a lone Pod, each once; the way that looks at references in every minor. */
function found(value: JsonValue, minor: number): readonly string[] {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const options = { nodeName: "node-1", kubeletVersion: `1.${minor}.1` };
  const { errors } = judgeBody(body, options);
  return [...new Set(errors.map(({ field, type }) => `${field}: ${type}`))].sort();
}

function table(name: string, cases: readonly Case[]): void {
  describe(name, () => {
    for (const [title, value, byMinor] of cases) {
      it(`knows since when ${title}`, () => {
        let wanted: readonly string[] = [];
        for (let minor = OLDEST_MINOR; minor <= NEWEST_MINOR; minor++) {
          wanted = byMinor[minor] ?? wanted;
          assert.deepEqual(found(value, minor), [...wanted].sort(), `1.${minor}`);
        }
      });
    }
  });
}

const REFERENCE = ["spec: StaticPodAPIReference"];
const VOLUME = "spec.volumes[0]";
const APP = "spec.containers[0]";
const NOT_MOUNTED = `${APP}.volumeMounts[0].name: Not found`;
const IMAGE = { image: { reference: "registry.example/data:1", pullPolicy: "Always" } };
const OWNER = { apiVersion: "apps/v1", kind: "ReplicaSet", name: "r", uid: "u" };
const RULES = [{ action: "Restart", exitCodes: { operator: "In", values: [1] } }];

table("judgeBody() references", [
  [
    "a trust bundle is refused",
    pod({
      volumes: [{
        name: "v",
        projected: { sources: [{ clusterTrustBundle: { name: "a", path: "b" } }] },
      }],
    }),
    { 31: REFERENCE },
  ],
  [
    "a resource claim is refused",
    pod({
      resourceClaims: [{ name: "gpu", resourceClaimName: "a" }],
    }),
    { 32: REFERENCE },
  ],
  ["a service account is refused", pod({ serviceAccountName: "a" }), { 34: REFERENCE }],
  [
    "a mirror pod may have no claims",
    pod({ resourceClaims: [{ name: "gpu", resourceClaimName: "a" }] }, {
      metadata: { name: "web", annotations: { "kubernetes.io/config.mirror": "a" } },
    }),
    { 32: ["[]: Forbidden"] },
  ],
]);

table("judgeBody() image volumes", [
  ["they are volumes", withVolume(IMAGE), {
    31: [`${VOLUME}: Required value`, NOT_MOUNTED],
    32: [],
  }],
  ["they have a pull policy by default", withVolume({ image: { reference: "a:1" } }), {
    31: [`${VOLUME}: Required value`, NOT_MOUNTED],
    32: [`${VOLUME}.image.pullPolicy: Required value`, NOT_MOUNTED],
    35: [],
  }],
  ["they need a reference", pod({ volumes: [{ name: "v", image: { pullPolicy: "Always" } }] }), {
    31: [`${VOLUME}: Required value`],
    32: [],
    37: [`${VOLUME}.image.reference: Required value`],
  }],
  ["parts of them are mounted", withVolume(IMAGE, { subPath: "etc" }), {
    31: [`${VOLUME}: Required value`, NOT_MOUNTED],
    32: [`${APP}.volumeMounts[0].subPath: Invalid value`],
    33: [],
  }],
  ["so are parts by an expression", withVolume(IMAGE, { subPathExpr: "etc" }), {
    31: [`${VOLUME}: Required value`, NOT_MOUNTED],
    32: [`${APP}.volumeMounts[0].subPathExpr: Invalid value`],
    33: [],
  }],
  [
    "they are a second source of a volume",
    pod({
      volumes: [{ name: "v", emptyDir: {}, ...IMAGE }],
    }),
    { 32: [`${VOLUME}.image: Forbidden`] },
  ],
]);

table("judgeBody() containers", [
  ["they may have rules of their own", withContainer({ restartPolicy: "Never" }), {
    31: [`${APP}.restartPolicy: Forbidden`],
    35: [],
  }],
  [
    "they may restart all containers",
    withContainer({
      restartPolicy: "Never",
      restartPolicyRules: [{ ...RULES[0]!, action: "RestartAllContainers" }],
    }),
    {
      31: [`${APP}.restartPolicy: Forbidden`],
      35: [`${APP}.restartPolicyRules[0].action: Unsupported value`],
      36: [],
    },
  ],
  [
    "too many rules are counted",
    withContainer({ restartPolicy: "Never", restartPolicyRules: Array(21).fill(RULES[0]!) }),
    {
      31: [`${APP}.restartPolicy: Forbidden`],
      35: [`${APP}.restartPolicyRules: Too long`],
      36: [`${APP}.restartPolicyRules: Too many`],
    },
  ],
  [
    "a sidecar may have rules",
    pod({
      initContainers: [{
        ...CONTAINER,
        name: "side",
        restartPolicy: "Always",
        restartPolicyRules: RULES,
      }],
    }),
    { 35: ["spec.initContainers[0].restartPolicyRules: Forbidden"], 36: [] },
  ],
  [
    "rules of an init container need a policy",
    pod({
      initContainers: [{ ...CONTAINER, name: "init", restartPolicyRules: RULES }],
    }),
    { 35: ["spec.initContainers[0].restartPolicy: Required value"] },
  ],
  [
    "a resize restarts no init container",
    pod({
      initContainers: [{
        ...CONTAINER,
        name: "init",
        resizePolicy: [{ resourceName: "cpu", restartPolicy: "RestartContainer" }],
      }],
    }),
    {
      31: ["spec.initContainers[0].resizePolicy: Invalid value"],
      35: [],
      36: ["spec.initContainers[0].resizePolicy[0].restartPolicy: Invalid value"],
    },
  ],
  ["variables have any name", withContainer({ env: [{ name: "a b", value: "c" }] }), {
    31: [`${APP}.env[0].name: Invalid value`],
    35: [],
  }],
  ["a hook may sleep for no time", withContainer({ lifecycle: { preStop: { sleep: {} } } }), {
    31: [`${APP}.lifecycle.preStop.sleep: Invalid value`],
    35: [],
  }],
  [
    "they have a stop signal, with an OS",
    withContainer({ lifecycle: { stopSignal: "SIGTERM" } }),
    { 33: [`${APP}.lifecycle.stopSignal: Forbidden`] },
  ],
]);

table("judgeBody() pods", [
  ["search domains have underscores", pod({ dnsConfig: { searches: ["_a.example", "."] } }), {
    31: ["spec.dnsConfig.searches[0]: Invalid value", "spec.dnsConfig.searches[1]: Invalid value"],
    35: [],
  }],
  ["addresses have no leading zeros", pod({ hostAliases: [{ ip: "010.0.0.1" }] }), {
    36: ["spec.hostAliases[0].ip: Invalid value"],
  }],
  [
    "a required node affinity names label values",
    pod({
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{
              matchExpressions: [{ key: "a", operator: "In", values: ["-b"] }],
            }],
          },
        },
      },
    }),
    {
      33: [
        "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution" +
        ".nodeSelectorTerms[0].matchExpressions[0].values[0]: Invalid value",
      ],
    },
  ],
  [
    "SELinux labels are changed by mount",
    pod({
      securityContext: { seLinuxChangePolicy: "MountOption" },
    }),
    { 35: ["spec.securityContext.seLinuxChangePolicy: Unsupported value"], 37: [] },
  ],
  [
    "an unknown change of SELinux labels is refused",
    pod({
      securityContext: { seLinuxChangePolicy: "Never" },
    }),
    { 32: ["spec.securityContext.seLinuxChangePolicy: Unsupported value"] },
  ],
  ["processes are shared by the spec", pod({ hostPID: true, shareProcessNamespace: true }), {
    31: ["spec.securityContext.shareProcessNamespace: Invalid value"],
    37: ["spec.shareProcessNamespace: Invalid value"],
  }],
  [
    "a user namespace goes with no device",
    pod({
      hostUsers: false,
      containers: [{ ...CONTAINER, volumeDevices: [{ name: "d", devicePath: "/dev/d" }] }],
    }),
    {
      31: [`${APP}.volumeDevices[0].name: Not found`],
      34: [`${APP}.volumeDevices: Forbidden`, `${APP}.volumeDevices[0].name: Not found`],
    },
  ],
  ["a CSI driver without a name is one mistake", pod({ volumes: [{ name: "v", csi: {} }] }), {
    31: [`${VOLUME}.csi.driver: Invalid value`, `${VOLUME}.csi.driver: Required value`],
    35: [`${VOLUME}.csi.driver: Required value`],
  }],
  [
    "a key of topology spread may be in its selector",
    pod({
      topologySpreadConstraints: [{
        maxSkew: 1,
        topologyKey: "zone",
        whenUnsatisfiable: "DoNotSchedule",
        labelSelector: { matchLabels: { a: "b" } },
        matchLabelKeys: ["a"],
      }],
    }),
    {
      31: ["spec.topologySpreadConstraints[0].matchLabelKeys[0]: Invalid value"],
      35: [],
    },
  ],
  [
    "a claim's class of attributes is judged",
    pod({
      volumes: [{
        name: "v",
        ephemeral: {
          volumeClaimTemplate: {
            spec: {
              accessModes: ["ReadWriteOnce"],
              resources: { requests: { storage: "1Gi" } },
              volumeAttributesClassName: "A",
            },
          },
        },
      }],
    }),
    {
      34: [
        `${VOLUME}.ephemeral.volumeClaimTemplate.spec.volumeAttributesClassName: Invalid value`,
      ],
    },
  ],
  ["resources of the pod are judged", pod({ resources: { requests: { storage: "1" } } }), {
    35: ["spec.resources.requests[storage]: Unsupported value"],
  }],
  ["there is a workload reference, in one minor", pod({ workloadRef: { podGroup: "G" } }), {
    35: ["spec.workloadRef.name: Invalid value", "spec.workloadRef.podGroup: Invalid value"],
    36: [],
  }],
  ["there is a scheduling group", pod({ schedulingGroup: { podGroupName: "G" } }), {
    36: ["spec.schedulingGroup.podGroupName: Invalid value"],
  }],
]);

table("judgeBody() metadata", [
  [
    "an owner without a kind is named by its index",
    withMetadata({
      ownerReferences: [{ ...OWNER, kind: "" }],
    }),
    {
      31: ["metadata.ownerReferences.kind: Invalid value"],
      37: ["metadata.ownerReferences[0].kind: Required value"],
    },
  ],
  [
    "an owner without a version too",
    withMetadata({
      ownerReferences: [OWNER, { ...OWNER, apiVersion: "" }],
    }),
    {
      31: ["metadata.ownerReferences.apiVersion: Invalid value"],
      37: ["metadata.ownerReferences[1].apiVersion: Required value"],
    },
  ],
  [
    "a malformed version is told from none",
    withMetadata({
      ownerReferences: [{ ...OWNER, apiVersion: "a/b/c" }],
    }),
    {
      31: ["metadata.ownerReferences.apiVersion: Invalid value"],
      37: ["metadata.ownerReferences[0].apiVersion: Invalid value"],
    },
  ],
  [
    "an event owns nothing, by its index",
    withMetadata({
      ownerReferences: [{ ...OWNER, apiVersion: "v1", kind: "Event" }],
    }),
    {
      31: ["metadata.ownerReferences: Invalid value"],
      37: ["metadata.ownerReferences[0]: Invalid value"],
    },
  ],
  ["an operation is missing", withMetadata({ managedFields: [{ manager: "m" }] }), {
    31: ["metadata.managedFields[0].operation: Invalid value"],
    37: ["metadata.managedFields[0].operation: Required value"],
  }],
  ["an operation is unknown", withMetadata({ managedFields: [{ operation: "Patch" }] }), {
    31: ["metadata.managedFields[0].operation: Invalid value"],
    37: ["metadata.managedFields[0].operation: Unsupported value"],
  }],
]);

/** Fields of 1.37, all of them judged whatever their gates say. */
table("judgeBody() new fields", [
  ["a directory has a mode", withVolume({ emptyDir: { mode: 0o1777 } }), {}],
  ["a mode is too great", withVolume({ emptyDir: { mode: 0o2000 } }), {
    37: [`${VOLUME}.emptyDir.mode: Invalid value`, NOT_MOUNTED],
  }],
  ["a mode is negative", withVolume({ emptyDir: { mode: -1 } }), {
    37: [`${VOLUME}.emptyDir.mode: Invalid value`, NOT_MOUNTED],
  }],
  ["a mode is no number", withVolume({ emptyDir: { mode: "0700" } }), {
    37: ["spec.volumes[0].emptyDir.mode: Decode"],
  }],
  ["files have an owner", withVolume({ downwardAPI: { defaultUser: 2147483647 } }), {}],
  [
    "the owner of a volume's files is too great",
    withVolume({
      downwardAPI: { defaultUser: 2147483648 },
    }),
    { 37: [`${VOLUME}.downwardAPI.defaultUser: Invalid value`, NOT_MOUNTED] },
  ],
  [
    "a file's own owner is negative",
    withVolume({
      downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "metadata.name" }, user: -1 }] },
    }),
    { 37: [`${VOLUME}.downwardAPI.user: Invalid value`, NOT_MOUNTED] },
  ],
  [
    "all sources have an owner",
    withVolume({
      projected: {
        defaultUser: -1,
        sources: [
          { secret: { name: "s", items: [{ key: "k", path: "a", user: -1 }] } },
          { configMap: { name: "c", items: [{ key: "k", path: "b", user: -1 }] } },
          { clusterTrustBundle: { name: "t", path: "c", user: -1 } },
          {
            podCertificate: {
              signerName: "example.com/s",
              keyType: "ED25519",
              credentialBundlePath: "d",
              user: -1,
            },
          },
        ],
      },
    }),
    {
      31: REFERENCE,
      37: [
        `${VOLUME}.projected.defaultUser: Invalid value`,
        `${VOLUME}.projected.sources[0].secret.items[0].user: Invalid value`,
        `${VOLUME}.projected.sources[1].configMap.items[0].user: Invalid value`,
        `${VOLUME}.projected.sources[2].clusterTrustBundle.user: Invalid value`,
        `${VOLUME}.projected.sources[3].podCertificate.user: Invalid value`,
        NOT_MOUNTED,
      ],
    },
  ],
  [
    "secrets and config maps too",
    pod({
      volumes: [
        { name: "s", secret: { secretName: "s", defaultUser: -1 } },
        { name: "c", configMap: { name: "c", items: [{ key: "k", path: "p", user: -1 }] } },
        { name: "t", projected: { sources: [{ serviceAccountToken: { path: "t", user: -1 } }] } },
      ],
    }),
    {
      31: ["spec.volumes[2].projected.sources[0].serviceAccountToken: Forbidden"],
      37: [
        "spec.volumes[0].secret.defaultUser: Invalid value",
        "spec.volumes[1].configMap.items[0].user: Invalid value",
        "spec.volumes[2].projected.sources[0].serviceAccountToken.user: Invalid value",
        "spec.volumes[2].projected.sources[0].serviceAccountToken: Forbidden",
      ],
    },
  ],
  [
    "mounts have options",
    withVolume({ emptyDir: {} }, { bindMountOptions: ["noexec", "nodev", "nosuid"] }),
    {},
  ],
  [
    "options are few, each once",
    withVolume({ emptyDir: {} }, { bindMountOptions: ["ro", "nodev", "nodev"] }),
    {
      37: [
        `${APP}.volumeMounts[0].bindMountOptions[0]: Unsupported value`,
        `${APP}.volumeMounts[0].bindMountOptions[2]: Duplicate value`,
      ],
    },
  ],
  ["options are not for images", withVolume(IMAGE, { bindMountOptions: ["nodev"] }), {
    31: [`${VOLUME}: Required value`, NOT_MOUNTED],
    32: [],
    37: [`${APP}.volumeMounts[0].bindMountOptions: Forbidden`],
  }],
  ...probeCases({ httpGet: { port: 80, protocol: "HTTP2" } }, "HTTP/2 is asked", []),
  ...probeCases(
    { httpGet: { port: 80, protocol: "HTTP1", scheme: "HTTPS", host: "a" } },
    "HTTP/1 goes with any scheme and host",
    [],
  ),
  ...probeCases({ httpGet: { port: 80, protocol: "http2" } }, "a protocol is unknown", [
    ".httpGet.protocol: Unsupported value",
  ]),
  ...probeCases(
    { httpGet: { port: 80, protocol: "HTTP2", scheme: "HTTPS", host: "a" } },
    "HTTP/2 has no TLS",
    [".httpGet.protocol: Invalid value"],
  ),
  ...probeCases(
    { httpGet: { port: 80, protocol: "HTTP2", host: "a" } },
    "HTTP/2 has no other host",
    [".httpGet.host: Invalid value"],
  ),
  ["gRPC has TLS", withContainer({ livenessProbe: { grpc: { port: 80, mode: "TLS" } } }), {}],
  [
    "a mode of gRPC is unknown",
    withContainer({ livenessProbe: { grpc: { port: 80, mode: "tls" } } }),
    { 37: [`${APP}.livenessProbe.grpc.mode: Unsupported value`] },
  ],
  [
    "responders have any name and priority",
    pod({
      evictionResponders: [{ name: "x", priority: -1 }, { name: "x" }],
    }),
    {},
  ],
  [
    "responders go with no group",
    pod({
      schedulingGroup: { podGroupName: "g" },
      evictionResponders: [{ name: "x", priority: 1 }],
    }),
    { 37: ["spec.schedulingGroup: Forbidden"] },
  ],
  [
    "no responders go with a group",
    pod({
      schedulingGroup: { podGroupName: "g" },
      evictionResponders: [],
    }),
    {},
  ],
]);

function probeCases(
  probe: JsonObject,
  title: string,
  issues: readonly string[],
): readonly Case[] {
  const found = (path: string) => ({ 37: issues.map((issue) => `${APP}.${path}${issue}`) });
  return [
    [title, withContainer({ readinessProbe: probe }), found("readinessProbe")],
    [
      `${title}, by a hook`,
      withContainer({ lifecycle: { postStart: probe } }),
      found("lifecycle.postStart"),
    ],
  ];
}

/** A field is unknown to the minors that do not have it, so its type is not looked at. */
const WRONG_TYPES: readonly (readonly [value: JsonObject, since: number, until?: number])[] = [
  [pod({ resources: 1 }), 32],
  [pod({ securityContext: { seLinuxChangePolicy: 1 } }), 32],
  [withContainer({ lifecycle: { stopSignal: 1 } }), 33],
  [pod({ hostnameOverride: 1 }), 34],
  [withContainer({ restartPolicyRules: 1 }), 34],
  [withContainer({ env: [{ name: "a", valueFrom: { fileKeyRef: 1 } }] }), 34],
  [pod({ volumes: [{ name: "v", projected: { sources: [{ podCertificate: 1 }] } }] }), 34],
  [pod({ workloadRef: 1 }), 35, 35],
  [pod({ schedulingGroup: 1 }), 36],
  [pod({ evictionResponders: { name: "a" } }), 37],
  [withContainer({ livenessProbe: { httpGet: { port: 80, protocol: 2 } } }), 37],
  [withContainer({ livenessProbe: { grpc: { port: 80, mode: true } } }), 37],
  [withVolume({ emptyDir: {} }, { bindMountOptions: "noexec" }), 37],
  [pod({ volumes: [{ name: "v", secret: { secretName: "s", defaultUser: "0" } }] }), 37],
  [pod({}, { status: { observedGeneration: "1" } }), 33],
  [pod({}, { status: { extendedResourceClaimStatus: 1 } }), 34],
  [pod({}, { status: { allocatedResources: 1 } }), 35],
  [pod({}, { status: { nodeAllocatableResourceClaimStatuses: 1 } }), 36],
  [pod({}, { status: { nodeAllocatableResourceClaimStatuses: [{ resources: 1 }] } }), 36, 36],
  [pod({}, { status: { nodeAllocatableResourceClaimStatuses: [{ mapping: 1 }] } }), 37],
  [pod({}, { status: { volumeHealth: 1 } }), 37],
];

describe("judgeBody() fields of a minor", () => {
  for (const [value, since, until = NEWEST_MINOR] of WRONG_TYPES) {
    it(`decodes it from 1.${since} to 1.${until}: ${JSON.stringify(value.status ?? value.spec)}`, () => {
      for (let minor = OLDEST_MINOR; minor <= NEWEST_MINOR; minor++) {
        const isKnown = since <= minor && minor <= until;
        const types = found(value, minor).map((one) => one.split(": ")[1]);
        assert.equal(types.includes("Decode"), isKnown, `1.${minor}: ${types}`);
      }
    });
  }
});

describe("judgeBody() status", () => {
  const held = (status: JsonObject, minor: number) => {
    const body = new TextEncoder().encode(JSON.stringify(pod({}, { status })));
    const { pods } = judgeBody(body, { nodeName: "n", kubeletVersion: `1.${minor}` });
    const { podIP, podIPs } = pods[0]!.status;
    return [podIP, ...podIPs.map(({ ip }) => ip)];
  };

  it("makes podIP and podIPs agree up to 1.36", () => {
    const both = { podIP: "10.0.0.1", podIPs: [{ ip: "10.0.0.2" }] };
    assert.deepEqual(held(both, 36), ["10.0.0.1", "10.0.0.1"]);
    assert.deepEqual(held(both, 37), ["10.0.0.1", "10.0.0.2"]);
    assert.deepEqual(held({ podIP: "10.0.0.1" }, 36), ["10.0.0.1", "10.0.0.1"]);
    assert.deepEqual(held({ podIP: "10.0.0.1" }, 37), ["10.0.0.1"]);
    assert.deepEqual(held({ podIPs: [{ ip: "10.0.0.1" }] }, 36), ["10.0.0.1", "10.0.0.1"]);
    assert.deepEqual(held({ podIPs: [{ ip: "10.0.0.1" }] }, 37), ["", "10.0.0.1"]);
  });
});

describe("minorOf()", () => {
  it("reads what kubelets and people call a version", () => {
    for (const text of ["1.34", "v1.34.2", "1.34.2-k3s1", "1.34.0+rke2r1", " 1.34 "]) {
      assert.equal(minorOf(text), 34, text);
    }
    for (const text of ["", "latest", "2.0", "1", "1.x", "1.34x"]) {
      assert.equal(minorOf(text), undefined, text);
    }
  });
});
