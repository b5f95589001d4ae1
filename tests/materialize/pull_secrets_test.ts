import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { JsonObject } from "../../mod/core/mod.ts";
import {
  judgeResolved,
  objectSource,
  podCredentials,
  resolvePod,
} from "../../mod/materialize/mod.ts";
import { judge, type NodeObject, specHash } from "../../mod/pods/mod.ts";

const CONFIG = JSON.stringify({ auths: { "reg.example": { username: "u", password: "p" } } });
const secret = (name: string, type: string, key: string, text: string): NodeObject => ({
  kind: "Secret",
  namespace: "default",
  name,
  immutable: false,
  type,
  text: {},
  binary: { [key]: Buffer.from(text).toString("base64") },
});
const OBJECTS = [
  secret("reg", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", CONFIG),
  secret("old", "kubernetes.io/dockercfg", ".dockercfg", '{"old.example":{"auth":"dTpw"}}'),
  secret("opaque", "Opaque", "x", "y"),
  secret("empty", "kubernetes.io/dockerconfigjson", ".dockerconfigjson", '{"auths":{"a":{}}}'),
];
const pod = (names: readonly string[], spec: JsonObject = {}): JsonObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: {
    containers: [{ name: "c", image: "reg.example/app:1" }],
    imagePullSecrets: names.map((name) => ({ name })),
    ...spec,
  },
});
const options = {
  objects: objectSource(OBJECTS),
  nodeName: "node-1",
  volumesDirectory: "/run/podstead/volumes",
};

describe("resolvePod(), imagePullSecrets", () => {
  it("takes away those that the node has, and leaves the others to the kubelet", () => {
    assert.deepEqual(resolvePod(pod(["reg"]), options)?.pod.spec, {
      containers: [{ name: "c", image: "reg.example/app:1" }],
    });
    const some = resolvePod(pod(["reg", "none"]), options);
    assert.deepEqual((some?.pod.spec as JsonObject).imagePullSecrets, [{ name: "none" }]);
    assert.deepEqual(some?.objects, ["Secret default/reg"]);
    assert.equal(resolvePod(pod(["none"]), options), undefined);
  });

  it("keeps its hash when a login changes: that restarts nothing", () => {
    const other = objectSource([{ ...OBJECTS[0], binary: {} } as NodeObject]);
    assert.equal(
      resolvePod(pod(["reg"]), { ...options, objects: other })?.hash,
      resolvePod(pod(["reg"]), options)?.hash,
    );
  });

  it("warns of a Secret that gives no login", () => {
    const details = resolvePod(pod(["reg", "old", "opaque", "empty"]), options)?.warnings
      .map(({ field, detail }) => `${field}: ${detail}`);
    assert.deepEqual(details, [
      "spec.imagePullSecrets[2]: Secret default/opaque gives no login: its type is Opaque, not " +
      "kubernetes.io/dockerconfigjson or kubernetes.io/dockercfg",
      "spec.imagePullSecrets[3]: Secret default/empty gives no login: no entry of it has a user " +
      "and a password",
    ]);
  });
});

describe("judgeResolved(), imagePullSecrets", () => {
  const verdict = (kubeletVersion: string, names: readonly string[]) => {
    const [served] = judgeResolved(
      [pod(names)],
      options,
      (pods) => pods.map((one) => judge(one, { nodeName: "node-1", kubeletVersion })),
    );
    assert.ok(served);
    return served;
  };

  it("is valid for a kubelet that refuses the reference, if the Secret is there", () => {
    assert.deepEqual(verdict("1.36", ["reg"]).errors, []);
    assert.deepEqual(verdict("1.36", ["none"]).errors.map(({ path }) => path), [
      ["spec", "imagePullSecrets", 0],
    ]);
  });

  it("leaves the pod as it is for a kubelet that takes it, so that nothing restarts", () => {
    const served = verdict("1.33", ["reg"]);
    assert.equal(served.hash, specHash(pod(["reg"])));
    assert.deepEqual(served.pod, pod(["reg"]));
  });
});

describe("podCredentials()", () => {
  it("gives each Secret once, with the images of all pods that name it", () => {
    const other = {
      ...pod(["reg", "old", "opaque", "none"], {
        initContainers: [{ name: "i", image: "reg.example/init" }],
        volumes: [{ name: "v", image: { reference: "reg.example/files" } }],
      }),
      metadata: { name: "other" },
    };
    assert.deepEqual(podCredentials([pod(["reg"]), other], objectSource(OBJECTS)), [
      {
        from: "Secret default/reg",
        config: CONFIG,
        images: ["reg.example/app:1", "reg.example/files", "reg.example/init"],
      },
      {
        from: "Secret default/old",
        config: '{"old.example":{"auth":"dTpw"}}',
        images: ["reg.example/app:1", "reg.example/files", "reg.example/init"],
      },
    ]);
  });
});
