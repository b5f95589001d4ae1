import type { JsonValue } from "../../../../mod/core/mod.ts";
import { describeRules } from "../found.ts";
import type { Case } from "../found.ts";

const MODES: readonly Case[] = [
  ["no mode bits", { defaultMode: 0 }],
  ["all mode bits", { defaultMode: 0o777 }],
  ["mode 01000", { defaultMode: 0o1000 }, [".defaultMode: Invalid value"]],
  ["a negative mode", { defaultMode: -1 }, [".defaultMode: Invalid value"]],
];

const ITEMS: readonly Case[] = [
  ["an item", { items: [{ key: "a", path: "b/c", mode: 0o400 }] }],
  ["no key", { items: [{ path: "b" }] }, [".items[0].key: Required value"]],
  ["no path", { items: [{ key: "a" }] }, [".items[0].path: Required value"]],
  ["an absolute path", { items: [{ key: "a", path: "/b" }] }, [".items[0].path: Invalid value"]],
  ["a step back", { items: [{ key: "a", path: "b/../c" }] }, [".items[0].path: Invalid value"]],
  ["a first step back once", { items: [{ key: "a", path: "../b" }] }, [
    ".items[0].path: Invalid value",
  ]],
  ["a name that begins with two dots", { items: [{ key: "a", path: "..b" }] }, [
    ".items[0].path: Invalid value",
  ]],
  [
    "only a step back, which is two mistakes",
    { items: [{ key: "a", path: ".." }] },
    [".items[0].path: Invalid value", ".items[0].path: Invalid value"],
  ],
  [
    "the second item's mode",
    { items: [{ key: "a", path: "b" }, { key: "a", path: "c", mode: 0o1000 }] },
    [".items[1].mode: Invalid value"],
  ],
];

function describeFiles(type: string, base: object, cases: readonly Case[]): void {
  const specOf = (part: JsonValue) => ({
    volumes: [{ name: "data", [type]: { ...base, ...part as object } }],
  });
  describeRules(`validateVolumes() ${type}`, `spec.volumes[0].${type}`, specOf, cases);
}

describeFiles("secret", { secretName: "key" }, [
  ...MODES,
  ...ITEMS,
  ["no name", { secretName: "" }, [".secretName: Required value"]],
]);

describeFiles("configMap", { name: "settings" }, [
  ...MODES,
  ...ITEMS,
  ["no name", { name: "" }, [".name: Required value"]],
]);

const labels = { path: "labels", fieldRef: { fieldPath: "metadata.labels" } };
const cpu = { containerName: "app", resource: "limits.cpu" };

describeFiles("downwardAPI", {}, [
  ...MODES,
  ["labels", { items: [labels] }],
  ["annotations", { items: [{ path: "a", fieldRef: { fieldPath: "metadata.annotations" } }] }],
  ["a name", { items: [{ path: "a", fieldRef: { fieldPath: "metadata.name" } }] }],
  ["a namespace", { items: [{ path: "a", fieldRef: { fieldPath: "metadata.namespace" } }] }],
  ["a UID", { items: [{ path: "a", fieldRef: { fieldPath: "metadata.uid" } }] }],
  ["a resource", { items: [{ path: "cpu", resourceFieldRef: cpu }] }],
  ["one label", {
    items: [{ path: "a", fieldRef: { fieldPath: "metadata.labels['example.com/a']" } }],
  }],
  ["no path", { items: [{ ...labels, path: "" }] }, [".path: Required value"]],
  ["an absolute path", { items: [{ ...labels, path: "/a" }] }, [".path: Invalid value"]],
  ["a mode", { items: [{ ...labels, mode: 0o600 }] }],
  ["mode 01000", { items: [{ ...labels, mode: 0o1000 }] }, [".mode: Invalid value"]],
  ["no source", { items: [{ path: "a" }] }, [": Required value"]],
  ["two sources", { items: [{ ...labels, resourceFieldRef: cpu }] }, [": Invalid value"]],
  ["a field of variables", { items: [{ path: "a", fieldRef: { fieldPath: "status.podIP" } }] }, [
    ".fieldRef.fieldPath: Unsupported value",
  ]],
  [
    "a resource without its container",
    { items: [{ path: "a", resourceFieldRef: { resource: "limits.cpu" } }] },
    [".resourceFieldRef.containerName: Required value"],
  ],
]);
