/** One page about one pod: what `podstead describe` shows, as plain data. */
import { isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import type { ContainerView, PodView } from "../cri/mod.ts";
import type { KubeletContainer, KubeletTermination } from "../kubelet/mod.ts";
import type { Explanation } from "./evidence.ts";
import type { PodStatusRow, StatusInput } from "../status/mod.ts";
import type { PodChange, PodEvent } from "../observe/mod.ts";
import type { LogTail } from "./log_tail.ts";
import type { PodEvidence } from "./pod_evidence.ts";
import { probeTarget } from "./probe_text.ts";
import type { PodOutcome } from "../agent/mod.ts";

/** Everything that is known of one pod. Times are ISO 8601; absent is not known, or not so. */
export interface PodReport {
  /** `default/nginx-node-1` */
  readonly id: string;
  readonly namespace: string;
  /** With the node's name. */
  readonly name: string;
  readonly ready: PodStatusRow["ready"];
  readonly readySince?: string;
  /** The source that says so. */
  readonly confirmedBy: PodStatusRow["confirmedBy"];
  readonly drift: PodStatusRow["drift"];
  readonly phase: string;
  readonly reason: string;
  readonly restarts: number;
  readonly origin: PodStatusRow["origin"];
  /** Absent for a pod that podstead does not know. */
  readonly declared?: Declared;
  readonly delivery: Delivery;
  readonly kubelet: KubeletPart;
  /** Why the runtime cannot be asked; absent if it can. */
  readonly runtimeFailure?: string;
  readonly sandboxes: readonly SandboxPart[];
  readonly containers: readonly ContainerPart[];
  readonly badHostPaths: readonly { readonly path: string; readonly type: string }[];
  readonly logTail?: LogTail;
  /** Oldest first. */
  readonly events: readonly PodEvent[];
  /** The last change of the pod that podstead saw on its way. */
  readonly change?: PodChange;
  readonly explanation: Explanation;
}

/** What the config says of the pod. */
export interface Declared {
  readonly file: string;
  readonly line: number;
  readonly state: string;
  readonly why?: string;
  readonly hash?: string;
  readonly servingRevision?: number;
  readonly errors: PodOutcome["errors"];
  readonly warnings: PodOutcome["warnings"];
}

/** The way to the kubelet. */
export interface Delivery {
  readonly url: string;
  /** The version in the list; absent if none is. */
  readonly servedHash?: string;
  readonly servedSince?: string;
  /** The kubelet's last good poll. */
  readonly lastFetch?: string;
  readonly intervalMs?: number;
  /** Whether the kubelet has fetched the list since this version is in it. */
  readonly fetched: boolean;
  readonly lastRefused?: { readonly at: string; readonly status: number; readonly path: string };
}

/** What the kubelet says. */
export interface KubeletPart {
  /** Why it cannot be asked; absent if it can. */
  readonly failure?: string;
  /** Whether it has the pod; absent if it cannot be asked. */
  readonly accepted?: boolean;
  readonly uid?: string;
  readonly startTime?: string;
  readonly message?: string;
  readonly conditions: readonly { readonly type: string; readonly status: string }[];
}

/** One sandbox, newest first. */
export interface SandboxPart {
  readonly id: string;
  readonly state: PodView["state"];
  readonly attempt: number;
  readonly created?: string;
  readonly hash?: string;
}

/** One container of the pod, declared or seen. */
export interface ContainerPart {
  readonly name: string;
  readonly type: ContainerView["type"];
  readonly image: string;
  /** Whether the node has the image; absent if the runtime was not asked. */
  readonly imagePresent?: boolean;
  readonly id?: string;
  readonly ready?: boolean;
  /** `waiting`, `running`, `terminated`; `absent` if neither kubelet nor runtime has it. */
  readonly state: "waiting" | "running" | "terminated" | "absent";
  readonly reason?: string;
  readonly message?: string;
  readonly since?: string;
  readonly exitCode?: number;
  readonly restarts: number;
  readonly lastExit?: { readonly code: number; readonly reason: string; readonly at?: string };
  /** In kubectl's notation, by kind. */
  readonly probes: Readonly<Record<string, string>>;
}

/** What a report is made of. */
export interface ReportParts {
  readonly row: PodStatusRow;
  readonly input: StatusInput;
  readonly url: string;
  readonly outcome: PodOutcome | undefined;
  readonly evidence: PodEvidence;
  readonly events: readonly PodEvent[];
  readonly change: PodChange | undefined;
  readonly explanation: Explanation;
}

/** Puts the report together. */
export function podReport(parts: ReportParts): PodReport {
  const { row, input, evidence } = parts;
  const { kubelet } = row.joined;
  return {
    id: row.id,
    namespace: row.namespace,
    name: row.name,
    ready: row.ready,
    ...time("readySince", row.readySinceMs),
    confirmedBy: row.confirmedBy,
    drift: row.drift,
    phase: row.phase,
    reason: row.reason,
    restarts: row.restarts,
    origin: row.origin,
    ...optional("declared", declaredPart(parts)),
    delivery: deliveryPart(parts),
    kubelet: {
      ...optional("failure", input.kubelet.failure?.message),
      ...optional(
        "accepted",
        input.kubelet.failure === undefined ? kubelet !== undefined : undefined,
      ),
      ...optional("uid", kubelet?.uid),
      ...optional("startTime", kubelet?.startTime),
      ...optional("message", kubelet?.message === "" ? undefined : kubelet?.message),
      conditions: (kubelet?.conditions ?? []).map(({ type, status }) => ({ type, status })),
    },
    ...optional("runtimeFailure", input.runtime.failure?.message),
    sandboxes: row.joined.sandboxes.map((sandbox): SandboxPart => ({
      id: sandbox.sandboxId,
      state: sandbox.state,
      attempt: sandbox.attempt,
      ...optional("created", sandbox.createdAt),
      ...optional("hash", sandbox.specHash),
    })),
    containers: containerParts(row, evidence),
    badHostPaths: evidence.badHostPaths,
    ...optional("logTail", evidence.logTail),
    events: parts.events,
    ...optional("change", parts.change),
    explanation: parts.explanation,
  };
}

function declaredPart({ row, outcome }: ReportParts): Declared | undefined {
  const { desired } = row.joined;
  if (desired === undefined) return undefined;
  return {
    ...desired.source,
    state: desired.state,
    ...optional("why", desired.reason),
    ...optional("hash", outcome?.hash),
    ...optional("servingRevision", outcome?.servingRevision),
    errors: outcome?.errors ?? [],
    warnings: outcome?.warnings ?? [],
  };
}

function deliveryPart({ row, input, url }: ReportParts): Delivery {
  const { desired } = row.joined;
  const { lastGood, lastRefused, intervalMs } = input.fetches;
  const served = desired?.servedHash !== undefined;
  return {
    url,
    ...optional("servedHash", desired?.servedHash),
    ...time("servedSince", served ? desired.servedSinceMs : undefined),
    ...time("lastFetch", lastGood?.atMs),
    ...optional("intervalMs", intervalMs),
    fetched: served && (lastGood?.atMs ?? -Infinity) >= desired.servedSinceMs,
    ...optional(
      "lastRefused",
      lastRefused === undefined ? undefined : {
        at: new Date(lastRefused.atMs).toISOString(),
        status: lastRefused.status,
        path: lastRefused.path ?? "",
      },
    ),
  };
}

/** A container as declared. */
interface ContainerSpec {
  readonly name: string;
  readonly type: ContainerView["type"];
  readonly spec: JsonObject;
}

function containerParts(row: PodStatusRow, evidence: PodEvidence): readonly ContainerPart[] {
  const { desired, kubelet, sandboxes } = row.joined;
  const specs = declaredContainers(desired?.pod["spec"]);
  const reported = [
    ...(kubelet?.initContainers ?? []).map((one) => ({ name: one.name, type: "init" as const })),
    ...(kubelet?.containers ?? []).map((one) => ({ name: one.name, type: "container" as const })),
    ...(sandboxes[0]?.containers ?? []),
  ];
  const names = new Map<string, ContainerView["type"]>();
  for (const { name, type } of [...specs, ...reported]) if (!names.has(name)) names.set(name, type);
  return [...names].map(([name, type]): ContainerPart => {
    const spec = specs.find((one) => one.name === name)?.spec ?? {};
    const declaredImage = typeof spec["image"] === "string" ? spec["image"] : undefined;
    const seen = newest(sandboxes, name);
    const said = [...kubelet?.initContainers ?? [], ...kubelet?.containers ?? []]
      .find((one) => one.name === name);
    return {
      name,
      type,
      image: declaredImage ?? seen?.image ?? said?.image ?? "",
      ...optional(
        "imagePresent",
        declaredImage === undefined ? undefined : evidence.images.get(declaredImage),
      ),
      ...optional("id", seen?.id),
      ...optional("ready", said?.ready),
      restarts: Math.max(said?.restartCount ?? 0, seen?.restartCount ?? 0),
      ...(said === undefined ? runtimeState(seen) : kubeletState(said)),
      probes: probesOf(spec),
    };
  });
}

type StateParts = Pick<
  ContainerPart,
  "state" | "reason" | "message" | "since" | "exitCode" | "lastExit"
>;

function kubeletState({ state, lastTermination }: KubeletContainer): StateParts {
  const lastExit = lastTermination === undefined ? {} : { lastExit: exitOf(lastTermination) };
  switch (state.kind) {
    case "waiting":
      return {
        state: "waiting",
        ...text("reason", state.reason),
        ...text("message", state.message),
        ...lastExit,
      };
    case "running":
      return { state: "running", ...optional("since", state.startedAt), ...lastExit };
    case "terminated":
      return {
        state: "terminated",
        exitCode: state.exitCode,
        ...text("reason", state.reason),
        ...text("message", state.message),
        ...optional("since", state.finishedAt),
        ...lastExit,
      };
  }
}

function exitOf({ exitCode, reason, finishedAt }: KubeletTermination) {
  return { code: exitCode, reason, ...optional("at", finishedAt) };
}

function runtimeState(container: ContainerView | undefined): StateParts {
  if (container === undefined) return { state: "absent" };
  if (container.state === "CONTAINER_RUNNING") {
    return { state: "running", since: container.status?.startedAt ?? container.createdAt };
  }
  if (container.state === "CONTAINER_CREATED") {
    return { state: "waiting", reason: "ContainerCreated" };
  }
  const { status } = container;
  return {
    state: "terminated",
    ...optional("exitCode", status?.exitCode),
    ...text("reason", status?.reason ?? ""),
    ...text("message", status?.message ?? ""),
    ...optional("since", status?.finishedAt),
  };
}

function newest(sandboxes: readonly PodView[], name: string): ContainerView | undefined {
  return sandboxes[0]?.containers.filter((one) => one.name === name)
    .reduce<ContainerView | undefined>(
      (best, one) => best === undefined || one.attempt >= best.attempt ? one : best,
      undefined,
    );
}

function declaredContainers(spec: JsonValue | undefined): readonly ContainerSpec[] {
  if (!isJsonObject(spec)) return [];
  const named = (value: JsonValue | undefined, type: ContainerView["type"]) =>
    (Array.isArray(value) ? value : []).filter((one) => isJsonObject(one))
      .map((one): ContainerSpec => ({
        name: typeof one["name"] === "string" ? one["name"] : "",
        type,
        spec: one,
      }));
  return [...named(spec["initContainers"], "init"), ...named(spec["containers"], "container")];
}

function probesOf(spec: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    ["startup", "readiness", "liveness"]
      .map((kind) => [kind, spec[`${kind}Probe`]] as const)
      .filter((entry): entry is readonly [string, JsonObject] => isJsonObject(entry[1]))
      .map(([kind, probe]) => [kind, probeText(probe)]),
  );
}

/** As `kubectl describe` writes it: `http-get :8080/ready delay=0s timeout=1s period=10s #success=1 #failure=3`. */
function probeText(probe: JsonObject): string {
  const setting = (name: string, fallback: number) => probe[name] ?? fallback;
  return `${probeTarget(probe)} delay=${setting("initialDelaySeconds", 0)}s timeout=${
    setting("timeoutSeconds", 1)
  }s period=${setting("periodSeconds", 10)}s #success=${setting("successThreshold", 1)} #failure=${
    setting("failureThreshold", 3)
  }`;
}

function time<K extends string>(key: K, ms: number | undefined): { readonly [P in K]?: string } {
  return optional(key, ms === undefined ? undefined : new Date(ms).toISOString());
}

function text<K extends string>(key: K, value: string): { readonly [P in K]?: string } {
  return optional(key, value === "" ? undefined : value);
}

function optional<K extends string, V>(
  key: K,
  value: V | undefined,
): { readonly [P in K]?: V } {
  // A computed key is more than the compiler follows: the object has this one member.
  return value === undefined ? {} : { [key]: value } as { readonly [P in K]?: V };
}
