import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../../mod/core/mod.ts";
import { CONTAINER, rulesOn } from "./found.ts";

type Case = readonly [name: string, spec: JsonObject, rules: readonly string[]];

const container = (more: JsonObject) => ({ containers: [{ ...CONTAINER, ...more }] });
const volume = (more: JsonObject) => ({ volumes: [{ name: "v", ...more }] });
const nodeAffinity = (key: string, value = "x") => ({
  affinity: {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{
        weight: 1,
        preference: { matchExpressions: [{ key, operator: "In", values: [value] }] },
      }],
    },
  },
});

/** What `kubectl apply` warns of, one case for each line of pkg/api/pod/warnings.go. */
const CASES: readonly Case[] = [
  ["a deprecated label in nodeSelector", { nodeSelector: { "beta.kubernetes.io/os": "linux" } }, [
    "node-label-deprecated spec.nodeSelector[beta.kubernetes.io/os]",
  ]],
  ["a deprecated label in an affinity", nodeAffinity("beta.kubernetes.io/arch"), [
    "node-label-deprecated spec.affinity.nodeAffinity." +
    "preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].key",
  ]],
  ["a preferred value that no label has", nodeAffinity("disk", "a b"), [
    "node-label-value spec.affinity.nodeAffinity." +
    "preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[0].values[0]",
  ]],
  ["a zone", { nodeSelector: { "topology.kubernetes.io/zone": "a" } }, [
    "node-label-from-outside spec.nodeSelector[topology.kubernetes.io/zone]",
  ]],
  [
    "a deprecated topology key without a selector",
    {
      topologySpreadConstraints: [{
        maxSkew: 1,
        topologyKey: "failure-domain.beta.kubernetes.io/zone",
        whenUnsatisfiable: "DoNotSchedule",
      }],
    },
    [
      "node-label-deprecated spec.topologySpreadConstraints[0].topologyKey",
      "selector-missing spec.topologySpreadConstraints[0]",
    ],
  ],
  [
    "an affinity without a selector",
    {
      affinity: {
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "a" }],
        },
      },
    },
    [
      "selector-missing spec.affinity.podAntiAffinity." +
      "requiredDuringSchedulingIgnoredDuringExecution[0]",
    ],
  ],
  [
    "an alias twice",
    { hostAliases: [{ ip: "10.0.0.1" }, { ip: "10.0.0.1" }] },
    ["host-alias-twice spec.hostAliases[1].ip"],
  ],
  [
    "memory in thousandths",
    container({ resources: { limits: { memory: "2000m" }, requests: { memory: "2000m" } } }),
    [
      "fractional-bytes spec.containers[0].resources.limits[memory]",
      "fractional-bytes spec.containers[0].resources.requests[memory]",
    ],
  ],
  ["a limit without its unit", container({ resources: { limits: { memory: "512" } } }), [
    "tiny-memory spec.containers[0].resources.limits[memory]",
  ]],
  ["half a byte of storage", container({ resources: { requests: { "ephemeral-storage": 0.5 } } }), [
    "fractional-bytes spec.containers[0].resources.requests[ephemeral-storage]",
  ]],
  ["a size limit in thousandths", volume({ emptyDir: { sizeLimit: "100m" } }), [
    "fractional-bytes spec.volumes[0].emptyDir.sizeLimit",
  ]],
  ["whole bytes", container({ resources: { limits: { memory: "128Mi" } } }), []],
  ["a variable twice", container({ env: [{ name: "A", value: "1" }, { name: "A", value: "2" }] }), [
    "env-twice spec.containers[0].env[1].name",
  ]],
  [
    "not a variable that takes up itself",
    container({ env: [{ name: "A", value: "1" }, { name: "A", value: "$(A):2" }] }),
    [],
  ],
  [
    "a port twice, and its name",
    container({
      ports: [{ containerPort: 80, name: "a" }, { containerPort: 80, name: "b" }],
    }),
    ["port-twice spec.containers[0].ports[1].containerPort"],
  ],
  [
    "the name of a port in two containers",
    {
      containers: [
        { ...CONTAINER, ports: [{ containerPort: 80, name: "web" }] },
        { ...CONTAINER, name: "b", ports: [{ containerPort: 81, name: "web" }] },
      ],
    },
    ["port-name-twice spec.containers[1].ports[0].name"],
  ],
  [
    "not a port of two protocols",
    container({ ports: [{ containerPort: 53 }, { containerPort: 53, protocol: "UDP" }] }),
    [],
  ],
  ["a hostIP alone", container({ ports: [{ containerPort: 80, hostIP: "10.0.0.1" }] }), [
    "host-ip-without-port spec.containers[0].ports[0].hostIP",
  ]],
  ["a negative grace period", { terminationGracePeriodSeconds: -1 }, [
    "negative-grace-period spec.terminationGracePeriodSeconds",
  ]],
  [
    "two files on one path",
    volume({
      downwardAPI: {
        items: [
          { path: "a", fieldRef: { fieldPath: "metadata.name" } },
          { path: "a", fieldRef: { fieldPath: "metadata.uid" } },
        ],
      },
    }),
    ["volume-paths-overlap spec.volumes[0].downwardAPI.items[1].path"],
  ],
  [
    "a file inside another of a projected volume",
    volume({
      projected: {
        sources: ["a", "a/b"].map((path) => ({
          downwardAPI: { items: [{ path, fieldRef: { fieldPath: "metadata.name" } }] },
        })),
      },
    }),
    ["volume-paths-overlap spec.volumes[0].projected.sources[1].downwardAPI.items[0].path"],
  ],
  ["an address in capital letters", { hostAliases: [{ ip: "2001:DB8::1" }] }, [
    "address-notation spec.hostAliases[0].ip",
  ]],
];

describe("judge() warnings of the API server", () => {
  for (const [name, spec, rules] of CASES) {
    it(`name ${name}`, () => assert.deepEqual(rulesOn(spec), rules));
  }

  it("name an old annotation only where its field is not set", () => {
    const annotations = { "seccomp.security.alpha.kubernetes.io/pod": "runtime/default" };
    assert.equal(rulesOn({}, { annotations }).length, 1);
    const securityContext = { seccompProfile: { type: "RuntimeDefault" } };
    assert.deepEqual(rulesOn({ securityContext }, { annotations }), []);
  });
});
