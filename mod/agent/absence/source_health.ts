/** Whether a pod that no source declares any longer was taken out, or may only be out of sight. */
import { dirname } from "node:path";
import type { LoadedConfig } from "../../config/mod.ts";
import type { ControlPlanePods } from "../../controlplane/mod.ts";
import type { Problem } from "../../core/mod.ts";
import { formatKey, podId } from "../../pods/mod.ts";
import { type HiddenElsewhere, hiddenElsewhere } from "./elsewhere.ts";
import type { PodOutcome } from "../outcome.ts";
import type { JudgedPod } from "../judged_pod.ts";
import type { ServedPod } from "../state/state.ts";

/** What the absence of pods is judged by. */
export interface SourceEvidence {
  readonly loaded: Pick<
    LoadedConfig,
    "path" | "files" | "directories" | "absent" | "settings" | "hasCluster"
  >;
  readonly failedComponents: ControlPlanePods["failed"];
  /** Problems of pods that could not be told apart: without a name, or with another pod's. */
  readonly unidentified:
    readonly (Pick<Problem, "file" | "position"> & { readonly code?: string })[];
  readonly judged: readonly JudgedPod[];
  readonly previous: readonly ServedPod[];
  readonly lastOutcomes: readonly PodOutcome[];
  /** Files that were written whole a moment ago: what they lack is nowhere else. Default: none. */
  readonly written?: ReadonlySet<string>;
  /** Whether what left its file may be in another one; default: yes. */
  readonly mayMove?: boolean;
}

/** Why a pod is no longer declared. */
export type Absence =
  /** It was taken out of a source that is otherwise unchanged: `reason` says which. */
  | { readonly kind: "removed"; readonly reason: string }
  /** It may only be out of sight: it stays. */
  | {
    readonly kind: "kept";
    readonly code: "source-unhealthy" | "not-rendered";
    readonly reason: string;
    /** Whether its own file has no more of it, and another one may hide it. */
    readonly isElsewhere?: true;
  }
  /** Its source changed so recently that it may still be being written: it stays until then. */
  | {
    readonly kind: "pending";
    readonly code: "source-changing";
    readonly reason: string;
    readonly lookAgainMs: number;
  };

/** Says why nothing declares a served pod. */
export type AbsenceOf = (
  pod: Pick<ServedPod, "id" | "namespace" | "name" | "source">,
) => Absence;

/** What happens to something that no source declares any longer; `file` declared it. */
export type DecideAbsence = (found: Absence, file: string) => Absence;

/**
 * Judges the sources once, for any pod that turns out to be absent. A pod was taken
 * out only if its source was read whole and is healthy: if it is the file or
 * directory that it was, has any document, still has its list, and has no other pod
 * that may be the missing one under a name that was lost or mistyped.
 */
export function judgeAbsence(evidence: SourceEvidence): AbsenceOf {
  const files = new Map(evidence.loaded.files.map((file) => [file.path, file]));
  const absent = new Map(evidence.loaded.absent.map((file) => [file.path, file]));
  const unlistable = new Set(
    evidence.loaded.directories.filter(({ failure }) => failure !== undefined)
      .map(({ path }) => path),
  );
  const lost = lostNames(evidence);
  const elsewhere = otherPlaces(evidence);
  const left = (pod: Parameters<AbsenceOf>[0], reason: string, restMs: number) => {
    const isSure = evidence.mayMove === false || evidence.written?.has(pod.source.file) === true;
    const hidden = isSure ? undefined : elsewhere(pod);
    return hidden === undefined ? settled(reason, restMs) : {
      ...kept(`${reason}, but ${hidden}`),
      isElsewhere: true as const,
    };
  };
  return (pod) => {
    const file = pod.source.file;
    if (isComponent(pod)) return absenceOfComponent(pod, evidence);
    const read = files.get(file);
    if (read === undefined) {
      const gone = absent.get(file);
      if (gone?.doubt !== undefined) return kept(gone.doubt);
      const directory = dirname(file);
      if (unlistable.has(directory)) return kept(`its directory "${directory}" cannot be read`);
      return left(pod, `its file "${file}" is gone`, gone?.restMs ?? 0);
    }
    if (read.state === "failed") return kept(`its file "${file}" cannot be used`);
    if (read.state === "empty") return kept(`its file "${file}" has no document any more`);
    if (read.state === "ignored") {
      return kept(`its file "${file}" has only documents that podstead ignores`);
    }
    const list = pod.source.list;
    if (list !== undefined && read.missingLists.has(list)) {
      const name = list === "items" ? "items" : "machine.pods";
      return kept(`its file "${file}" has no ${name} any more; an empty list is written as []`);
    }
    const suspect = lost.get(file);
    if (suspect !== undefined) return kept(suspect);
    return left(pod, `its file "${file}" has it no more`, read.restMs);
  };
}

/** Whether what is declared in another file now may be a copy: its own file cannot be trusted. */
export function mayBeCopied(absence: Absence): boolean {
  return absence.kind === "kept" && absence.isElsewhere !== true;
}

function kept(reason: string): Extract<Absence, { readonly kind: "kept" }> {
  return { kind: "kept", code: "source-unhealthy", reason };
}

function settled(reason: string, restMs: number): Absence {
  return restMs > 0
    ? {
      kind: "pending",
      code: "source-changing",
      reason: `${reason}, but it changed a moment ago`,
      lookAgainMs: restMs,
    }
    : { kind: "removed", reason };
}

/** A component of the control plane has its own name as ID. */
function isComponent(pod: Parameters<AbsenceOf>[0]): boolean {
  return pod.id !== podId(pod);
}

function absenceOfComponent(
  pod: Parameters<AbsenceOf>[0],
  { loaded, failedComponents }: SourceEvidence,
): Absence {
  if (failedComponents.some((component) => component === pod.id)) {
    const reason = "it cannot be rendered from the config as it is now";
    return { kind: "kept", code: "not-rendered", reason };
  }
  if (loaded.settings !== undefined && !loaded.hasCluster) {
    return kept(`"${loaded.path}" has no cluster settings any more`);
  }
  const cluster = loaded.settings?.controlPlane?.cluster;
  if (
    pod.id === "etcd" && cluster !== undefined && cluster.etcd === undefined &&
    cluster.externalEtcd === undefined
  ) {
    return kept(`"${loaded.path}" has neither cluster.etcd nor cluster.externalEtcd`);
  }
  const main = loaded.files.find(({ path }) => path === loaded.path);
  return settled(`"${loaded.path}" does without it`, main?.restMs ?? 0);
}

/** A pod that may be another one; `newName` if it is refused under a name. */
type Unnamed = Pick<Problem, "file" | "position"> & { readonly newName?: string };

/** The other files in which an absent pod may be. */
function otherPlaces(evidence: SourceEvidence): HiddenElsewhere {
  const { files } = evidence.loaded;
  const wrongBefore = new Set(files.filter(({ hadErrors }) => hadErrors).map(({ path }) => path));
  const known = rejectedBefore(evidence);
  return hiddenElsewhere({
    files,
    unnamed: [
      ...evidence.unidentified.filter(({ code }) => code !== "duplicate-pod")
        .map(({ file }) => ({ file, isNew: !wrongBefore.has(file) })),
      ...newcomers(evidence).filter(({ errors }) => errors.some(isOfName)).map(({ declared }) => ({
        file: declared.entry.source.file,
        isNew: !known.has(formatKey(declared.key)),
      })),
    ],
    lastOutcomes: evidence.lastOutcomes,
  });
}

function isOfName({ path: [first, second] }: JudgedPod["errors"][number]): boolean {
  return first === "metadata" && (second === "name" || second === "namespace");
}

/** The files of which a pod may have lost its name, each with the reason. */
function lostNames(evidence: SourceEvidence): ReadonlyMap<string, string> {
  const unnamed: readonly Unnamed[] = [
    ...evidence.unidentified,
    ...strangers(evidence).map(({ declared }) => {
      const { file, position } = declared.entry.source;
      return { file, position, newName: formatKey(declared.key) };
    }),
  ];
  const reasons = new Map<string, string>();
  for (const { file, position, newName } of unnamed) {
    if (reasons.has(file)) continue;
    const line = position === undefined ? "" : ` (line ${position.line})`;
    reasons.set(
      file,
      newName === undefined
        ? `its file "${file}" has a pod that may be this one${line}`
        : `its file "${file}" has a new pod "${newName}" that is refused and may be this one${line}`,
    );
  }
  return reasons;
}

/**
 * Refused pods that were never served. One that was refused before is known and
 * explains no absence, unless a pod has been kept since it came.
 */
function strangers(evidence: SourceEvidence): readonly JudgedPod[] {
  const known = rejectedBefore(evidence);
  const keeping = new Set(
    evidence.lastOutcomes.filter(({ state, lookAgainMs }) =>
      state === "Kept" && lookAgainMs === undefined
    ).map(({ source }) => source.file),
  );
  return newcomers(evidence).filter(({ declared }) =>
    !known.has(formatKey(declared.key)) || keeping.has(declared.entry.source.file)
  );
}

/** Refused pods that are not served in an earlier version. */
function newcomers({ judged, previous }: SourceEvidence): readonly JudgedPod[] {
  const served = new Set(previous.map(formatKey));
  return judged.filter(({ declared, errors }) =>
    errors.length > 0 && !served.has(formatKey(declared.key))
  );
}

function rejectedBefore({ lastOutcomes }: SourceEvidence): ReadonlySet<string> {
  return new Set(lastOutcomes.filter(({ state }) => state === "Rejected").map(formatKey));
}
