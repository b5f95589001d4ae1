import type { JsonValue } from "../../../../mod/core/mod.ts";
import { describeRules } from "../found.ts";
import type { Json } from "../found.ts";

const projected = (part: JsonValue) => ({ volumes: [{ name: "all", projected: part }] });
const sources = (part: JsonValue) => projected({ sources: part });
const source = (part: JsonValue) => sources([part]);
const PREFIX = "spec.volumes[0].projected";

describeRules("validateProjected()", PREFIX, projected, [
  ["a mode", { defaultMode: 0o440, sources: [] }],
  ["mode 01000", { defaultMode: 0o1000, sources: [] }, [".defaultMode: Invalid value"]],
]);

describeRules("validateProjected() sources", PREFIX, sources, [
  ["an empty source", [{}]],
  [
    "one type each",
    [
      { secret: { name: "key", items: [{ key: "a", path: "a" }] } },
      { configMap: { name: "settings", items: [{ key: "a", path: "b" }] } },
      { downwardAPI: { items: [{ path: "c", fieldRef: { fieldPath: "metadata.name" } }] } },
    ],
  ],
  [
    "two types in one source",
    [{ secret: { name: "key" }, configMap: { name: "settings" } }],
    [".sources[0]: Forbidden"],
  ],
  ["no name of a secret", [{ secret: {} }], [".sources[0].secret.name: Required value"]],
  ["no name of a config map", [{ configMap: {} }], [".sources[0].configMap.name: Required value"]],
  [
    "a wrong item",
    [{ secret: { name: "key", items: [{ key: "a", path: "/a" }] } }],
    [".sources[0].secret.items[0].path: Invalid value"],
  ],
  [
    "a wrong file of the downward API",
    [{ downwardAPI: { items: [{ path: "a" }] } }],
    [".sources[0].downwardAPI: Required value"],
  ],
  [
    "one file of two secrets",
    [
      { secret: { name: "one", items: [{ key: "a", path: "a" }] } },
      { secret: { name: "two", items: [{ key: "b", path: "a" }] } },
    ],
    [": Invalid value"],
  ],
  [
    "one file of a config map and the downward API",
    [
      { configMap: { name: "one", items: [{ key: "a", path: "a" }] } },
      { downwardAPI: { items: [{ path: "a", fieldRef: { fieldPath: "metadata.name" } }] } },
    ],
    [": Invalid value"],
  ],
]);

const token = (more: Json) => ({ serviceAccountToken: { path: "token", ...more } });
const WITHOUT_ACCOUNT = ".sources[0].serviceAccountToken: Forbidden";

describeRules("validateProjected() serviceAccountToken", PREFIX, source, [
  ["a token without a service account", token({}), [WITHOUT_ACCOUNT]],
]);

describeRules(
  "validateProjected() serviceAccountToken of an account",
  PREFIX,
  (part) => ({ serviceAccountName: "robot", ...source(part) }),
  [
    ["a token", token({})],
    ["ten minutes", token({ expirationSeconds: 600 })],
    ["less than ten minutes", token({ expirationSeconds: 599 }), [
      ".sources[0].serviceAccountToken.expirationSeconds: Invalid value",
    ]],
    ["2^32 seconds", token({ expirationSeconds: 4294967296 })],
    ["more than 2^32 seconds", token({ expirationSeconds: 4294967297 }), [
      ".sources[0].serviceAccountToken.expirationSeconds: Invalid value",
    ]],
    ["no path, said of the volume", token({ path: "" }), [".path: Required value"]],
    ["an absolute path, said of the volume", token({ path: "/a" }), [".path: Invalid value"]],
  ],
);

const bundle = (more: Json) => ({ clusterTrustBundle: { path: "ca.pem", ...more } });
const BUNDLE = ".sources[0].clusterTrustBundle";

describeRules("validateProjected() clusterTrustBundle", PREFIX, source, [
  ["a name", bundle({ name: "root" })],
  ["a name with its signer", bundle({ name: "example.com:signer:root" })],
  ["a signer", bundle({ signerName: "example.com/signer", labelSelector: {} })],
  ["neither", bundle({}), [`${BUNDLE}: Required value`]],
  ["both", bundle({ name: "root", signerName: "example.com/signer" }), [
    `${BUNDLE}: Invalid value`,
  ]],
  ["an empty name", bundle({ name: "" }), [
    `${BUNDLE}.name: Required value`,
    `${BUNDLE}.name: Invalid value`,
  ]],
  ["an upper case name", bundle({ name: "Root" }), [`${BUNDLE}.name: Invalid value`]],
  ["an upper case name after a signer", bundle({ name: "example.com:s:Root" }), [
    `${BUNDLE}.name: Invalid value`,
  ]],
  ["a slash in the signer of a name", bundle({ name: "example.com/s:root" }), [
    `${BUNDLE}.name: Invalid value`,
  ]],
  ["a name that begins with a colon", bundle({ name: ":root" }), [
    `${BUNDLE}.name: Invalid value`,
  ]],
  ["a selector beside a name", bundle({ name: "root", labelSelector: {} }), [
    `${BUNDLE}.labelSelector: Invalid value`,
  ]],
  ["an empty signer", bundle({ signerName: "" }), [
    `${BUNDLE}.signerName: Required value`,
    `${BUNDLE}.signerName: Required value`,
  ]],
  ["a signer without a path", bundle({ signerName: "example.com" }), [
    `${BUNDLE}.signerName: Invalid value`,
  ]],
  [
    "a selector with a wrong label",
    bundle({ signerName: "example.com/s", labelSelector: { matchLabels: { a: "b c" } } }),
    [`${BUNDLE}.labelSelector.matchLabels: Invalid value`],
  ],
  ["no path", bundle({ name: "root", path: "" }), [`${BUNDLE}.path: Required value`]],
  ["a step back", bundle({ name: "root", path: "a/../b" }), [`${BUNDLE}.path: Invalid value`]],
]);

describeRules("validateProjected() files of two bundles", PREFIX, sources, [
  ["two files", [bundle({ name: "a" }), bundle({ name: "b", path: "b.pem" })]],
  ["one file", [bundle({ name: "a" }), bundle({ name: "b" })], [": Invalid value"]],
]);

const certificate = (more: Json) => ({
  podCertificate: {
    signerName: "example.com/signer",
    keyType: "ED25519",
    keyPath: "key.pem",
    ...more,
  },
});
const CERTIFICATE = ".sources[0].podCertificate";

describeRules("validateProjected() podCertificate", PREFIX, source, [
  ["a certificate", certificate({ certificateChainPath: "chain.pem" })],
  ["a bundle", certificate({ keyPath: "", credentialBundlePath: "all.pem" })],
  ["no file", certificate({ keyPath: "" }), [`${CERTIFICATE}: Required value`]],
  ["an absolute file", certificate({ keyPath: "/key" }), [`${CERTIFICATE}.keyPath: Invalid value`]],
  ["an absolute chain", certificate({ certificateChainPath: "/c" }), [
    `${CERTIFICATE}.certificateChainPath: Invalid value`,
  ]],
  ["an absolute bundle", certificate({ credentialBundlePath: "/c" }), [
    `${CERTIFICATE}.credentialBundlePath: Invalid value`,
  ]],
  ["one file twice", certificate({ certificateChainPath: "key.pem" }), [": Invalid value"]],
  ["no signer", certificate({ signerName: "" }), [`${CERTIFICATE}.signerName: Required value`]],
  ["no key type", certificate({ keyType: "" }), [`${CERTIFICATE}.keyType: Unsupported value`]],
  ["a key type of the future", certificate({ keyType: "MLDSA44" }), [
    `${CERTIFICATE}.keyType: Unsupported value`,
  ]],
  ["an hour", certificate({ maxExpirationSeconds: 3600 })],
  ["less than an hour", certificate({ maxExpirationSeconds: 3599 }), [
    `${CERTIFICATE}.maxExpirationSeconds: Invalid value`,
  ]],
  ["91 days", certificate({ maxExpirationSeconds: 91 * 86400 })],
  ["more than 91 days", certificate({ maxExpirationSeconds: 91 * 86400 + 1 }), [
    `${CERTIFICATE}.maxExpirationSeconds: Invalid value`,
  ]],
  [
    "more than a day of a signer of Kubernetes",
    certificate({ signerName: "kubernetes.io/a", maxExpirationSeconds: 86401 }),
    [`${CERTIFICATE}.maxExpirationSeconds: Invalid value`],
  ],
  ["an annotation", certificate({ userAnnotations: { "example.com/a": "b" } })],
  ["an annotation without a domain", certificate({ userAnnotations: { a: "b" } }), [
    `${CERTIFICATE}.userAnnotations: Invalid value`,
  ]],
  ["an annotation with two slashes", certificate({ userAnnotations: { "a/b/c": "" } }), [
    `${CERTIFICATE}.userAnnotations: Invalid value`,
  ]],
  [
    "annotations of more than 256 KiB",
    certificate({ userAnnotations: { "a/b": "c".repeat(256 * 1024) } }),
    [`${CERTIFICATE}.userAnnotations: Too long`],
  ],
]);

describeRules(
  "validateSignerName()",
  `${PREFIX}${CERTIFICATE}.signerName`,
  (part) => source(certificate({ signerName: part })),
  [
    ["a domain and a path", "example.com/signer"],
    ["a path of several parts", "example.com/ns.name"],
    ["no slash", "example.com", [": Invalid value"]],
    ["two slashes", "example.com/a/b", [": Invalid value"]],
    ["a domain of one label", "example/a", [": Invalid value"]],
    ["an upper case domain", "Example.com/a", [": Invalid value"]],
    ["an empty domain, which is two mistakes", "/a", [": Invalid value", ": Invalid value"]],
    ["an empty path", "example.com/", [": Invalid value"]],
    ["an upper case path", "example.com/A", [": Invalid value"]],
    ["a domain of 254 bytes", `${"a.".repeat(126)}aa/b`, [": Too long"]],
    ["571 bytes", `a.b/${"c".repeat(253)}.${"d".repeat(253)}.${"e".repeat(59)}`],
    [
      "more than 571 bytes",
      `a.b/${"c".repeat(253)}.${"d".repeat(253)}.${"e".repeat(60)}`,
      [": Too long"],
    ],
  ],
);
