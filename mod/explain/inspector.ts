/** Answers "why is it not running": for one pod in full, for all of them in a line each. */
import { nearest, PodsteadError } from "../core/mod.ts";
import { declaredName, type PodStatusRow } from "../status/mod.ts";
import { judgeNode } from "../verdict/mod.ts";
import { explain } from "./explain.ts";
import { nodeCauses } from "./node_causes.ts";
import {
  type EventLog,
  eventsOf,
  type PropagationTracker,
  type StatusService,
} from "../observe/mod.ts";
import { type EvidenceSources, gatherNodeEvidence, type NodeEvidence } from "./node_evidence.ts";
import {
  type Explained,
  type Overview,
  overviewOf,
  reloadFacts,
  withoutEvidence,
} from "./overview.ts";
import { type PodReport, podReport } from "./pod_report.ts";
import { evidenceFor, gatherPodEvidence } from "./pod_evidence.ts";
import type { AgentState } from "../agent/mod.ts";

/** What an inspector looks at. */
export interface InspectorDeps {
  readonly status: Pick<StatusService, "refresh" | "input">;
  readonly state: () => AgentState;
  readonly sources: () => EvidenceSources;
  readonly events: Pick<EventLog, "list">;
  readonly changes: Pick<PropagationTracker, "changeOf">;
}

/** Pods that are explained at one time: each asks the runtime some things. */
const MAX_EXPLAINED = 20;

/** Looks at the pods on demand. */
export class Inspector {
  readonly #deps: InspectorDeps;

  constructor(deps: InspectorDeps) {
    this.#deps = deps;
  }

  /**
   * The report on the pod that a reference names.
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

  /** The verdict on the node and on every pod, each explained where it is not as it should be. */
  async overview(): Promise<Overview> {
    const { status, state, sources, changes } = this.#deps;
    const rows = await status.refresh();
    const input = status.input();
    const { lastReload } = state();
    const changeOf = ({ namespace, joined: { desired } }: PodStatusRow) =>
      desired && changes.changeOf(namespace, desired.name);
    const facts = { nowMs: input.nowMs, input, rows, reload: reloadFacts(state()) };
    const quick = judgeNode({ ...facts, causes: nodeCauses(withoutEvidence(input), lastReload) });
    // Polls of a moment ago hide that a kubelet which cannot be asked has just been stopped.
    if (quick.state === "well" && input.kubelet.failure === undefined) {
      return overviewOf(rows, quick, changeOf);
    }
    const asked = sources();
    const node = await gatherNodeEvidence(input, asked);
    const alarming = new Set(
      quick.pods.filter((pod) => pod.state !== "holds")
        .slice(0, MAX_EXPLAINED).map(({ id }) => id),
    );
    const explained = new Map(
      await Promise.all(
        rows.filter(({ id }) => alarming.has(id))
          .map(async (row) => [row.id, await this.#explained(row, node, asked)] as const),
      ),
    );
    const verdict = judgeNode({
      ...facts,
      kubeletSeenMs: node.kubeletAlive === true ? node.nowMs : undefined,
      causes: nodeCauses(node, lastReload),
      explanations: new Map(
        [...explained].map(([id, { explanation }]) => [id, explanation] as const),
      ),
    });
    return overviewOf(rows, verdict, changeOf, explained);
  }

  async #explained(
    row: PodStatusRow,
    node: NodeEvidence,
    asked: EvidenceSources,
  ): Promise<Explained> {
    const pod = await gatherPodEvidence(row, asked, node.nowMs);
    return {
      explanation: explain(evidenceFor(row, node, pod, [row.name, asked.url])),
      ...(pod.logTail === undefined ? {} : { logTail: pod.logTail }),
    };
  }
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
