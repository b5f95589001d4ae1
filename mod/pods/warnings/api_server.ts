/**
 * What an API server says to a pod with a warning, and a static pod's author never hears.
 *
 * Source: kubernetes pkg/api/pod/warnings.go and pkg/api/node/util.go.
 */
import { FieldPath } from "../issue.ts";
import type { Quantity } from "../quantity.ts";
import { allContainers } from "../validation/containers/visit_containers.ts";
import { ipFamily } from "../validation/ip.ts";
import type { ReportWarning, WarningRule } from "./rule.ts";

const SPEC = FieldPath.root("spec");

/** Resources that are counted in bytes, in which a fraction is a mistake. */
const BYTES = ["memory", "ephemeral-storage"] as const;

/** Rules on values that mean something else than they seem to. */
export const API_SERVER_RULES: readonly WarningRule[] = [
  {
    name: "fractional-bytes",
    type: "Will not work",
    fields: [
      "spec.containers.resources.limits",
      "spec.containers.resources.requests",
      "spec.overhead",
      "spec.volumes.emptyDir.sizeLimit",
    ],
    about: "Memory or storage with a fraction of a byte: `m` is a thousandth, so `2000m` is two " +
      "bytes. The container cannot start, or is evicted at once.",
    hint: "Write M or Mi instead of m",
    find({ pod: { spec } }, report) {
      const look = (list: ReadonlyMap<string, Quantity>, path: FieldPath) => {
        for (const name of BYTES) {
          const value = list.get(name);
          if (value !== undefined && isFractional(value)) {
            reportFraction(value, path.key(name), report);
          }
        }
        for (const [name, value] of list) {
          if (name.startsWith("hugepages-") && isFractional(value)) {
            reportFraction(value, path.key(name), report);
          }
        }
      };
      look(spec.overhead, SPEC.child("overhead"));
      for (const { container: { resources }, path } of allContainers(spec, SPEC)) {
        look(resources.limits, path.child("resources").child("limits"));
        look(resources.requests, path.child("resources").child("requests"));
      }
      if (spec.resources !== undefined) {
        look(spec.resources.limits, SPEC.child("resources").child("limits"));
        look(spec.resources.requests, SPEC.child("resources").child("requests"));
      }
      for (const [at, { emptyDir, ephemeral }] of spec.volumes.entries()) {
        const place = SPEC.child("volumes").index(at);
        const limit = emptyDir?.sizeLimit;
        if (limit !== undefined && isFractional(limit)) {
          reportFraction(limit, place.child("emptyDir").child("sizeLimit"), report);
        }
        const claim = ephemeral?.volumeClaimTemplate?.spec.resources;
        for (const list of ["limits", "requests"] as const) {
          const size = claim?.[list].get("storage");
          if (size === undefined || !isFractional(size)) continue;
          const claimed = place.child("ephemeral").child("volumeClaimTemplate").child("spec");
          reportFraction(size, claimed.child("resources").child(list).key("storage"), report);
        }
      }
    },
  },
  {
    name: "tiny-memory",
    type: "Will not work",
    fields: ["spec.containers.resources.limits", "spec.volumes.emptyDir.sizeLimit"],
    about:
      "A limit of memory or storage of less than 4 KiB, seldom more than a forgotten unit: no " +
      "program runs in it.",
    hint: "Add the unit, such as Mi",
    find({ pod: { spec } }, report) {
      const look = (value: Quantity | undefined, path: FieldPath) => {
        if (value === undefined || value.sign() <= 0 || isFractional(value)) return;
        if (value.value() < 4096n && value.value() > 0n) {
          report(path, `"${value.text}" is ${value.value()} bytes`);
        }
      };
      for (const { container: { resources }, path } of allContainers(spec, SPEC)) {
        look(resources.limits.get("memory"), path.child("resources").child("limits").key("memory"));
      }
      for (const [at, { emptyDir }] of spec.volumes.entries()) {
        const place = SPEC.child("volumes").index(at).child("emptyDir").child("sizeLimit");
        look(emptyDir?.sizeLimit, place);
      }
    },
  },
  {
    name: "env-twice",
    type: "Discouraged",
    fields: ["spec.containers.env"],
    about: "A variable that stands twice: the last one hides the others.",
    hint: "Remove one of the two, or rename it",
    find({ pod: { spec } }, report) {
      for (const { container, path } of allContainers(spec, SPEC)) {
        const seen = new Map<string, number>();
        for (const [at, { name, value, valueFrom }] of container.env.entries()) {
          const first = seen.get(name);
          if (name === "") continue;
          if (first === undefined) {
            seen.set(name, at);
            continue;
          }
          const own = `$(${name})`;
          // X="$(X):more" takes up the value before it.
          if (valueFrom === undefined && value !== own && value.includes(own)) continue;
          report(
            path.child("env").index(at).child("name"),
            `"${name}" hides its earlier value at ${path.child("env").index(first)}`,
          );
        }
      }
    },
  },
  {
    name: "host-ip-without-port",
    type: "Discouraged",
    fields: ["spec.containers.ports.hostIP"],
    about: "A `hostIP` without a `hostPort` does nothing.",
    hint: "Add hostPort, or remove hostIP",
    find({ pod: { spec } }, report) {
      for (const { container, path } of allContainers(spec, SPEC)) {
        for (const [at, { hostIP, hostPort }] of container.ports.entries()) {
          if (hostIP === "" || hostPort !== 0 || spec.hostNetwork) continue;
          report(path.child("ports").index(at).child("hostIP"), "does nothing without hostPort");
        }
      }
    },
  },
  {
    name: "negative-grace-period",
    type: "Discouraged",
    fields: ["spec.terminationGracePeriodSeconds"],
    about: "A negative grace period counts as one second.",
    hint: "Write the seconds that the pod needs to stop; the default is 30",
    find({ pod: { spec } }, report) {
      const seconds = spec.terminationGracePeriodSeconds;
      if (seconds === undefined || seconds >= 0) return;
      report(SPEC.child("terminationGracePeriodSeconds"), `${seconds} counts as 1 second`);
    },
  },
  {
    name: "host-alias-twice",
    type: "Discouraged",
    fields: ["spec.hostAliases.ip"],
    about: "An address that stands twice in `hostAliases`.",
    hint: "Join the two under one ip, with all their hostnames",
    find({ pod: { spec } }, report) {
      const seen = new Set<string>();
      for (const [at, { ip }] of spec.hostAliases.entries()) {
        if (seen.has(ip)) {
          report(SPEC.child("hostAliases").index(at).child("ip"), `"${ip}" stands twice`);
        }
        seen.add(ip);
      }
    },
  },
  {
    name: "pull-secret-name",
    type: "Discouraged",
    fields: ["spec.imagePullSecrets.name"],
    about: "A pull secret without a name, or one that stands twice.",
    hint: "Remove the item",
    find({ pod: { spec } }, report) {
      const seen = new Set<string>();
      for (const [at, { name }] of spec.imagePullSecrets.entries()) {
        const place = SPEC.child("imagePullSecrets").index(at);
        if (name === "") report(place, "has no name");
        else if (seen.has(name)) report(place.child("name"), `"${name}" stands twice`);
        seen.add(name);
      }
    },
  },
  {
    name: "selector-missing",
    type: "Discouraged",
    fields: [
      "spec.topologySpreadConstraints.labelSelector",
      "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution.labelSelector",
      "spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution.labelSelector",
    ],
    about: "A constraint or an affinity without a `labelSelector` matches no pod.",
    hint: "Add a labelSelector, or remove the constraint: no scheduler places a static pod",
    find({ pod: { spec } }, report) {
      const look = (selector: unknown, path: FieldPath) => {
        if (selector === undefined) report(path, "without a labelSelector it matches no pod");
      };
      for (const [at, { labelSelector }] of spec.topologySpreadConstraints.entries()) {
        look(labelSelector, SPEC.child("topologySpreadConstraints").index(at));
      }
      for (const name of ["podAffinity", "podAntiAffinity"] as const) {
        const affinity = spec.affinity?.[name];
        if (affinity === undefined) continue;
        const place = SPEC.child("affinity").child(name);
        const required = "requiredDuringSchedulingIgnoredDuringExecution";
        const preferred = "preferredDuringSchedulingIgnoredDuringExecution";
        affinity[required].forEach(({ labelSelector }, at) =>
          look(labelSelector, place.child(required).index(at))
        );
        affinity[preferred].forEach(({ podAffinityTerm }, at) =>
          look(podAffinityTerm.labelSelector, place.child(preferred).index(at))
        );
      }
    },
  },
  {
    name: "address-notation",
    type: "Discouraged",
    fields: ["spec.dnsConfig.nameservers", "spec.hostAliases.ip"],
    about: "An address with leading zeros, or an IPv4 address inside an IPv6 one: programs read " +
      "them differently.",
    hint: "Write the address in its short form",
    find({ pod: { spec } }, report) {
      const look = (value: string, path: FieldPath) => {
        const family = ipFamily(value);
        if (family === undefined) return;
        if (/(?:^|[.:])0\d+\.|\.0\d+(?:$|\.)/.test(value)) {
          report(path, `"${value}" has leading zeros`);
        } else if (family === 4 && value.includes(":")) {
          report(path, `"${value}" is an IPv4 address inside an IPv6 one`);
        } else if (family === 6 && value !== value.toLowerCase()) {
          report(path, `"${value}" has capital letters`, `Write "${value.toLowerCase()}"`);
        }
      };
      for (const [at, server] of (spec.dnsConfig?.nameservers ?? []).entries()) {
        look(server, SPEC.child("dnsConfig").child("nameservers").index(at));
      }
      for (const [at, { ip }] of spec.hostAliases.entries()) {
        look(ip, SPEC.child("hostAliases").index(at).child("ip"));
      }
    },
  },
];

/** Whether it has a fraction, or is written in thousandths or less, which is a mistake for bytes. */
function isFractional(value: Quantity): boolean {
  return value.milliValue() % 1000n !== 0n || (/[mun]$/.test(value.text) && !value.isZero());
}

function reportFraction(value: Quantity, path: FieldPath, report: ReportWarning): void {
  const milli = value.milliValue();
  const unit = /^(\d+)m$/.exec(value.text)?.[1];
  const amount = milli < 1000n
    ? "a fraction of a byte"
    : `${value.value()} byte${value.value() === 1n ? "" : "s"}`;
  report(
    path,
    `"${value.text}" is ${amount}${unit === undefined ? "" : ": m is a thousandth"}`,
    unit === undefined
      ? "Write whole bytes, or a unit such as Mi"
      : `Write "${unit}M" or "${unit}Mi"`,
  );
}
