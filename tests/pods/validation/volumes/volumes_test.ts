import type { JsonValue } from "../../../../mod/core/mod.ts";
import { container, describeRules } from "../found.ts";

const volumes = (part: JsonValue) => ({ volumes: part });
const directory = { emptyDir: {} };

describeRules("validateVolumes() names", "spec.volumes", volumes, [
  ["a DNS label", [{ name: "data-1", ...directory }]],
  ["no name", [{ ...directory }], ["[0].name: Required value"]],
  ["an upper case name", [{ name: "Data", ...directory }], ["[0].name: Invalid value"]],
  ["a dotted name", [{ name: "a.b", ...directory }], ["[0].name: Invalid value"]],
  ["a name of 63 letters", [{ name: "a".repeat(63), ...directory }]],
  ["a name of 64 letters", [{ name: "a".repeat(64), ...directory }], ["[0].name: Invalid value"]],
  [
    "one name twice",
    [{ name: "data", ...directory }, { name: "data", hostPath: { path: "/a" } }],
    ["[1].name: Duplicate value"],
  ],
  [
    "one name once with a mistake and once without",
    [{ name: "data", hostPath: {} }, { name: "data", ...directory }],
    ["[0].hostPath.path: Required value"],
  ],
]);

describeRules("validateVolumes() types", "spec.volumes[0].", (part) => ({ volumes: [part] }), [
  ["no type, which becomes emptyDir", { name: "data" }],
  [
    "two types",
    { name: "data", emptyDir: {}, hostPath: { path: "/a" } },
    ["hostPath: Forbidden"],
  ],
  [
    "a second type without judging it",
    { name: "data", hostPath: { path: "/a" }, nfs: {} },
    ["nfs: Forbidden"],
  ],
  [
    "three types",
    { name: "data", emptyDir: {}, gitRepo: {}, secret: {} },
    ["gitRepo: Forbidden", "secret: Forbidden"],
  ],
  [
    "second types under the kubelet's own names",
    { name: "data", emptyDir: {}, cephfs: {}, downwardAPI: {}, gcePersistentDisk: { pdName: "" } },
    ["cephFS: Forbidden", "downwarAPI: Forbidden", "gcePersistentDisk: Forbidden"],
  ],
]);

describeRules("validateVolumes() and containers", "spec.", (part) => part as never, [
  [
    "a mount of a volume with a mistake",
    {
      volumes: [{ name: "data", hostPath: {} }],
      containers: [container({ volumeMounts: [{ name: "data", mountPath: "/data" }] })],
    },
    [
      "volumes[0].hostPath.path: Required value",
      "containers[0].volumeMounts[0].name: Not found",
    ],
  ],
]);

const claim = (name: string) => ({
  name,
  ephemeral: {
    volumeClaimTemplate: {
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    },
  },
});

describeRules("validateVolumes() claims of ephemeral volumes", "spec.volumes", volumes, [
  [
    "another pod's claim",
    [claim("data"), { name: "old", persistentVolumeClaim: { claimName: "db-node-1-data" } }],
  ],
  [
    "a claim that this pod makes itself",
    [claim("data"), { name: "old", persistentVolumeClaim: { claimName: "web-node-1-data" } }],
    ["[1].persistentVolumeClaim.claimName: Invalid value"],
  ],
  [
    "a name with which the claim's is no name, beside the name itself",
    [claim("data_1")],
    ["[0].name: Invalid value", "[0].name: Invalid value"],
  ],
]);
