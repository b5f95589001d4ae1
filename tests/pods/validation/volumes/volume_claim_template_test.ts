import type { JsonValue } from "../../../../mod/core/mod.ts";
import { describeRules } from "../found.ts";

const SPEC = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };

const template = (part: JsonValue) => ({
  volumes: [{ name: "data", ephemeral: { volumeClaimTemplate: part } }],
});
const PREFIX = "spec.volumes[0].ephemeral.volumeClaimTemplate";

describeRules(
  "validateEphemeral()",
  "spec.volumes[0].ephemeral",
  (part) => ({ volumes: [{ name: "data", ephemeral: part }] }),
  [
    ["a template", { volumeClaimTemplate: { spec: SPEC } }],
    ["no template", {}, [".volumeClaimTemplate: Required value"]],
  ],
);

describeRules(
  "validateEphemeral() metadata",
  `${PREFIX}.metadata`,
  (part) => template({ metadata: part, spec: SPEC }),
  [
    ["labels and annotations", { labels: { app: "db" }, annotations: { "example.com/a": "b" } }],
    ["null for any field", { name: null, finalizers: null }],
    ["a wrong label", { labels: { "a b": "c" } }, [".labels: Invalid value"]],
    ["a wrong annotation", { annotations: { "a b": "c" } }, [".annotations: Invalid value"]],
    ["a name", { name: "data" }, [".name: Forbidden"]],
    ["a UID, under Go's name for it", { uid: "1" }, [".uID: Forbidden"]],
    ["an empty list of finalizers", { finalizers: [] }, [".finalizers: Forbidden"]],
    ["a generation", { generation: 1 }, [".generation: Forbidden"]],
  ],
);

describeRules(
  "validateEphemeral() spec",
  `${PREFIX}.spec`,
  (part) => template({ spec: { ...SPEC, ...part as object } }),
  [
    ["all modes but one", { accessModes: ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany"] }],
    ["the one mode alone", { accessModes: ["ReadWriteOncePod"] }],
    ["no mode", { accessModes: [] }, [".accessModes: Required value"]],
    ["an unknown mode", { accessModes: ["Write"] }, [".accessModes: Unsupported value"]],
    [
      "the one mode with another",
      { accessModes: ["ReadWriteOncePod", "ReadOnlyMany"] },
      [".accessModes: Forbidden"],
    ],
    [
      "the one mode with an unknown one",
      { accessModes: ["ReadWriteOncePod", "Write"] },
      [".accessModes: Unsupported value"],
    ],
    ["no size", { resources: { requests: {} } }, [".resources[storage]: Required value"]],
    ["no bytes", { resources: { requests: { storage: "0" } } }, [
      ".resources[storage]: Invalid value",
    ]],
    ["a byte", { resources: { requests: { storage: "1" } } }],
    ["a selector", { selector: { matchLabels: { a: "b" } } }],
    [
      "a selector without an operator",
      { selector: { matchExpressions: [{ key: "a" }] } },
      [".selector.matchExpressions[0].operator: Invalid value"],
    ],
    ["an empty class", { storageClassName: "" }],
    ["a class", { storageClassName: "fast" }],
    ["an upper case class", { storageClassName: "Fast" }, [".storageClassName: Invalid value"]],
    ["a mode of volume", { volumeMode: "Block" }],
    ["an unknown mode of volume", { volumeMode: "Disk" }, [".volumeMode: Unsupported value"]],
    ["an empty class of attributes", { volumeAttributesClassName: "" }],
    ["an upper case class of attributes", { volumeAttributesClassName: "Fast" }, [
      ".volumeAttributesClassName: Invalid value",
    ]],
  ],
);

describeRules(
  "validateEphemeral() spec on 1.33",
  `${PREFIX}.spec`,
  (part) => template({ spec: { ...SPEC, ...part as object } }),
  [["an upper case class of attributes", { volumeAttributesClassName: "Fast" }]],
  33,
);

const CLAIM = { kind: "PersistentVolumeClaim", name: "old" };

describeRules(
  "validateEphemeral() data sources",
  `${PREFIX}.spec`,
  (part) => template({ spec: { ...SPEC, ...part as object } }),
  [
    ["a claim", { dataSource: CLAIM }],
    ["a snapshot", { dataSource: { apiGroup: "snapshot.storage.k8s.io", kind: "V", name: "s" } }],
    ["no name", { dataSource: { ...CLAIM, name: "" } }, [".dataSource.name: Required value"]],
    [
      "no kind",
      { dataSource: { name: "old" } },
      [".dataSource.kind: Required value", ".dataSource: Invalid value"],
    ],
    ["a kind of no group", { dataSource: { kind: "V", name: "s" } }, [
      ".dataSource: Invalid value",
    ]],
    ["an upper case group", { dataSource: { apiGroup: "G", kind: "V", name: "s" } }, [
      ".dataSource.apiGroup: Invalid value",
    ]],
    ["the same source twice", { dataSource: CLAIM, dataSourceRef: CLAIM }],
    ["two sources", { dataSource: CLAIM, dataSourceRef: { ...CLAIM, name: "b" } }, [
      ": Invalid value",
    ]],
    ["a source of another namespace", { dataSourceRef: { ...CLAIM, namespace: "other" } }],
    ["an upper case namespace", { dataSourceRef: { ...CLAIM, namespace: "Other" } }, [
      ".dataSourceRef.namespace: Invalid value",
    ]],
    [
      "the same source twice, one of a namespace",
      { dataSource: CLAIM, dataSourceRef: { ...CLAIM, namespace: "other" } },
      [": Invalid value"],
    ],
    ["a reference without a name", { dataSourceRef: { ...CLAIM, name: "" } }, [
      ".dataSourceRef.name: Required value",
    ]],
  ],
);
