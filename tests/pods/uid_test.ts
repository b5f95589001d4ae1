import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../mod/core/mod.ts";
import { predictUid } from "../../mod/pods/predict_uid.ts";

const URL = "http://127.0.0.1/pods";
const CONTAINER = { name: "app", image: "busybox:1" };

function pod(spec: JsonObject = {}, more: JsonObject = {}): JsonObject {
  const metadata = { name: "web" };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { containers: [CONTAINER], ...spec },
    ...more,
  };
}

describe("predictUid()", () => {
  it("gives what a kubelet of 1.36.2 gave", () => {
    assert.equal(predictUid(pod(), URL), "2726a2b755ad26395a1bdb9c666a85b4");
  });

  it("depends on the URL", () => {
    assert.notEqual(predictUid(pod(), "http://127.0.0.1:10261/manifests"), predictUid(pod(), URL));
  });

  it("depends on neither order nor kind", () => {
    const { metadata, spec } = pod();
    assert.equal(predictUid({ spec: spec!, metadata: metadata! }, URL), predictUid(pod(), URL));
  });

  it("depends on every field, but not on one that nobody knows", () => {
    assert.notEqual(predictUid(pod({ hostNetwork: true }), URL), predictUid(pod(), URL));
    assert.notEqual(predictUid(pod({ volumes: [] }), URL), predictUid(pod(), URL));
    assert.equal(predictUid(pod({ hostNetwrok: true }), URL), predictUid(pod(), URL));
    assert.equal(predictUid(pod({ dnsPolicy: "ClusterFirst" }), URL), predictUid(pod(), URL));
  });

  it("is the pod's own where it has one", () => {
    const own = { ...pod(), metadata: { name: "web", uid: "own" } };
    assert.equal(predictUid(own, URL), "own");
  });

  it("is not to be had of what depends on the machine", () => {
    const dated = { name: "web", creationTimestamp: "2024-01-01T00:00:00Z" };
    assert.equal(predictUid({ ...pod(), metadata: dated }, URL), undefined);
    assert.equal(predictUid(pod({}, { status: { podIPs: [{ ip: "10.0.0.1" }] } }), URL), undefined);
  });

  it("is not to be had of what is no pod, or of other kubelets", () => {
    assert.equal(predictUid({}, URL), undefined);
    assert.equal(predictUid({ metadata: { name: 1 } }, URL), undefined);
    for (const version of ["1.35", "1.37", "1.99", "latest"]) {
      assert.equal(predictUid(pod(), URL, version), undefined, version);
      const own = pod({}, { metadata: { name: "web", uid: "own" } });
      assert.equal(predictUid(own, URL, version), "own", version);
    }
    assert.notEqual(predictUid(pod(), URL, "v1.36.0"), undefined);
  });
});
