import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { completeField, explainField, nameField } from "../../../mod/pods/mod.ts";
import { allFields } from "../../../mod/pods/schema.ts";

const NODE = { nodeName: "n", kubeletVersion: "1.36" };
const explain = (field: string, options = NODE) => {
  const { path } = nameField(field);
  assert.ok(path !== undefined, field);
  return explainField(path, options)!;
};

describe("explainField()", () => {
  const defaults: readonly (readonly [string, string | undefined])[] = [
    ["pod.spec.containers.livenessProbe.periodSeconds", "10"],
    ["pod.spec.containers.livenessProbe.httpGet.scheme", '"HTTP"'],
    ["pod.spec.restartPolicy", '"Always"'],
    ["pod.spec.terminationGracePeriodSeconds", "30"],
    ["pod.spec.containers.imagePullPolicy", '"IfNotPresent", or "Always" with the tag latest'],
    ["pod.spec.containers.command", undefined],
  ];
  for (const [field, value] of defaults) {
    it(`gives the default of ${field}`, () => assert.equal(explain(field).default, value));
  }

  it("gives the values that the rules take", () => {
    assert.deepEqual(explain("pod.spec.restartPolicy").values, ["Always", "OnFailure", "Never"]);
    assert.equal(explain("pod.spec.hostname").values, undefined);
  });

  it("says what is required", () => {
    assert.ok(explain("pod.spec.containers.image").required);
    assert.ok(explain("pod.spec.containers").required);
    assert.ok(explain("pod.metadata.name").required);
    assert.ok(!explain("pod.spec.containers.args").required);
  });

  it("says what a static pod may not do, and what to do instead", () => {
    for (
      const field of [
        "spec.volumes.configMap",
        "spec.volumes.configMap.items",
        "spec.imagePullSecrets",
        "spec.serviceAccountName",
        "spec.containers.env.valueFrom.secretKeyRef",
        "spec.containers.envFrom.configMapRef",
        "spec.volumes.persistentVolumeClaim",
        "spec.ephemeralContainers",
      ]
    ) {
      assert.ok((explain(field).refused?.hint ?? "") !== "", field);
    }
    for (const field of ["spec.volumes", "spec.volumes.hostPath", "spec.containers.env"]) {
      assert.equal(explain(field).refused, undefined, field);
    }
  });

  it("says since when", () => {
    assert.equal(explain("pod.spec.hostnameOverride").since, "1.34");
    assert.equal(explain("pod.spec.containers").since, undefined);
  });

  it("has every field of a pod, and each rule's own fields", () => {
    const names = [...allFields()].map(({ path }) => path.join("."));
    assert.ok(names.length > 1000);
    for (const path of names.filter((_, at) => at % 25 === 0)) {
      assert.ok(explainField(path.split("."), NODE) !== undefined, path);
    }
  });
});

describe("nameField()", () => {
  it("takes whole paths, ends of paths, indexes and any case", () => {
    const wanted = ["spec", "containers", "livenessProbe"];
    for (
      const name of [
        "pod.spec.containers.livenessProbe",
        "spec.containers[0].livenessProbe",
        "livenessprobe",
        "Pod.Spec.Containers.LivenessProbe",
      ]
    ) assert.deepEqual(nameField(name).path, wanted, name);
    assert.deepEqual(nameField("pod").path, []);
  });

  it("suggests what may have been meant", () => {
    assert.deepEqual(nameField("pod.spec.contaners"), {
      path: undefined,
      suggestions: ["pod.spec.containers"],
    });
    assert.deepEqual(nameField("pod.spec.containers.liveness"), {
      path: undefined,
      suggestions: ["pod.spec.containers.livenessProbe"],
    });
  });
});

describe("completeField()", () => {
  it("gives the fields of the object that is typed so far", () => {
    assert.ok(completeField("pod.spec.con").includes("pod.spec.containers"));
    assert.ok(completeField("pod.spec.containers.").includes("pod.spec.containers.image"));
    assert.ok(completeField("po").includes("pod.spec"));
    assert.deepEqual(completeField("x"), []);
    assert.deepEqual(completeField("pod.nothing.x"), []);
  });
});

describe("WARNING_RULES", () => {
  it("name fields that there are", async () => {
    const { WARNING_RULES } = await import("../../../mod/pods/mod.ts");
    const known = new Set([...allFields()].map(({ path }) => path.join(".")));
    for (const { name, fields } of WARNING_RULES) {
      for (const field of fields) assert.ok(known.has(field), `${name}: ${field}`);
    }
    assert.equal(new Set(WARNING_RULES.map(({ name }) => name)).size, WARNING_RULES.length);
  });
});
