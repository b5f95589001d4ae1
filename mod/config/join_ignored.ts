import type { Problem } from "../core/mod.ts";

/** Joins the warnings about ignored documents into one for each file. */
export function joinIgnored(problems: readonly Problem[]): readonly Problem[] {
  const joined: Problem[] = [];
  const places = new Map<string, number>();
  for (const problem of problems) {
    const at = problem.code === "ignored-document" ? places.get(problem.file) : undefined;
    const earlier = at === undefined ? undefined : joined[at];
    if (at === undefined || earlier === undefined) {
      if (problem.code === "ignored-document") places.set(problem.file, joined.length);
      joined.push(problem);
      continue;
    }
    const kind = problem.message.split(": ").at(-1) ?? "";
    const kinds = (earlier.message.split(": ").at(-1) ?? "").split(", ");
    if (!kinds.includes(kind)) joined[at] = { ...earlier, message: `${earlier.message}, ${kind}` };
  }
  return joined;
}
