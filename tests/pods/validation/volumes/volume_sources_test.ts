import type { JsonValue } from "../../../../mod/core/mod.ts";
import { describeRules } from "../found.ts";
import type { Case } from "../found.ts";

function describeSource(type: string, cases: readonly Case[], named: string = type): void {
  const specOf = (part: JsonValue) => ({ volumes: [{ name: "data", [type]: part }] });
  describeRules(`validateVolumes() ${type}`, `spec.volumes[0].${named}`, specOf, cases);
}

describeSource("emptyDir", [
  ["a size", { sizeLimit: "1Gi", medium: "Memory" }],
  ["no size at all", { sizeLimit: "0" }],
  ["a negative size", { sizeLimit: "-1" }, [".sizeLimit: Forbidden"]],
]);

describeSource("hostPath", [
  ["a path", { path: "/etc/kubernetes" }],
  ["a relative path, which the kubelet does not mind", { path: "etc" }],
  ["two dots in a name", { path: "/etc/..kubernetes" }],
  ["no path, whatever the type", { type: "Folder" }, [".path: Required value"]],
  ["a step back", { path: "/etc/../root" }, [".path: Invalid value"]],
  ["every type", { path: "/a", type: "DirectoryOrCreate" }],
  ["a socket", { path: "/a", type: "Socket" }],
  ["the empty type", { path: "/a", type: "" }],
  ["an unknown type", { path: "/a", type: "Folder" }, [".type: Unsupported value"]],
]);

describeSource("gitRepo", [
  ["a repository", { repository: "https://git.example/a.git", directory: "a/b" }],
  ["no repository", { directory: "a" }, [".repository: Required value"]],
  ["an absolute directory", { repository: "r", directory: "/a" }, [".directory: Invalid value"]],
  ["a step back", { repository: "r", directory: "a/.." }, [".directory: Invalid value"]],
]);

describeSource("nfs", [
  ["a share", { server: "nfs.example", path: "/srv" }],
  ["a step back, which the server resolves", { server: "nfs.example", path: "/srv/../a" }],
  ["no server", { path: "/srv" }, [".server: Required value"]],
  [
    "no path",
    { server: "nfs.example" },
    [".path: Required value", ".path: Invalid value"],
  ],
  ["a relative path", { server: "nfs.example", path: "srv" }, [".path: Invalid value"]],
]);

describeSource("persistentVolumeClaim", [
  ["a claim", { claimName: "data" }],
  ["a claim whose name cannot be, which is found out later", { claimName: "DATA" }],
  ["no claim", { readOnly: true }, [".claimName: Required value"]],
]);

const iscsi = { targetPortal: "192.0.2.1", iqn: "iqn.2026-01.example:disk", lun: 0 };

describeSource("iscsi", [
  ["a disk", iscsi],
  ["the last disk", { ...iscsi, lun: 255 }],
  ["a name of EUI", { ...iscsi, iqn: "eui.0123456789ABCDEF" }],
  ["a name of NAA", { ...iscsi, iqn: `naa.${"0".repeat(32)}` }],
  ["no portal", { ...iscsi, targetPortal: "" }, [".targetPortal: Required value"]],
  ["no name", { ...iscsi, iqn: "" }, [".iqn: Required value"]],
  ["a name of another kind", { ...iscsi, iqn: "disk" }, [".iqn: Invalid value"]],
  ["an IQN without its date", { ...iscsi, iqn: "iqn.example:disk" }, [".iqn: Invalid value"]],
  ["an IQN without its disk", { ...iscsi, iqn: "iqn.2026-01.example" }, [".iqn: Invalid value"]],
  ["a space in an IQN", { ...iscsi, iqn: "iqn.2026-01.example:a b" }, [".iqn: Invalid value"]],
  ["a short EUI", { ...iscsi, iqn: "eui.0123456789ABCDE" }, [".iqn: Invalid value"]],
  ["a long NAA", { ...iscsi, iqn: `naa.${"0".repeat(33)}` }, [".iqn: Invalid value"]],
  ["a negative disk", { ...iscsi, lun: -1 }, [".lun: Invalid value"]],
  ["disk 256", { ...iscsi, lun: 256 }, [".lun: Invalid value"]],
  ["CHAP with a secret", { ...iscsi, chapAuthSession: true, secretRef: { name: "chap" } }],
  [
    "CHAP in discovery without a secret",
    { ...iscsi, chapAuthDiscovery: true },
    [".secretRef: Required value"],
  ],
  [
    "CHAP in sessions without a secret",
    { ...iscsi, chapAuthSession: true },
    [".secretRef: Required value"],
  ],
  ["an initiator", { ...iscsi, initiatorName: "iqn.2026-01.example:node" }],
  ["a wrong initiator", { ...iscsi, initiatorName: "node" }, [".initiatorname: Invalid value"]],
  [
    "an empty initiator",
    { ...iscsi, initiatorName: "" },
    [".initiatorname: Invalid value"],
  ],
]);

describeRules(
  "validateVolumes() name of an iSCSI volume",
  "spec.volumes[0].",
  (part) => ({ volumes: [{ name: "data", iscsi: { ...iscsi, ...part as object } }] }),
  [
    ["a long portal without an initiator", { targetPortal: "p".repeat(100) }],
    [
      "name and portal of 64 bytes",
      { targetPortal: "p".repeat(59), initiatorName: "iqn.2026-01.example:node" },
    ],
    [
      "name and portal of 65 bytes",
      { targetPortal: "p".repeat(60), initiatorName: "iqn.2026-01.example:node" },
      ["name: Invalid value"],
    ],
  ],
);

describeSource("fc", [
  ["targets with a disk", { targetWWNs: ["500a0982991b8dc5"], lun: 2 }],
  ["identifiers", { wwids: ["3600508b400105e210000900000490000"] }],
  ["nothing", { lun: 2 }, [".targetWWNs: Required value"]],
  ["targets and identifiers", { targetWWNs: ["a"], wwids: ["b"], lun: 2 }, [
    ".targetWWNs: Invalid value",
  ]],
  ["targets without a disk", { targetWWNs: ["a"] }, [".lun: Required value"]],
  ["disk 256", { targetWWNs: ["a"], lun: 256 }, [".lun: Invalid value"]],
  ["disk 256 of identifiers, where it does not count", { wwids: ["b"], lun: 256 }],
]);

describeSource("csi", [
  ["a driver", { driver: "csi.example.com" }],
  ["a driver in upper case", { driver: "CSI.example.com" }],
  ["no driver", {}, [".driver: Required value"]],
  ["a driver that is no DNS name", { driver: "csi_example" }, [".driver: Invalid value"]],
  ["a driver of 63 bytes", { driver: "a".repeat(63) }],
  ["a driver of 64 bytes", { driver: "a".repeat(64) }, [".driver: Too long"]],
  ["a secret", { driver: "d", nodePublishSecretRef: { name: "key" } }],
  [
    "a secret without a name",
    { driver: "d", nodePublishSecretRef: {} },
    [".nodePublishSecretRef.name: Required value"],
  ],
  [
    "a secret whose name cannot be, under the kubelet's name for it",
    { driver: "d", nodePublishSecretRef: { name: "KEY" } },
    [".name: Invalid value"],
  ],
]);

describeSource("image", [
  ["an image", { reference: "registry.example/data:1" }],
  ["no reference", { pullPolicy: "Always" }, [".reference: Required value"]],
  [
    "an unknown pull policy",
    { reference: "registry.example/data:1", pullPolicy: "Sometimes" },
    [".pullPolicy: Unsupported value"],
  ],
]);
