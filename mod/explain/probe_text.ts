/** Probes as people read them: which one, what it asks, and what it was answered last. */
import { isJsonObject, type JsonObject } from "../core/mod.ts";
import type { ProbeCount } from "../kubelet/mod.ts";
import type { Facts, FailingContainer } from "./facts.ts";

/** What a probe asks, as `kubectl describe` writes it: `http-get :8080/ready`. */
export function probeTarget({ httpGet, tcpSocket, exec, grpc }: JsonObject): string {
  return isJsonObject(httpGet)
    ? `http-get ${httpGet["host"] ?? ""}:${httpGet["port"]}${httpGet["path"] ?? "/"}`
    : isJsonObject(tcpSocket)
    ? `tcp-socket ${tcpSocket["host"] ?? ""}:${tcpSocket["port"]}`
    : isJsonObject(exec)
    ? `exec ${JSON.stringify(exec["command"] ?? [])}`
    : isJsonObject(grpc)
    ? `grpc :${grpc["port"]}`
    : "unknown";
}

type Kind = "startup" | "readiness" | "liveness";

/**
 * The probes of a container that may be the reason, the first that is declared:
 * `its readiness probe (http-get :8080/ready) does not pass: HTTP probe failed with statuscode: 500`.
 *
 * @param kinds in the order in which the kubelet runs them
 */
export function failingProbe(
  { spec, kubeletLog, evidence }: Pick<Facts, "spec" | "kubeletLog" | "evidence">,
  container: string,
  kinds: readonly Kind[],
): string | undefined {
  const containers = Array.isArray(spec["containers"]) ? spec["containers"] : [];
  const declared = containers.find((one) => isJsonObject(one) && one["name"] === container);
  if (!isJsonObject(declared)) return undefined;
  const found = kinds.flatMap((kind) => {
    const probe = declared[`${kind}Probe`];
    return isJsonObject(probe) ? [{ kind, target: probeTarget(probe) }] : [];
  });
  if (found.length === 0) return undefined;
  // Source: kubernetes pkg/kubelet/prober/prober.go, logged at verbosity 1.
  const answers = found.map(({ kind }) => {
    const name = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    const line = kubeletLog(new RegExp(`"Probe failed" probeType="${name}".*output="`));
    return { kind, output: /output="((?:[^"\\]|\\.)*)"/.exec(line ?? "")?.[1] };
  });
  const answered = answers.find(({ output }) => output !== undefined && output !== "");
  const named = found.filter(({ kind }) => answered === undefined || kind === answered.kind)
    .map(({ kind, target }) => `${kind} probe (${target})`).join(" or ");
  const output = answered?.output?.replaceAll('\\"', '"').replaceAll("\\n", " ").trim();
  const often = found.length === 1 ? triesText(evidence, container, found[0]?.kind) : "";
  return `its ${named} does not pass${often}${output === undefined ? "" : `: ${output}`}`;
}

/**
 * The probe for which the kubelet restarts a container, where its log does not say so: it failed often
 * enough for each of the restarts.
 */
export function restartingProbe(
  { spec, evidence }: Pick<Facts, "spec" | "evidence">,
  { name, restarts }: Pick<FailingContainer, "name" | "restarts">,
): "startup" | "liveness" | undefined {
  const containers = Array.isArray(spec["containers"]) ? spec["containers"] : [];
  const declared = containers.find((one) => isJsonObject(one) && one["name"] === name);
  if (!isJsonObject(declared) || restarts === 0) return undefined;
  return (["startup", "liveness"] as const).find((kind) => {
    const probe = declared[`${kind}Probe`];
    if (!isJsonObject(probe)) return false;
    const threshold = Number(probe["failureThreshold"] ?? DEFAULT_FAILURE_THRESHOLD);
    return (countOf(evidence, name, kind)?.failed ?? 0) >= threshold * restarts;
  });
}

/** Source: kubernetes pkg/apis/core/v1/defaults.go, `SetDefaults_Probe`. */
const DEFAULT_FAILURE_THRESHOLD = 3;

function countOf(
  { row, probeCounts }: Facts["evidence"],
  container: string,
  kind: Kind | undefined,
): ProbeCount | undefined {
  return probeCounts?.find((one) =>
    one.namespace === row.namespace && one.pod === row.name && one.container === container &&
    one.kind === kind
  );
}

/** `, 12 of 40 tries failed`; empty if the kubelet does not tell. */
function triesText(evidence: Facts["evidence"], container: string, kind: Kind | undefined): string {
  const count = countOf(evidence, container, kind);
  if (count === undefined || count.failed === 0) return "";
  return `, ${count.failed} of ${count.failed + count.passed} tries failed`;
}
