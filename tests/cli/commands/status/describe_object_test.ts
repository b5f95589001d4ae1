import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { Resource } from "../../../../mod/api/contract/mod.ts";
import {
  objectReference,
  objectReport,
  pickObject,
} from "../../../../mod/cli/commands/status/describe_object.ts";
import type { JsonObject } from "../../../../mod/core/mod.ts";
import { plainStyle } from "../../../../mod/text/mod.ts";

const NOW = Date.parse("2026-01-01T01:00:00Z");

const object = (
  type: "ConfigMap" | "Secret",
  key: string,
  spec: JsonObject,
  status: JsonObject = { state: "Current" },
): Resource => {
  const [namespace = "", name = ""] = key.split("/");
  const at = "2026-01-01T00:00:00Z";
  return {
    node: "10.0.0.1",
    type,
    id: `${namespace}-${name}`,
    version: 2,
    created: at,
    updated: at,
    spec: { namespace, name, ...spec },
    status: { source: { file: "/etc/podstead/pods.d/web.yaml", line: 3 }, ...status },
  };
};
const page = (resource: Resource) => objectReport(resource, { nowMs: NOW, style: plainStyle });

describe("objectReference()", () => {
  it("reads kubectl's notation, and leaves pods alone", () => {
    assert.deepEqual(objectReference("cm/app"), { type: "ConfigMap", name: "app" });
    assert.deepEqual(objectReference("Secrets/prod/app"), { type: "Secret", name: "prod/app" });
    for (const pod of ["app", "default/app", "secret", "secret/"]) {
      assert.equal(objectReference(pod), undefined, pod);
    }
  });
});

describe("pickObject()", () => {
  const items = [
    object("ConfigMap", "default/app", {}),
    object("ConfigMap", "prod/app", {}),
    object("ConfigMap", "prod/db", {}),
    object("ConfigMap", "test/db", {}),
  ];
  const pick = (name: string) => pickObject(items, { type: "ConfigMap", name }).id;

  it("takes a name, a namespace with it, or an ID; the default namespace comes first", () => {
    assert.equal(pick("app"), "default-app");
    assert.equal(pick("prod/app"), "prod-app");
    assert.equal(pick("test-db"), "test-db");
  });

  it("tells of several, of none, and of the nearest name", () => {
    assert.throws(() => pick("db"), { code: "ambiguous", hint: /configmap\/prod\/db/ });
    assert.throws(() => pick("ap"), { code: "not-found", hint: /configmap\/app/ });
    assert.throws(() => pick("prod/none"), { code: "not-found" });
  });
});

describe("objectReport()", () => {
  it("shows the keys of a ConfigMap with sizes and first lines, and who uses it", () => {
    const data = {
      LEVEL: "info",
      "app.conf": "listen = 80\nname = x\n",
      empty: "",
      esc: "\u001b[2J",
    };
    const spec = { data, binaryData: { "logo.png": "AAAA" }, immutable: true };
    assert.deepEqual(
      page(object("ConfigMap", "default/app", spec, { state: "Current", usedBy: ["default/web"] }))
        .split("\n"),
      [
        "ConfigMap default/app: as declared",
        "  Declared  /etc/podstead/pods.d/web.yaml:3",
        "  Version   2, for 1h",
        "  Immutable yes",
        "  Used by   default/web",
        "",
        "Keys",
        "  LEVEL  4 bytes  info",
        "  app.conf  21 bytes, 2 lines  listen = 80…",
        "  empty  0 bytes",
        "  esc  4 bytes  \\u001b[2J",
        "  logo.png  3 bytes  (binary)",
        "",
      ],
    );
  });

  it("shows sizes of a Secret's values, and the values only if the agent gave them", () => {
    const hidden = object("Secret", "default/pw", {
      type: "Opaque",
      data: { pw: "(hidden, 7 bytes)" },
    });
    assert.match(page(hidden), / {2}pw {2}7 bytes {2}\(hidden\)\n/);
    assert.match(page(hidden), /Used by {3}no pod\n/);
    const given = object("Secret", "default/pw", { data: { pw: "aHVudGVyMg==" } });
    assert.match(page(given), / {2}pw {2}7 bytes {2}hunter2\n/);
  });

  it("says why the last good version of an object stays", () => {
    const kept = object("ConfigMap", "default/app", { data: {} }, {
      state: "Kept",
      reason: "its file cannot be read",
    });
    assert.match(
      page(kept),
      /^ConfigMap default\/app: kept, .*\n.*\n {2}Reason {4}its file cannot/,
    );
    assert.match(page(kept), /It has no keys/);
  });
});
