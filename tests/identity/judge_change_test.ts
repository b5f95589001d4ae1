import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../mod/core/mod.ts";
import { judgeChange, losesNoContainer } from "../../mod/identity/mod.ts";

const container = (name: string, more: JsonObject = {}): JsonObject => ({
  name,
  image: `${name}:1`,
  ...more,
});

function pod(
  { spec = {}, metadata = {} }: { readonly spec?: JsonObject; readonly metadata?: JsonObject } = {},
): JsonObject {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", ...metadata },
    spec: { containers: [container("a"), container("b")], ...spec },
  };
}

const withLabels = (labels: JsonObject, spec: JsonObject = {}) =>
  pod({ metadata: { labels }, spec });
const withAnnotations = (annotations: JsonObject, spec: JsonObject = {}) =>
  pod({ metadata: { annotations }, spec });
const withContainers = (...containers: readonly JsonObject[]) => pod({ spec: { containers } });
const [a, b, c] = [container("a"), container("b"), container("c")];
const envOf = (fieldPath: string) => [{ name: "X", valueFrom: { fieldRef: { fieldPath } } }];
const probe: JsonObject = { exec: { command: ["true"] } };
const sidecar = (image: string) => container("side", { image, restartPolicy: "Always" });

describe("judgeChange()", () => {
  /** What restarts and what is added, for a change that the kubelet takes in place. */
  const inPlace: Readonly<Record<string, readonly [JsonObject, JsonObject, string, string]>> = {
    "nothing": [pod(), pod(), "", ""],
    "a label": [pod(), withLabels({ x: "1" }), "", ""],
    "another label": [withLabels({ x: "1" }), withLabels({ x: "2" }), "", ""],
    "labels that are gone": [withLabels({ x: "1" }), pod(), "", ""],
    "an annotation": [pod(), withAnnotations({ "example.com/x": "1" }), "", ""],
    "an image": [pod(), withContainers(container("a", { image: "a:2" }), b), "a:2", ""],
    "two images and a label": [
      pod(),
      pod({
        metadata: { labels: { x: "1" } },
        spec: { containers: [container("a", { image: "a:2" }), container("b", { image: "b:2" })] },
      }),
      "a:2 b:2",
      "",
    ],
    "an added container": [pod(), withContainers(a, b, c), "", "c:1"],
    "an added container and an image": [
      pod(),
      withContainers(a, container("b", { image: "b:2" }), c),
      "b:2",
      "c:1",
    ],
    "an added container with a probe, the first of the pod": [
      pod(),
      withContainers(a, b, container("c", { livenessProbe: probe })),
      "",
      "c:1",
    ],
    "an added container beside one that has a limit, and one that has none": [
      withContainers(container("a", { resources: { limits: { memory: "1Gi" } } }), b),
      withContainers(container("a", { resources: { limits: { memory: "1Gi" } } }), b, c),
      "",
      "c:1",
    ],
    "an added container with a host port, on the host's network": [
      pod({ spec: { hostNetwork: true } }),
      pod({
        spec: {
          hostNetwork: true,
          containers: [a, b, container("c", { ports: [{ containerPort: 80, hostPort: 80 }] })],
        },
      }),
      "",
      "c:1",
    ],
    "the image of a sidecar": [
      pod({ spec: { initContainers: [sidecar("side:1")] } }),
      pod({ spec: { initContainers: [sidecar("side:2")] } }),
      "side:2",
      "",
    ],
    "a label beside an environment that takes another one": [
      withLabels({ x: "1" }, {
        containers: [container("a", { env: envOf("metadata.labels['y']") })],
      }),
      withLabels({ x: "2" }, {
        containers: [container("a", { env: envOf("metadata.labels['y']") })],
      }),
      "",
      "",
    ],
  };
  for (const [change, [before, after, restarted, added]] of Object.entries(inPlace)) {
    it(`takes in place: ${change}`, () => {
      const judged = judgeChange(before, after, 36);
      assert.ok(judged.inPlace, JSON.stringify(judged));
      assert.equal(judged.restarted.map(({ image }) => image).join(" "), restarted);
      assert.equal(judged.added.map(({ image }) => image).join(" "), added);
    });
  }

  const labelled = (x: string, more: JsonObject) =>
    pod({ metadata: { labels: { x } }, spec: { containers: [container("a", more)] } });
  const mounted = (x: string, mount: JsonObject): JsonObject =>
    pod({
      metadata: { labels: { x } },
      spec: {
        containers: [container("a", { volumeMounts: [{ name: "v", mountPath: "/v", ...mount }] })],
        volumes: [{
          name: "v",
          downwardAPI: { items: [{ path: "l", fieldRef: { fieldPath: "metadata.labels" } }] },
        }],
      },
    });
  /** The fields that decide it. */
  const refused: Readonly<Record<string, readonly [JsonObject, JsonObject, string]>> = {
    "env": [pod(), withContainers(container("a", { env: [] }), b), "spec.containers[0].env"],
    "env with an image": [
      pod(),
      withContainers(container("a", { image: "a:2", args: ["x"] }), b),
      "spec.containers[0].args",
    ],
    "a removed container": [pod(), withContainers(a), "spec.containers[1]"],
    "a renamed container": [pod(), withContainers(a, c), "spec.containers[1].name"],
    "moved containers": [
      pod(),
      pod({ spec: { containers: [{ ...b, image: "a:1" }, { ...a, image: "b:1" }] } }),
      "spec.containers[0].name spec.containers[1].name",
    ],
    "a container put before the others": [
      pod(),
      withContainers(c, a, b),
      "spec.containers[0].name spec.containers[1].name",
    ],
    "volumes": [pod(), pod({ spec: { volumes: [] } }), "spec.volumes"],
    "host network": [pod(), pod({ spec: { hostNetwork: true } }), "spec.hostNetwork"],
    "the grace period": [
      pod(),
      pod({ spec: { terminationGracePeriodSeconds: 5 } }),
      "spec.terminationGracePeriodSeconds",
    ],
    "resources": [
      pod(),
      withContainers(container("a", { resources: { limits: { cpu: "1" } } }), b),
      "spec.containers[0].resources",
    ],
    "an init container": [
      pod(),
      pod({ spec: { initContainers: [container("init")] } }),
      "spec.initContainers",
    ],
    "the image of an init container": [
      pod({ spec: { initContainers: [container("init")] } }),
      pod({ spec: { initContainers: [container("init", { image: "init:2" })] } }),
      "spec.initContainers[0].image",
    ],
    "an added sidecar": [
      pod({ spec: { initContainers: [sidecar("side:1")] } }),
      pod({
        spec: { initContainers: [sidecar("side:1"), container("x", { restartPolicy: "Always" })] },
      }),
      "spec.initContainers[1]",
    ],
    "podstead's own wishes": [
      pod(),
      withAnnotations({ "podstead.dev/replace": "quick" }),
      "metadata.annotations[podstead.dev/replace]",
    ],
    "what a network plugin reads": [
      pod(),
      withAnnotations({ "k8s.v1.cni.cncf.io/networks": "net" }),
      "metadata.annotations[k8s.v1.cni.cncf.io/networks]",
    ],
    "a profile of a container": [
      pod(),
      withAnnotations({ "container.apparmor.security.beta.kubernetes.io/a": "unconfined" }),
      "metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]",
    ],
    "a label that an environment takes": [
      labelled("1", { env: envOf("metadata.labels['x']") }),
      labelled("2", { env: envOf("metadata.labels['x']") }),
      "metadata.labels.x",
    ],
    "a label in a file that is never updated": [
      mounted("1", { subPath: "l" }),
      mounted("2", { subPath: "l" }),
      "metadata.labels.x",
    ],
    "an added container whose probes would not run": [
      withContainers(container("a", { readinessProbe: probe })),
      withContainers(
        container("a", { readinessProbe: probe }),
        container("b", { livenessProbe: probe }),
      ),
      "spec.containers[1]",
    ],
    "an added container with resources": [
      pod(),
      withContainers(a, b, container("c", { resources: { requests: { cpu: "1" } } })),
      "spec.containers[2]",
    ],
    "an added container in a pod whose cgroup has a limit": [
      withContainers(container("a", { resources: { limits: { memory: "1Gi" } } })),
      withContainers(container("a", { resources: { limits: { memory: "1Gi" } } }), b),
      "spec.containers[1]",
    ],
    "an added container with a host port": [
      pod(),
      withContainers(a, b, container("c", { ports: [{ containerPort: 80, hostPort: 80 }] })),
      "spec.containers[2]",
    ],
    "the image of a container that may end for good": [
      pod({ spec: { restartPolicy: "OnFailure" } }),
      pod({
        spec: { restartPolicy: "OnFailure", containers: [container("a", { image: "a:2" }), b] },
      }),
      "spec.containers[0].image",
    ],
    "a UID": [pod(), pod({ metadata: { uid: "x" } }), "metadata.uid"],
  };
  for (const [change, [before, after, fields]] of Object.entries(refused)) {
    it(`begins again for: ${change}`, () => {
      const judged = judgeChange(before, after, 36);
      assert.ok(!judged.inPlace);
      assert.equal(judged.fields.join(" "), fields);
      assert.notEqual(judged.why, "");
    });
  }

  it("names the panic as the reason where a container would be gone", () => {
    for (const after of [withContainers(a), withContainers(b, a), withContainers(a, c)]) {
      const judged = judgeChange(pod(), after, 36);
      assert.match(judged.inPlace ? "" : judged.why, /panics/);
    }
  });

  it("leaves files of the downward API that follow by themselves to the kubelet", () => {
    assert.ok(judgeChange(mounted("1", {}), mounted("2", {}), 36).inPlace);
  });

  for (const minor of [undefined, 30, 37]) {
    it(`begins again on kubelet ${minor}, of which nothing is known`, () => {
      const judged = judgeChange(pod(), withLabels({ x: "1" }), minor);
      assert.ok(!judged.inPlace);
      assert.deepEqual(judged.fields, []);
    });
  }

  it("begins again for a sidecar's image where the source does not show it to be safe", () => {
    const [before, after] = ["side:1", "side:2"].map((image) =>
      pod({ spec: { initContainers: [sidecar(image)] } })
    );
    assert.ok(before !== undefined && after !== undefined);
    assert.ok(!judgeChange(before, after, 35).inPlace);
  });
});

describe("losesNoContainer()", () => {
  it("tells what a kubelet survives under a kept UID", () => {
    assert.ok(losesNoContainer(pod(), withContainers(a, b, c)));
    for (const after of [withContainers(a), withContainers(b, a), withContainers(a, c)]) {
      assert.ok(!losesNoContainer(pod(), after));
    }
    assert.ok(!losesNoContainer(pod({ spec: { initContainers: [sidecar("x")] } }), pod()));
  });
});
