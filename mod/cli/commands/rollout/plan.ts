/** What a roll-out would do on each node, asked of the nodes themselves. */
import { type PlannedNodeDocument } from "../../output/mod.ts";
import { agentClient } from "../../../api/client/mod.ts";
import type { ChangeOperation, ChangeOutcome } from "../../../api/contract/mod.ts";
import { AgentUnreachable, errorText } from "../../../core/mod.ts";
import { refusal } from "../../../fleet/drive/mod.ts";
import type { NodeEntry } from "../../../fleet/nodes/mod.ts";
import type { Style } from "../../../text/mod.ts";
import type { Links } from "../../shell/many/links.ts";
import { changeReport, interruptedPods } from "../change/change_report.ts";

/** What the change is to one node. */
export interface NodePlan {
  readonly node: NodeEntry;
  /** `refused`: it would not take the change; `failed`: it could not say. */
  readonly state: "changes" | "unchanged" | "refused" | "failed" | "skipped";
  readonly outcome?: ChangeOutcome;
  /** Why it is refused, failed or skipped. */
  readonly message?: string;
}

/** Asks every node; nothing is changed. */
export function planNodes(
  links: Links,
  nodes: readonly NodeEntry[],
  operations: readonly ChangeOperation[],
): Promise<readonly NodePlan[]> {
  return Promise.all(nodes.map(async (node): Promise<NodePlan> => {
    try {
      const linked = await links.open(node);
      try {
        const agent = agentClient(linked.transport);
        const outcome = await agent.change({ operations, trigger: "rollout", dryRun: true });
        if (outcome.result === "refused") {
          return { node, state: "refused", outcome, message: refusal(outcome) };
        }
        return { node, state: outcome.result === "unchanged" ? "unchanged" : "changes", outcome };
      } finally {
        linked.close();
      }
    } catch (error) {
      const state = error instanceof AgentUnreachable ? "skipped" : "failed";
      return { node, state, message: errorText(error) };
    }
  }));
}

/** The plan for people: what changes, once for all nodes on which it is the same. */
export function planReport(plans: readonly NodePlan[], style: Style): string {
  const groups = new Map<string, string[]>();
  for (const plan of plans) {
    const text = textOf(plan, style);
    groups.set(text, [...groups.get(text) ?? [], plan.node.name]);
  }
  return [...groups].map(([text, names]) => {
    const many = names.length > 1 ? ` (${names.length} nodes)` : "";
    return `${style("bold", names.join(", "))}${many}:\n${text}`;
  }).join("");
}

function textOf({ state, outcome, message }: NodePlan, style: Style): string {
  if (state === "skipped") return `  ${style("yellow", "skipped")}: ${message}\n`;
  if (state === "failed" || outcome === undefined) {
    return `  ${style("red", "failed")}: ${message}\n`;
  }
  return changeReport(outcome, style).split("\n").filter((line) => line !== "")
    .map((line) => `  ${line}\n`).join("");
}

/** Each node's plan as data. */
export function planItem({ node, state, outcome, message }: NodePlan): PlannedNodeDocument {
  return {
    node: node.name,
    state,
    ...(outcome === undefined ? {} : {
      files: outcome.files.map(({ path }) => path),
      restarts: interruptedPods(outcome),
      pods: outcome.reload.pods.filter(({ change }) => change !== "unchanged"),
    }),
    ...(message === undefined ? {} : { message }),
  };
}
