import type { JsonValue } from "../../../../mod/core/mod.ts";
import { describeRules } from "../found.ts";
import type { Case } from "../found.ts";

function describeSource(type: string, cases: readonly Case[], named: string = type): void {
  const specOf = (part: JsonValue) => ({ volumes: [{ name: "data", [type]: part }] });
  describeRules(`validateVolumes() ${type}`, `spec.volumes[0].${named}`, specOf, cases);
}

describeSource("gcePersistentDisk", [
  ["a disk", { pdName: "disk", partition: 1 }],
  ["no disk", {}, [".pdName: Required value"]],
  ["partition 256", { pdName: "disk", partition: 256 }, [".partition: Invalid value"]],
  ["a negative partition", { pdName: "disk", partition: -1 }, [".partition: Invalid value"]],
], "persistentDisk");

describeSource("awsElasticBlockStore", [
  ["a volume", { volumeID: "vol-1", partition: 255 }],
  ["no volume", {}, [".volumeID: Required value"]],
  ["partition 256", { volumeID: "vol-1", partition: 256 }, [".partition: Invalid value"]],
]);

describeSource("glusterfs", [
  ["a volume", { endpoints: "gluster", path: "data" }],
  ["nothing", {}, [".endpoints: Required value", ".path: Required value"]],
]);

describeSource("flocker", [
  ["a name", { datasetName: "data" }],
  ["a UUID", { datasetUUID: "d5a9e0f0" }],
  ["nothing", {}, [": Required value"]],
  ["a name and a UUID", { datasetName: "data", datasetUUID: "d5a9e0f0" }, [": Invalid value"]],
  ["a slash in a name", { datasetName: "a/b" }, [".datasetName: Invalid value"]],
]);

describeSource("rbd", [
  ["an image", { monitors: ["192.0.2.1"], image: "disk" }],
  ["nothing", {}, [".monitors: Required value", ".image: Required value"]],
]);

describeSource("cinder", [
  ["a volume", { volumeID: "vol-1", secretRef: { name: "key" } }],
  ["no volume", {}, [".volumeID: Required value"]],
  ["a secret without a name", { volumeID: "v", secretRef: {} }, [
    ".secretRef.name: Required value",
  ]],
]);

describeSource("cephfs", [
  ["a file system", { monitors: ["192.0.2.1"] }],
  ["no monitor", {}, [".monitors: Required value"]],
]);

describeSource("quobyte", [
  ["a registry", { registry: "quobyte:7861", volume: "data" }],
  ["registries of all forms", { registry: "a:1,[::1]:2,:3", volume: "data" }],
  ["no registry", { volume: "data" }, [".registry: Required value"]],
  ["no port", { registry: "quobyte", volume: "data" }, [".registry: Invalid value"]],
  ["IPv6 without brackets", { registry: "::1:2", volume: "data" }, [".registry: Invalid value"]],
  ["an open bracket", { registry: "[::1:2", volume: "data" }, [".registry: Invalid value"]],
  ["a bracket in a host", { registry: "a[b:1", volume: "data" }, [".registry: Invalid value"]],
  ["two wrong registries", { registry: "a,b", volume: "data" }, [
    ".registry: Invalid value",
    ".registry: Invalid value",
  ]],
  ["no volume", { registry: "a:1" }, [".volume: Required value"]],
  ["a tenant of 64 bytes", { registry: "a:1", volume: "v", tenant: "t".repeat(64) }],
  [
    "a tenant of 65 bytes, then without judging the registry",
    { registry: "a", volume: "v", tenant: "t".repeat(65) },
    [".tenant: Required value"],
  ],
]);

describeSource("flexVolume", [
  ["an option of its own", { driver: "example/lvm", options: { "example.com/size": "1" } }],
  ["no driver", {}, [".driver: Required value"]],
  [
    "an option of Kubernetes",
    { driver: "d", options: { "kubernetes.io/fsType": "ext4" } },
    [".options[kubernetes.io/fsType]: Invalid value"],
  ],
  [
    "an option of Kubernetes in upper case, under a subdomain and without a name",
    { driver: "d", options: { "Alpha.K8S.IO": "" } },
    [".options[Alpha.K8S.IO]: Invalid value"],
  ],
  ["an option that only ends alike", { driver: "d", options: { "myk8s.io/a": "" } }],
]);

describeSource("azureFile", [
  ["a share", { secretName: "key", shareName: "share" }],
  ["nothing", {}, [".secretName: Required value", ".shareName: Required value"]],
]);

const blob = { diskName: "disk", diskURI: "https://a.blob.core.windows.net/c/d.vhd" };

describeSource("azureDisk", [
  ["a blob", blob],
  ["a dedicated blob", { ...blob, kind: "Dedicated", cachingMode: "None" }],
  ["a managed disk", { diskName: "disk", diskURI: "/subscriptions/s", kind: "Managed" }],
  ["no name", { ...blob, diskName: "" }, [".diskName: Required value"]],
  [
    "no address",
    { diskName: "disk" },
    [".diskURI: Required value", ".diskURI: Unsupported value"],
  ],
  ["an unknown cache", { ...blob, cachingMode: "All" }, [".cachingMode: Unsupported value"]],
  ["an unknown kind", { ...blob, kind: "Own" }, [".kind: Unsupported value"]],
  ["a managed blob", { ...blob, kind: "Managed" }, [".diskURI: Unsupported value"]],
  ["a shared managed disk", { diskName: "d", diskURI: "/subscriptions/s", kind: "Shared" }, [
    ".diskURI: Unsupported value",
  ]],
]);

describeSource("vsphereVolume", [
  ["a path", { volumePath: "[store] disk" }],
  ["no path", {}, [".volumePath: Required value"]],
]);

describeSource("photonPersistentDisk", [
  ["a disk", { pdID: "disk" }],
  ["no disk", {}, [".pdID: Required value"]],
]);

describeSource("portworxVolume", [
  ["a volume", { volumeID: "vol" }],
  ["no volume", {}, [".volumeID: Required value"]],
]);

describeSource("scaleIO", [
  ["a volume", { gateway: "https://g", system: "s", volumeName: "v", secretRef: { name: "k" } }],
  ["nothing", {}, [
    ".gateway: Required value",
    ".system: Required value",
    ".volumeName: Required value",
  ]],
]);

describeSource("storageos", [
  ["a volume", { volumeName: "data", volumeNamespace: "default", secretRef: { name: "key" } }],
  ["no volume", {}, [".volumeName: Required value"]],
  ["a volume that is no label", { volumeName: "a.b" }, [".volumeName: Invalid value"]],
  ["a namespace that is no label", { volumeName: "a", volumeNamespace: "A" }, [
    ".volumeNamespace: Invalid value",
  ]],
  ["a secret without a name", { volumeName: "a", secretRef: {} }, [
    ".secretRef.name: Required value",
  ]],
]);
