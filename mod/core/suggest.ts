import { distance } from "fastest-levenshtein";

/**
 * The known name nearest to a mistyped one, or undefined when none is near
 * enough to be meant: at most a third of its letters may differ, and two of a
 * short name, so that swapped letters (`prot`) are found.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  const allowed = name.length < 4 ? 1 : Math.max(2, Math.floor(name.length / 3));
  let bestDistance = allowed + 1;
  for (const candidate of known) {
    const current = distance(wanted, candidate.toLowerCase());
    if (current < bestDistance) {
      best = candidate;
      bestDistance = current;
    }
  }
  return best;
}
