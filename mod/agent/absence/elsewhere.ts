/** Whether a pod that left its file may be in another one, where a mistake hides it. */
import type { ConfigFile } from "../../config/mod.ts";
import { formatKey } from "../../pods/mod.ts";
import type { PodOutcome } from "../outcome.ts";
import type { ServedPod } from "../state/state.ts";

/** What may hide a pod. */
export interface HidingPlaces {
  readonly files: readonly Pick<ConfigFile, "path" | "brokenText" | "hadErrors">[];
  /** The files of pods without a usable name, and whether such a pod came with this reload. */
  readonly unnamed: readonly { readonly file: string; readonly isNew: boolean }[];
  readonly lastOutcomes: readonly PodOutcome[];
}

/** Says why a pod may be in another file than its own; undefined if it is in none. */
export type HiddenElsewhere = (
  pod: Pick<ServedPod, "namespace" | "name" | "source">,
) => string | undefined;

/**
 * A pod that moves to another file, or whose file is renamed, is not taken out where the new
 * place is mistyped at the same time. A broken file hides the pods that its text names. One that
 * cannot be read, or a pod without a name, may be any pod, but only of those that left when it
 * came, or were kept already: it says nothing of what is taken out later.
 */
export function hiddenElsewhere(places: HidingPlaces): HiddenElsewhere {
  const broken = places.files.filter(({ brokenText }) => brokenText !== undefined);
  const keptBefore = new Set(
    places.lastOutcomes.filter(({ state, lookAgainMs }) =>
      state === "Kept" && lookAgainMs === undefined
    ).map(formatKey),
  );
  return (pod) => {
    const others = broken.filter(({ path }) => path !== pod.source.file);
    const naming = others.find(({ brokenText }) => names(brokenText ?? "", pod.name));
    if (naming !== undefined) {
      return `the file "${naming.path}" cannot be used and may have it now`;
    }
    const anywhere = [
      ...others.filter(({ brokenText }) => brokenText === null)
        .map(({ path, hadErrors }) => ({
          isNew: !hadErrors,
          hides: `the file "${path}" cannot be read and may have it now`,
        })),
      ...places.unnamed.filter(({ file }) => file !== pod.source.file)
        .map(({ file, isNew }) => ({
          isNew,
          hides: `the file "${file}" has a pod that may be this one`,
        })),
    ];
    const isKept = keptBefore.has(formatKey(pod));
    return anywhere.find(({ isNew }) => isNew || isKept)?.hides;
  };
}

/** Whether a text has a name as a whole word. */
function names(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at !== -1; at = text.indexOf(name, at + 1)) {
    const isPart = (character: string | undefined) => /[a-zA-Z0-9.-]/.test(character ?? "");
    if (!isPart(text[at - 1]) && !isPart(text[at + name.length])) return true;
  }
  return false;
}
