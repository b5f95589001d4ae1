/** @jsxImportSource hono/jsx */
/** Each page's content, from what a node's agent says now. */
import type { Child } from "hono/jsx";
import { type DiffLine, hideSecrets, unifiedDiff } from "../change/mod.ts";
import type { PodReport } from "../api/contract/mod.ts";
import { AgentUnreachable, type Clock, errorText, PodsteadError } from "../core/mod.ts";
import { declaredAgainstServed } from "./declared.ts";
import type { SeenNode } from "./node.ts";
import { ChangesPage, RevisionPage } from "./pages/changes.tsx";
import { ControlPlanePage } from "./pages/control_plane.tsx";
import { NodePage } from "./pages/node.tsx";
import { type NodeCard, NodesPage } from "./pages/nodes.tsx";
import { PodPage } from "./pages/pod.tsx";
import { PodsPage } from "./pages/pods.tsx";
import type { SeenRollout } from "./pages/rollout.tsx";
import { Away } from "./parts/layout.tsx";
import type { UsageCurves } from "./usage.ts";

/** What looking needs. */
export interface Looker {
  readonly node: SeenNode;
  readonly curves: UsageCurves;
  readonly clock: Clock;
  readonly closing: AbortSignal;
}

/** How long a page waits for its node, in milliseconds: it asks again anyway, and is no blank page. */
const PATIENCE_MS = 1_500;

/** A value, or another one where it takes too long. */
async function inTime<T>(value: Promise<T>, clock: Clock, late: () => T): Promise<T> {
  const over = new AbortController();
  try {
    return await Promise.race([value, clock.sleep(PATIENCE_MS, over.signal).then(late)]);
  } finally {
    over.abort();
  }
}

/** @throws {AgentUnreachable} if the node takes too long, besides what looking throws */
export function lookInTime(
  look: (looker: Looker) => Promise<Child>,
  looker: Looker,
): Promise<Child> {
  return inTime(look(looker), looker.clock, () => {
    throw new AgentUnreachable(lateText(looker.node));
  });
}

function lateText({ lastFailure }: SeenNode): string {
  return lastFailure ?? "It has not answered yet; it is still being asked";
}

/** A page's content, or a sentence on why there is none. */
export async function orAway(content: () => Promise<Child>): Promise<Child> {
  try {
    return await content();
  } catch (error) {
    return awayFor(error);
  }
}

/** What is shown instead of what could not be read. */
export function awayFor(error: unknown): Child {
  const known = error instanceof PodsteadError ? error : undefined;
  const hint = known?.hint === undefined ? "" : ` ${ended(known.hint)}`;
  const word = known?.code === "not-found"
    ? "not here"
    : known?.code === "permission"
    ? "not for you"
    : known?.code === "agent-unreachable"
    ? "cannot be reached"
    : "cannot be shown";
  return <Away word={word} failure={`${ended(errorText(error))}${hint}`} />;
}

/** With a full stop, unless it asks something. */
function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

const overviewOf = (node: SeenNode) => node.ask("overview", (agent) => agent.overview({}));

export async function lookAtNode({ node, clock }: Looker): Promise<Child> {
  const overview = await overviewOf(node);
  const { mayAct } = await node.connection();
  return <NodePage node={node.name} overview={overview} mayAct={mayAct} nowMs={clock.now()} />;
}

export async function lookAtPods({ node, curves, clock, closing }: Looker): Promise<Child> {
  const overview = await overviewOf(node);
  const samples = curves.look(closing);
  return <PodsPage node={node.name} overview={overview} curves={samples} nowMs={clock.now()} />;
}

export async function lookAtControlPlane({ node, clock }: Looker): Promise<Child> {
  const [overview, certificates] = await Promise.all([
    overviewOf(node),
    // An agent of an older version has no such answer: the components are still shown.
    node.tryAsk("certificates", (agent) => agent.certificates({})),
  ]);
  return (
    <ControlPlanePage
      node={node.name}
      overview={overview}
      certificates={certificates}
      nowMs={clock.now()}
    />
  );
}

export async function lookAtChanges({ node, clock }: Looker): Promise<Child> {
  const [history, trial] = await Promise.all([
    node.ask("history", (agent) => agent.history({})),
    node.ask("trial", (agent) => agent.trial({})),
  ]);
  const { mayAct } = await node.connection();
  return (
    <ChangesPage
      node={node.name}
      history={history}
      trial={trial}
      mayAct={mayAct}
      nowMs={clock.now()}
    />
  );
}

export async function lookAtRevision({ node }: Looker, number: number): Promise<Child> {
  const history = await node.ask("history", (agent) => agent.history({}));
  const at = history.findIndex((revision) => revision.number === number);
  const revision = history[at];
  if (revision === undefined) {
    throw new PodsteadError("not-found", `There is no revision ${number}`);
  }
  const before = history[at + 1]?.number;
  const { mayAct } = await node.connection();
  const diff = await node.tryAsk(`revision ${number}`, async (agent) => {
    const [old, now] = await Promise.all([
      before === undefined ? { files: [] } : agent.revision({ number: before }),
      agent.revision({ number }),
    ]);
    return diffOfFiles(old.files, now.files);
  });
  return (
    <RevisionPage
      node={node.name}
      number={number}
      before={before}
      diff={"value" in diff ? { lines: diff.value } : diff}
      canGoBack={mayAct && !revision.current}
    />
  );
}

interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** As `podstead diff` shows it: without the values of Secrets. */
export function diffOfFile(path: string, before: string, after: string): readonly DiffLine[] {
  return unifiedDiff(
    { name: path, text: hideSecrets(before) },
    { name: path, text: hideSecrets(after, before) },
  );
}

function diffOfFiles(old: readonly TextFile[], now: readonly TextFile[]) {
  const paths = [...new Set([...old, ...now].map(({ path }) => path))].sort();
  const textIn = (files: readonly TextFile[], path: string) =>
    files.find((file) => file.path === path)?.text ?? "";
  return paths.flatMap((path) => diffOfFile(path, textIn(old, path), textIn(now, path)));
}

/** The pod that a page is about. */
export function reportOf(node: SeenNode, id: string): Promise<PodReport> {
  return node.ask(`describe ${id}`, (agent) => agent.describe({ pod: id }));
}

export async function lookAtPod({ node, clock }: Looker, id: string): Promise<Child> {
  const report = await reportOf(node, id);
  const { mayAct } = await node.connection();
  const info = await node.ask("agent", (agent) => agent.agent({}));
  const suffix = `-${info.node.name}`;
  const name = report.name.endsWith(suffix) ? report.name.slice(0, -suffix.length) : report.name;
  const declared = await declaredAgainstServed(node, report.namespace, name);
  const isOurs = mayAct && report.declared !== undefined;
  return (
    <PodPage
      node={node.name}
      report={report}
      declared={declared}
      actsOn={isOurs ? `${report.namespace}/${name}` : undefined}
      nowMs={clock.now()}
    />
  );
}

interface RolloutsSeen {
  readonly rollouts: readonly SeenRollout[];
  readonly rolloutFailure?: string;
}

/**
 * @param nodes every node; one that is away is a card too
 * @param rollouts those that are told of beside them
 * @param clock one that takes its time is not waited for
 */
export async function lookAtNodes(
  nodes: readonly SeenNode[],
  rollouts: () => Promise<readonly SeenRollout[]>,
  clock: Clock,
): Promise<Child> {
  const [seen, cards] = await Promise.all([
    inTime<RolloutsSeen>(
      rollouts().then(
        (list) => ({ rollouts: list }),
        (error) => ({ rollouts: [], rolloutFailure: errorText(error) }),
      ),
      clock,
      () => ({ rollouts: [], rolloutFailure: "still being read" }),
    ),
    Promise.all(nodes.map(async (node): Promise<NodeCard> => ({
      name: node.name,
      seen: await inTime<NodeCard["seen"]>(
        node.tryAsk("overview", (agent) => agent.overview({})),
        clock,
        () => ({ failure: lateText(node) }),
      ),
    }))),
  ]);
  return <NodesPage cards={cards} {...seen} />;
}
