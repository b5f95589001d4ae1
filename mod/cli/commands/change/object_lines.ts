import type { ObjectOutcome, ReloadOutcome } from "../../../api/contract/mod.ts";
import type { Style } from "../../../text/mod.ts";

const SIGNS = { added: "+", changed: "~", removed: "-", unchanged: "!" } as const;
const COLOURS = { added: "green", changed: "yellow", removed: "red", unchanged: "red" } as const;

const WORDS = { added: "created", changed: "changed", removed: "removed", unchanged: "kept" };

type Objects = Pick<ReloadOutcome, "objects" | "pods">;

/** What a person reads about the ConfigMaps and Secrets of a reload: each that changed or is kept. */
export function objectLines(outcome: Objects, style: Style): readonly string[] {
  const restarted = restartedPods(outcome);
  return touchedObjects(outcome).map((object) => {
    const { kind, namespace, name, change, state } = object;
    const what = state === undefined ? change : `${state}, its last good version stays`;
    const sign = style(COLOURS[change], SIGNS[change]);
    return `  ${sign} ${kind} ${namespace}/${name}: ${what}${reasonOf(object)}${
      users(object, restarted)
    }`;
  });
}

/** The same in the words of a change: `configmap/web created`. */
export function changedObjectLines(outcome: Objects, style: Style): readonly string[] {
  const restarted = restartedPods(outcome);
  return touchedObjects(outcome).map((object) => {
    const { kind, namespace, name, change, state } = object;
    const key = namespace === "default" ? name : `${namespace}/${name}`;
    const what = state === undefined ? WORDS[change] : `${state}, its last good version stays`;
    const reason = state === undefined ? "" : reasonOf(object);
    return `${kind.toLowerCase()}/${key} ${style(COLOURS[change], what)}${reason}${
      users(object, restarted)
    }`;
  });
}

function touchedObjects({ objects = [] }: Objects): readonly ObjectOutcome[] {
  return objects.filter(({ change, state }) => change !== "unchanged" || state !== undefined);
}

function restartedPods({ pods }: Objects): ReadonlySet<string> {
  return new Set(
    pods.filter(({ change }) => change === "changed")
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
}

function reasonOf({ reason }: ObjectOutcome): string {
  return reason === undefined ? "" : `: ${reason}`;
}

/** The pods that an object changes, and how. */
function users(
  { change, usedBy = [] }: ObjectOutcome,
  restarted: ReadonlySet<string>,
): string {
  if (change !== "changed" || usedBy.length === 0) return "";
  const files = usedBy.filter((pod) => !restarted.has(pod));
  const parts = [
    ...(files.length === 0 ? [] : [`new files for ${files.join(", ")}`]),
    ...(files.length === usedBy.length
      ? []
      : [`restarts ${usedBy.filter((pod) => restarted.has(pod)).join(", ")}`]),
  ];
  return `; ${parts.join("; ")}`;
}
