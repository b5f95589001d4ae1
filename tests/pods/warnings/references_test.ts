import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { judge } from "../../../mod/pods/judge.ts";
import { CONTAINER, rulesOn } from "./found.ts";

const SPEC = {
  serviceAccount: "x",
  imagePullSecrets: [{ name: "regcred" }],
  containers: [{
    ...CONTAINER,
    envFrom: [{ configMapRef: { name: "env", optional: true } }],
    env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }],
  }],
  volumes: [
    { name: "c", configMap: { name: "conf" } },
    { name: "p", persistentVolumeClaim: { claimName: "data" } },
  ],
};

describe("references to API objects", () => {
  it("are refused each with a next step, an alias at its own place", () => {
    const pod = { metadata: { name: "a" }, spec: SPEC };
    const { errors } = judge(pod, { nodeName: "n", kubeletVersion: "1.36" });
    assert.equal(errors.length, 6);
    assert.deepEqual(errors[0]?.path, ["spec", "serviceAccount"]);
    assert.deepEqual(errors.filter(({ hint }) => (hint ?? "") === ""), []);
    assert.match(errors[1]?.hint ?? "", /credentialsFile/);
    assert.match(errors[4]?.hint ?? "", /Declare the ConfigMap/);
  });

  it("are warned of on a kubelet that takes them", () => {
    const rules = rulesOn(SPEC, {}, { kubeletVersion: "1.33" });
    assert.equal(rules.filter((rule) => rule.startsWith("reference-unresolvable")).length, 6);
  });
});
