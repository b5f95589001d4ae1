import type {
  CauseLine,
  Link,
  LogTail,
  NodePods,
  Overview,
  PodSummary,
  Resource,
} from "../../../api/contract/mod.ts";
import {
  AgentHangs,
  type AgentUnreachable,
  formatDuration,
  RuntimeUnavailable,
} from "../../../core/mod.ts";
import { connectNode, type NodeReader } from "../../../node/mod.ts";
import {
  DEFAULT_LIMITS,
  imagesOf,
  joinStatus,
  NEVER_READ,
  type PodStatusRow,
  statusContent,
} from "../../../status/mod.ts";
import {
  type Evidence,
  explain,
  type Explanation,
  failingContainer,
} from "../../../explain/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";
import { loggedPods } from "./log_tails.ts";

/** Lines of a failing container's log that are shown. */
const TAIL_LINES = 10;

/**
 * What the container runtime alone tells about the static pods of this node.
 *
 * @param absence why the agent was not asked
 */
export async function overviewOfRuntime(
  context: CliContext,
  absence?: AgentUnreachable,
): Promise<Overview> {
  const agent = agentLink(absence);
  const { node, runtime, manifest } = await clientSettings(context);
  const reader = connectNode({ node, ...runtime });
  const { interrupted, clock } = context.world;
  try {
    const { pods } = await reader.pods({ statuses: "exited", signal: interrupted });
    const nowMs = clock.now();
    const fetches = { listeningSinceMs: nowMs };
    const rows = rowsOf(pods, node.name, nowMs);
    const summaries: PodSummary[] = [];
    for (const known of rows) {
      // What is declared only an agent could tell.
      const row: PodStatusRow = { ...known, drift: "Unknown" };
      const failed = row.ready === "False";
      const logTail = failed ? await tailOf(row, reader, interrupted) : undefined;
      const evidence = { nowMs, row, fetches, limits: DEFAULT_LIMITS, url: manifest.url };
      summaries.push({
        id: row.id,
        ready: row.ready,
        phase: row.phase,
        reason: row.reason === "NotDeclared" || !failed ? "" : row.reason,
        drift: row.drift,
        containers: `${row.containers.ready}/${row.containers.total}`,
        restarts: row.restarts,
        well: false, // only an agent sees whether it is the right version
        state: failed ? "broken" : "unknown",
        text: row.reason,
        ...(row.startedAtMs === undefined ? {} : { startedAtMs: row.startedAtMs }),
        images: imagesOf(row),
        ...(failed ? { explanation: explained({ ...evidence, logTail: logTail?.lines }) } : {}),
        ...(logTail === undefined ? {} : { logTail }),
      });
    }
    return { state: "unwell", links: [agent], causes: causesOf(agent, summaries), pods: summaries };
  } catch (error) {
    if (!(error instanceof RuntimeUnavailable)) throw error;
    return await overviewOfLogs(agent, node.name, clock.now(), error);
  } finally {
    reader.close();
  }
}

/** The static pods that the container runtime runs, as the agent would show them. */
export async function podsOfRuntime(context: CliContext): Promise<readonly Resource[]> {
  const { node, runtime } = await clientSettings(context);
  const reader = connectNode({ node, ...runtime });
  const { interrupted, clock } = context.world;
  try {
    const { pods } = await reader.pods({ statuses: "exited", signal: interrupted });
    const nowMs = clock.now();
    return rowsOf(pods, node.name, nowMs).map((row): Resource => {
      const { id, spec, status } = statusContent({ ...row, drift: "Unknown" }, node.name);
      const created = new Date(row.startedAtMs ?? nowMs).toISOString();
      const reason = row.reason === "NotDeclared" ? "" : row.reason;
      return {
        node: node.address,
        type: "StaticPodStatus",
        id,
        version: 1,
        created,
        updated: created,
        spec: { ...spec, reason },
        status,
      };
    });
  } finally {
    reader.close();
  }
}

function rowsOf(
  pods: NodePods["pods"],
  nodeName: string,
  nowMs: number,
): readonly PodStatusRow[] {
  return joinStatus({
    nowMs,
    nodeName,
    desired: [],
    fetches: { listeningSinceMs: nowMs },
    kubelet: NEVER_READ,
    runtime: { value: pods, atMs: nowMs },
    limits: DEFAULT_LIMITS,
  });
}

/** What is left to show if the runtime does not answer either: the logs on disk. */
async function overviewOfLogs(
  agent: BrokenLink,
  nodeName: string,
  nowMs: number,
  failure: RuntimeUnavailable,
): Promise<Overview> {
  const logged = (await loggedPods(nodeName))
    .toSorted((left, right) => right.writtenMs - left.writtenMs);
  if (logged.length === 0) throw failure;
  const cause = {
    link: "runtime",
    code: "runtime-down",
    cause: failure.message,
    nextStep: `${failure.hint ?? "Check it with `systemctl status containerd`"}; ` +
      "the logs that are on the disk are read with `podstead logs -k POD`",
  } as const;
  return {
    state: "unwell",
    links: [agent, { name: "runtime", state: "broken", text: cause.cause, cause }],
    causes: [...causesOf(agent, []), {
      level: "broken",
      ...cause,
      pods: logged.map(({ id }) => id),
    }],
    pods: logged.map(({ id, writtenMs, logTail }): PodSummary => ({
      id,
      ready: "Unknown",
      phase: "",
      reason: "",
      drift: "Unknown",
      containers: "",
      restarts: logTail.attempt,
      well: false,
      state: "unknown",
      text: `last log line ${formatDuration(Math.max(0, nowMs - writtenMs))} ago`,
      logTail,
    })),
  };
}

/** A link with the cause that it is broken for. */
type BrokenLink = Link & Required<Pick<Link, "cause">>;

function agentLink(absence: AgentUnreachable | undefined): BrokenLink {
  const hangs = absence instanceof AgentHangs;
  const text = `${
    hangs ? "The agent hangs" : "No agent answers"
  }: only what the container runtime says is shown`;
  return {
    name: "agent",
    state: "broken",
    text,
    cause: {
      link: "agent",
      code: "agent-down",
      cause: text,
      nextStep: hangs
        ? "`sudo systemctl restart podstead` starts it again; no pod restarts"
        : "`sudo systemctl start podstead`; `podstead logs podstead` says why it ended",
    },
  };
}

function causesOf({ cause }: BrokenLink, pods: readonly PodSummary[]): readonly CauseLine[] {
  const failed = pods.flatMap(({ id, explanation }): readonly CauseLine[] =>
    explanation === undefined ? [] : [{ level: "broken", ...explanation, pods: [id] }]
  );
  return [{ level: "broken", ...cause, pods: [] }, ...failed];
}

/** What the runtime alone does not explain, the agent may. */
function explained(evidence: Evidence): Explanation {
  const explanation = explain(evidence);
  if (explanation.code !== "unknown") return explanation;
  return {
    code: "unknown",
    cause: "The container runtime does not say why; the kubelet does, and the agent asks it",
    nextStep: "Start the agent, or see `journalctl -u kubelet`",
  };
}

async function tailOf(
  row: PodStatusRow,
  reader: NodeReader,
  signal: AbortSignal,
): Promise<LogTail | undefined> {
  const failing = failingContainer({ row });
  if (failing === undefined) return undefined;
  try {
    const chunks: Uint8Array[] = [];
    const source = await reader.logs({
      references: [`${row.id}:${failing.name}`],
      previous: false,
      follow: false,
      selection: { tail: TAIL_LINES },
      format: "text",
      color: false,
    }, { signal, onNotice: () => undefined });
    for await (const chunk of source) chunks.push(Uint8Array.from(chunk));
    const text = new TextDecoder().decode(Buffer.concat(chunks));
    const lines = text.split("\n").slice(0, -1);
    return lines.length === 0
      ? undefined
      : { container: failing.name, attempt: failing.restarts, lines };
  } catch {
    return undefined; // a log that is gone; the rest is worth showing
  }
}
