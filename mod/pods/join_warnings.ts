/** Warnings that say the same of many images, as one line. */
import { latestDetail } from "./warnings/mod.ts";

/** The rule whose warning stands once in a whole run. */
const ONCE = "image-latest";

/** An issue, as a verdict or as a report has it. */
interface Issue {
  readonly rule?: string;
  readonly detail: string;
  readonly subjects?: readonly string[];
}

/**
 * The warnings of several pods with the one on `latest` once, at the first image that
 * has it, for all of them: a line for each would hide the others.
 */
export function joinWarnings<I extends Issue>(
  pods: readonly (readonly I[])[],
): readonly (readonly I[])[] {
  const all = pods.flat().filter(({ rule }) => rule === ONCE);
  const [first] = all;
  if (first === undefined || all.length === 1) return pods;
  const joined = { ...first, detail: latestDetail(all.flatMap(({ subjects = [] }) => subjects)) };
  return pods.map((warnings) =>
    warnings.flatMap((issue) => issue === first ? [joined] : issue.rule === ONCE ? [] : [issue])
  );
}
