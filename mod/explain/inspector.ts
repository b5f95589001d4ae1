/** Answers "why is it not running": for one pod in full, for all of them in a line each. */
import { nearest, PodsteadError } from "../core/mod.ts";
import { declaredName, type PodStatusRow } from "../status/mod.ts";
import { explain } from "./explain.ts";
import { explainNode } from "./rules_delivery.ts";
import type { Explanation } from "./evidence.ts";
import {
  type EventLog,
  eventsOf,
  type PropagationTracker,
  type StatusService,
} from "../observe/mod.ts";
import {
  evidenceFor,
  type EvidenceSources,
  gatherNodeEvidence,
  gatherPodEvidence,
  type LogTail,
  type NodeEvidence,
} from "./gather.ts";
import { type PodReport, podReport } from "./pod_report.ts";
import type { AgentState } from "../agent/mod.ts";

/** What an inspector looks at. */
export interface InspectorDeps {
  readonly status: StatusService;
  readonly state: () => AgentState;
  readonly sources: () => EvidenceSources;
  readonly events: EventLog;
  readonly changes: PropagationTracker;
}

/** One pod in an overview. */
export interface PodSummary {
  readonly id: string;
  readonly ready: PodStatusRow["ready"];
  readonly phase: string;
  readonly reason: string;
  readonly drift: PodStatusRow["drift"];
  readonly containers: string;
  readonly restarts: number;
  /** Whether it has done its work, or is ready: nothing is to be done about it. */
  readonly well: boolean;
  /** For a pod that is not well. */
  readonly explanation?: Explanation;
  readonly logTail?: LogTail;
}

/** All pods, explained where they are not well, and what is wrong with the node itself. */
export interface Overview {
  readonly pods: readonly PodSummary[];
  readonly node: readonly Explanation[];
}

/** Pods that are explained at one time: each asks the runtime some things. */
const MAX_EXPLAINED = 20;

/** Looks at the pods when somebody asks. */
export class Inspector {
  readonly #deps: InspectorDeps;

  constructor(deps: InspectorDeps) {
    this.#deps = deps;
  }

  /**
   * The page about the pod that a person means.
   *
   * @param reference `default/nginx-node-1`, `default/nginx`, `default-nginx` or `nginx`
   * @throws {PodsteadError} `not-found` or `ambiguous`
   */
  async describe(reference: string): Promise<PodReport> {
    const { status, state, sources, events, changes } = this.#deps;
    const rows = await status.refresh();
    const row = pickRow(rows, reference, status.input().nodeName);
    const input = status.input();
    const asked = sources();
    const [node, pod] = await Promise.all([
      gatherNodeEvidence(input, asked),
      gatherPodEvidence(row, asked, input.nowMs),
    ]);
    const name = row.joined.desired?.name ?? declaredName(row.name, input.nodeName);
    return podReport({
      row,
      input,
      url: asked.url,
      outcome: state().lastReload?.pods.find((one) =>
        one.namespace === row.namespace && one.name === name
      ),
      evidence: pod,
      events: events.list(eventsOf({ namespace: row.namespace, name })),
      change: changes.changeOf(row.namespace, name),
      explanation: explain(evidenceFor(row, node, pod, [row.name, asked.url])),
    });
  }

  /** Every pod, with an explanation where it is not well. */
  async overview(): Promise<Overview> {
    const { status, sources } = this.#deps;
    const rows = await status.refresh();
    const asked = sources();
    const input = status.input();
    const unwell = rows.filter((row) => !isWell(row)).slice(0, MAX_EXPLAINED);
    const { kubelet, runtime } = input;
    const sound = unwell.length === 0 && kubelet.failure === undefined &&
      runtime.failure === undefined;
    const node = sound ? undefined : await gatherNodeEvidence(input, asked);
    const explained = new Map(
      await Promise.all(
        unwell.map(async (row) => [row.id, await this.#explained(row, node, asked)] as const),
      ),
    );
    return {
      pods: rows.map((row) => ({ ...summary(row), ...explained.get(row.id) })),
      node: node === undefined ? [] : explainNode(node),
    };
  }

  async #explained(
    row: PodStatusRow,
    node: NodeEvidence | undefined,
    asked: EvidenceSources,
  ): Promise<Pick<PodSummary, "explanation" | "logTail">> {
    if (node === undefined) return {};
    const pod = await gatherPodEvidence(row, asked, node.nowMs);
    return {
      explanation: explain(evidenceFor(row, node, pod, [row.name, asked.url])),
      ...(pod.logTail === undefined ? {} : { logTail: pod.logTail }),
    };
  }
}

/** Whether a pod is as it is meant to be: its version runs and is ready, or has done its work. */
export function isWell(row: PodStatusRow): boolean {
  const { desired } = row.joined;
  if (desired !== undefined && desired.state !== "Served") return false;
  return row.drift === "Current" && (row.ready === "True" || row.phase === "Succeeded");
}

function summary(row: PodStatusRow): PodSummary {
  const { ready, total } = row.containers;
  return {
    id: row.id,
    ready: row.ready,
    phase: row.phase,
    reason: row.reason,
    drift: row.drift,
    containers: `${ready}/${total}`,
    restarts: row.restarts,
    well: isWell(row),
  };
}

/**
 * The row that a person means.
 *
 * @throws {PodsteadError} `not-found` with the nearest name, or `ambiguous` with the candidates
 */
export function pickRow(
  rows: readonly PodStatusRow[],
  reference: string,
  nodeName: string,
): PodStatusRow {
  const named = rows.map((row) => ({ row, names: namesOf(row, nodeName) }));
  const exact = named.filter(({ names }) => names.includes(reference));
  const hits = exact.length > 0
    ? exact
    : named.filter(({ names }) => names.some((name) => name.startsWith(reference)));
  const [first] = hits;
  if (first !== undefined && hits.length === 1) return first.row;
  if (first !== undefined) {
    throw new PodsteadError(
      "ambiguous",
      `"${reference}" may mean ${hits.map(({ row }) => row.id).join(", ")}`,
      { hint: "Write its namespace too, such as default/nginx" },
    );
  }
  const near = nearest(reference, named.flatMap(({ names }) => names));
  throw new PodsteadError("not-found", `There is no static pod "${reference}" on this node`, {
    hint: near === undefined
      ? 'See them with "podstead get staticpodstatus"'
      : `Did you mean "${near}"?`,
  });
}

/** Each name by which a pod may be called. */
function namesOf({ namespace, name, joined }: PodStatusRow, nodeName: string): readonly string[] {
  const short = joined.desired?.name ?? declaredName(name, nodeName);
  return [name, short].flatMap((one) => [one, `${namespace}/${one}`, `${namespace}-${one}`])
    .concat(joined.desired?.id ?? []);
}
