import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../../mod/core/mod.ts";
import { CONTAINER, warningsOn } from "./found.ts";

const inContainer = (more: JsonObject) => ({ containers: [{ ...CONTAINER, ...more }] });

/** Right fields on the wrong level, and where each belongs. */
const MISPLACED: readonly (readonly [JsonObject, string])[] = [
  [{ securityContext: { privileged: true } }, "spec.containers[].securityContext"],
  [{ securityContext: { capabilities: { drop: ["ALL"] } } }, "spec.containers[].securityContext"],
  [inContainer({ securityContext: { fsGroup: 1 } }), "spec.securityContext"],
  [{ env: [{ name: "A" }] }, "spec.containers[]"],
  [{ ports: [{ containerPort: 1 }] }, "spec.containers[]"],
  [{ livenessProbe: {} }, "spec.containers[]"],
  [{ image: "x:1" }, "spec.containers[]"],
  [{ volumeMounts: [] }, "spec.containers[]"],
  [inContainer({ hostNetwork: true }), "spec"],
  [inContainer({ volumes: [] }), "spec"],
  [inContainer({ nodeSelector: {} }), "spec"],
  [inContainer({ tolerations: [] }), "spec"],
  [inContainer({ hostPath: { path: "/x" } }), "spec.volumes[]"],
  [inContainer({ hostPath: "/x" }), "spec.volumes[]"],
  [inContainer({ mountPath: "/y" }), "spec.containers[].volumeMounts[]"],
  [inContainer({ runAsUser: 0 }), "spec.containers[].securityContext"],
  [inContainer({ limits: { cpu: 1 } }), "spec.containers[].resources"],
  [
    inContainer({ livenessProbe: { path: "/", exec: { command: ["a"] } } }),
    "spec.containers[].livenessProbe.httpGet",
  ],
];

describe("describeUnknown()", () => {
  for (const [spec, place] of MISPLACED) {
    it(`says that ${JSON.stringify(spec).slice(0, 60)} belongs to ${place}`, () => {
      const { detail, hint } = warningsOn(spec).find(({ type }) => type === "Unknown field")!;
      assert.ok(detail.endsWith(`; it belongs to ${place}`), detail);
      assert.equal(hint, `Move it to ${place}`);
    });
  }

  it("corrects the spelling rather than the place", () => {
    const [warning] = warningsOn({ restartpolicy: "Never" });
    assert.match(warning?.detail ?? "", /did you mean "restartPolicy"/);
  });

  it("knows the fields of a Deployment", () => {
    const [warning] = warningsOn({ replicas: 2 });
    assert.match(warning?.detail ?? "", /belongs to a Deployment/);
  });
});
