import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { JsonValue, Path } from "../../../mod/core/mod.ts";
import { judge } from "../../../mod/pods/mod.ts";
import { container } from "./found.ts";

/** A pod with nothing wrong that has every sort of thing that the rules look at. */
const RICH_POD: JsonValue = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", namespace: "prod", labels: { app: "web" }, annotations: { a: "b" } },
  spec: {
    os: { name: "linux" },
    hostNetwork: true,
    terminationGracePeriodSeconds: 30,
    volumes: [
      { name: "data", emptyDir: { sizeLimit: "1Gi" } },
      { name: "etc", hostPath: { path: "/etc", type: "Directory" } },
      { name: "disk", iscsi: { targetPortal: "192.0.2.1", iqn: "iqn.2026-01.example:a", lun: 1 } },
      { name: "share", nfs: { server: "nfs.example", path: "/srv" } },
      {
        name: "pod",
        projected: {
          sources: [{
            downwardAPI: {
              items: [
                { path: "labels", fieldRef: { fieldPath: "metadata.labels['app']" }, mode: 256 },
                {
                  path: "cpu",
                  resourceFieldRef: { containerName: "app", resource: "limits.cpu", divisor: "1m" },
                },
              ],
            },
          }],
        },
      },
    ],
    initContainers: [
      container({ name: "setup", command: ["true"] }),
      container({ name: "sidecar", restartPolicy: "Always", startupProbe: { grpc: { port: 1 } } }),
    ],
    containers: [
      container({
        ports: [{ name: "http", containerPort: 80, hostPort: 80, protocol: "TCP" }],
        env: [
          { name: "A", value: "b" },
          { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
          { name: "F", valueFrom: { fileKeyRef: { volumeName: "data", path: "f", key: "F" } } },
        ],
        resources: {
          requests: { cpu: "500m", memory: "1Gi", "hugepages-2Mi": "4Mi", "example.com/gpu": 1 },
          limits: { cpu: 1, memory: "1.5Gi", "hugepages-2Mi": "4Mi", "example.com/gpu": "1" },
        },
        resizePolicy: [{ resourceName: "cpu", restartPolicy: "NotRequired" }],
        restartPolicy: "OnFailure",
        restartPolicyRules: [{ action: "Restart", exitCodes: { operator: "In", values: [42] } }],
        volumeMounts: [
          { name: "data", mountPath: "/data", subPath: "a/b" },
          { name: "etc", mountPath: "/etc", readOnly: true, recursiveReadOnly: "IfPossible" },
        ],
        livenessProbe: { httpGet: { path: "/", port: "http", httpHeaders: [{ name: "X-A" }] } },
        readinessProbe: { exec: { command: ["true"] }, periodSeconds: 5 },
        lifecycle: { preStop: { sleep: { seconds: 5 } }, stopSignal: "SIGTERM" },
        securityContext: {
          runAsUser: 1000,
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          seccompProfile: { type: "Localhost", localhostProfile: "a.json" },
          appArmorProfile: { type: "RuntimeDefault" },
        },
      }),
    ],
    tolerations: [{ operator: "Exists" }],
  },
};

/** Every place in a value, from its root. */
function placesOf(value: JsonValue, path: Path = []): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const children = Object.entries(value).flatMap(([key, child]) =>
    placesOf(child as JsonValue, [...path, Array.isArray(value) ? Number(key) : key])
  );
  return [path, ...children];
}

/** The value with another one at a place, or without it where the other one is undefined. */
function changed(value: JsonValue, path: Path, other: JsonValue | undefined): JsonValue {
  const [segment, ...rest] = path;
  if (segment === undefined) return other ?? null;
  const copy = structuredClone(value) as { [key: string | number]: JsonValue };
  if (rest.length > 0) copy[segment] = changed(copy[segment]!, rest, other);
  else if (other !== undefined) copy[segment] = other;
  else if (Array.isArray(copy)) copy.splice(Number(segment), 1);
  else delete copy[segment];
  return copy;
}

const ODD_VALUES: readonly (JsonValue | undefined)[] = [
  undefined,
  null,
  true,
  0,
  -1,
  1.5,
  65536,
  2 ** 53,
  10n ** 18n,
  2n ** 63n,
  "",
  " ",
  "..",
  "/",
  "A b",
  "\u0000",
  "\ud800",
  "1e1000000000",
  "-1",
  "0.0000000000001Ki",
  "9".repeat(400),
  `1${" ".repeat(5000)}1`,
  "a".repeat(5000),
  `a${"-".repeat(5000)}.`,
  [],
  {},
  [null],
  { "": "" },
  { __proto__: null, constructor: "a" },
];
const PLACES = placesOf(RICH_POD);

/** The quickest of three, in CPU time, so that other work on the machine does not count. */
function cpuMs(run: () => void): number {
  const times = [1, 2, 3].map(() => {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

describe("judge() random changes", () => {
  it("takes the pod that they begin with", () => {
    assert.deepEqual(judge(RICH_POD, { nodeName: "node-1" }).errors, []);
  });

  it("gives a verdict on whatever one change makes of a pod, within 50 ms", () => {
    const anyValue = fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...ODD_VALUES) },
      fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<JsonValue>,
      fc.constantFrom(...PLACES).map((place) => valueAt(RICH_POD, place)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...PLACES), anyValue, (place, value) => {
        const pod = changed(RICH_POD, place, value);
        const started = performance.now();
        const { valid, errors } = judge(pod, { nodeName: "node-1" });
        const tookMs = performance.now() - started;
        assert.equal(valid, errors.length === 0);
        assert.deepEqual(errors.filter(({ type }) => type === "Internal error"), []);
        if (tookMs > 50) {
          assert.ok(cpuMs(() => judge(pod, { nodeName: "node-1" })) < 50);
        }
      }),
      { numRuns: 3000, seed: 20260, endOnFailure: true },
    );
  });
});

function valueAt(value: JsonValue, path: Path): JsonValue {
  const [segment, ...rest] = path;
  if (segment === undefined) return value;
  return valueAt((value as { [key: string | number]: JsonValue })[segment]!, rest);
}
