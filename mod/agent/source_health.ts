/** Which sources say for sure which pods they want, and which may only have lost them. */
import type { LoadedConfig } from "../config/mod.ts";
import type { Problem } from "../core/mod.ts";
import { formatKey } from "../pods/mod.ts";
import type { PodOutcome } from "./outcome.ts";
import type { JudgedPod } from "./plan.ts";
import type { ServedPod } from "./state.ts";

/** What the health of the sources is judged by. */
export interface SourceEvidence {
  readonly files: LoadedConfig["files"];
  /** Problems of pods that could not be told apart: without a name, or with another pod's. */
  readonly unidentified: readonly Problem[];
  readonly judged: readonly JudgedPod[];
  readonly previous: readonly ServedPod[];
  readonly lastOutcomes: readonly PodOutcome[];
}

/**
 * The sources whose absent pods are kept, by file, each with the reason. A pod that
 * a source does not declare any more was taken out only if the source is whole, and
 * no other pod of it can be the missing one under a name that was lost or mistyped:
 * one without a name, one with a name that another pod has, or a new one that is
 * refused.
 */
export function unhealthySources(evidence: SourceEvidence): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  const add = (file: string, reason: string) => {
    if (!reasons.has(file)) reasons.set(file, reason);
  };
  for (const { path, state } of evidence.files) {
    if (state === "failed") add(path, `its file "${path}" cannot be used`);
  }
  for (const { file, position } of evidence.unidentified) {
    const line = position === undefined ? "" : ` (line ${position.line})`;
    add(file, `its file "${file}" has a pod that may be this one${line}`);
  }
  for (const { declared } of strangers(evidence)) {
    const { file, position } = declared.entry.source;
    add(
      file,
      `its file "${file}" has a new pod "${
        formatKey(declared.key)
      }" that is refused and may be this one (line ${position.line})`,
    );
  }
  return reasons;
}

/**
 * Refused pods that were never served. One that was refused before is known and
 * explains no absence, unless a pod has been kept since it came.
 */
function strangers(evidence: SourceEvidence): readonly JudgedPod[] {
  const served = new Set(evidence.previous.map(formatKey));
  const known = new Set(
    evidence.lastOutcomes.filter(({ state }) => state === "Rejected").map(formatKey),
  );
  const keeping = new Set(
    evidence.lastOutcomes.filter(({ state }) => state === "Kept").map(({ source }) => source.file),
  );
  return evidence.judged.filter(({ declared, errors }) => {
    if (errors.length === 0 || served.has(formatKey(declared.key))) return false;
    return !known.has(formatKey(declared.key)) || keeping.has(declared.entry.source.file);
  });
}
