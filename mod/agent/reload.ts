/** One reload, from the files to the new list: read → judge → plan → persist → swap → report. */
import { createHash } from "node:crypto";
import { errorText, formatBytes, type Problem } from "../core/mod.ts";
import { declarePods, MAX_MANIFEST_BYTES, renderManifest, stampPod } from "../pods/mod.ts";
import type { JsonObject } from "../core/mod.ts";
import type { LoadedConfig } from "../config/mod.ts";
import { type ControlPlanePods, joinDeclared } from "../controlplane/mod.ts";
import type { PodOutcome, ReloadOutcome, ReloadResult, ReloadTrigger } from "./outcome.ts";
import { type Plan, planReload, type PodVerdict } from "./plan.ts";
import type { ServedPod } from "./state.ts";

/** The list as it is served, with what it consists of. */
export interface Manifest {
  readonly bytes: Uint8Array;
  /** Strong entity tag, quoted: the SHA-256 of the bytes. */
  readonly etag: string;
  readonly pods: number;
}

/** Renders the list that the kubelet is to see. */
export function manifestOf(pods: readonly ServedPod[]): Manifest {
  const bytes = renderManifest(pods.map((pod) => stampPod(pod.pod, pod.hash)));
  const digest = createHash("sha256").update(bytes).digest("hex").slice(0, 32);
  return { bytes, etag: `"${digest}"`, pods: pods.length };
}

/** What a loaded config asks for, before anything of it is done. */
export interface Proposal {
  readonly plan: Plan;
  readonly manifest: Manifest;
  readonly problems: readonly Problem[];
  /** Every pod of the config that has an identity, by ID, valid or not. */
  readonly declared: ReadonlyMap<string, JsonObject>;
  /** `rejected` where the config cannot be used as a whole. */
  readonly result: Exclude<ReloadResult, "failed">;
}

/** What `proposeReload` looks at. */
export interface ProposalInput {
  readonly loaded: LoadedConfig;
  /** The control plane that the config asks for, rendered. */
  readonly controlPlane: ControlPlanePods;
  readonly previous: readonly ServedPod[];
  /** The verdicts of the reload before, which hold on where nothing can be judged. */
  readonly lastOutcomes: readonly PodOutcome[];
  readonly revision: number;
  readonly nowMs: number;
  readonly judge: (pod: JsonObject) => PodVerdict;
}

/** Judges every declared pod and plans the list; changes nothing. */
export function proposeReload(input: ProposalInput): Proposal {
  const { loaded, previous } = input;
  const { controlPlane } = input;
  const own = joinDeclared(declarePods(loaded.entries), controlPlane);
  const problems = [...loaded.problems, ...own.problems, ...controlPlane.problems];
  const declared = [...controlPlane.pods, ...own.pods.map((pod) => ({ declared: pod }))];
  const byId = new Map(declared.map(({ declared: pod }) => [pod.id, pod.pod]));
  const unusable = loaded.settings === undefined;
  const asBefore = keepAll(previous, input.lastOutcomes);
  const plan = unusable ? asBefore : planReload({
    previous,
    judged: declared.map((pod) => ({ ...pod, ...input.judge(pod.declared.pod) })),
    failedFiles: new Set(
      loaded.files.filter((file) => file.state === "failed").map((file) => file.path),
    ),
    failedIds: new Set(controlPlane.failed),
    nextRevision: input.revision + 1,
    nowMs: input.nowMs,
  });
  const manifest = manifestOf(plan.pods);
  if (manifest.bytes.byteLength > MAX_MANIFEST_BYTES) {
    problems.push(manifestTooLarge(manifest));
    return {
      plan: asBefore,
      manifest: manifestOf(previous),
      problems,
      declared: byId,
      result: "rejected",
    };
  }
  return { plan, manifest, problems, declared: byId, result: resultOf(plan, problems, unusable) };
}

/** A proposal, or what became of it, as the report that is logged, kept and returned. */
export function outcomeOf(
  proposal: Proposal,
  facts: {
    readonly result: ReloadResult;
    readonly trigger: ReloadTrigger;
    readonly revision: number;
    readonly startedMs: number;
    readonly durationMs: number;
    readonly needRestart: readonly string[];
    readonly manifest: Manifest;
    readonly problems?: readonly Problem[];
  },
): ReloadOutcome {
  return {
    result: facts.result,
    trigger: facts.trigger,
    revision: facts.revision,
    at: new Date(facts.startedMs).toISOString(),
    durationMs: Math.round(facts.durationMs * 100) / 100,
    pods: proposal.plan.outcomes,
    problems: facts.problems ?? proposal.problems,
    needRestart: facts.needRestart,
    served: {
      pods: facts.manifest.pods,
      bytes: facts.manifest.bytes.byteLength,
      etag: facts.manifest.etag,
    },
  };
}

/** A problem of podstead itself, not of a file that a person wrote. */
export function internalProblem(thrown: unknown, file: string): Problem {
  return { severity: "error", code: "failed", file, path: [], message: errorText(thrown) };
}

function keepAll(pods: readonly ServedPod[], lastOutcomes: readonly PodOutcome[]): Plan {
  const outcomes = lastOutcomes.filter((pod) => pod.state !== undefined)
    .map((pod): PodOutcome => ({ ...pod, change: pod.change === "none" ? "none" : "unchanged" }));
  return { pods, outcomes, changed: false };
}

function resultOf(
  plan: Plan,
  problems: readonly Problem[],
  unusable: boolean,
): Proposal["result"] {
  if (unusable) return "rejected";
  const wrong = problems.some((problem) => problem.severity === "error") ||
    plan.outcomes.some((pod) => pod.state !== undefined && pod.state !== "Served");
  if (wrong) return "partial";
  return plan.changed ? "applied" : "unchanged";
}

function manifestTooLarge(manifest: Manifest): Problem {
  return {
    severity: "error",
    code: "manifest-too-large",
    file: "",
    path: [],
    message: `The list of ${manifest.pods} pods would have ${
      formatBytes(manifest.bytes.byteLength)
    }; the kubelet takes at most ${formatBytes(MAX_MANIFEST_BYTES)}`,
    hint: "Move large values (scripts, certificates) into files that the pods mount",
  };
}
