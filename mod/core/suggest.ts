import { distance } from "fastest-levenshtein";

/**
 * The known name nearest to a mistyped one, or undefined when none is near
 * enough to be meant: at most a third of its letters may differ.
 */
export function nearest(name: string, known: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const current = distance(wanted, candidate.toLowerCase());
    if (current < bestDistance) {
      best = candidate;
      bestDistance = current;
    }
  }
  return best;
}
