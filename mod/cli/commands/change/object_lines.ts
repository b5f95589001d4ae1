import type { ObjectOutcome, ReloadOutcome } from "../../../api/contract/mod.ts";
import type { Style } from "../../../text/mod.ts";

const SIGNS = { added: "+", changed: "~", removed: "-", unchanged: "!" } as const;
const COLOURS = { added: "green", changed: "yellow", removed: "red", unchanged: "red" } as const;

/** What a person reads about the ConfigMaps and Secrets of a reload: each that changed or is kept. */
export function objectLines(
  { objects = [], pods }: Pick<ReloadOutcome, "objects" | "pods">,
  style: Style,
): readonly string[] {
  const restarted = new Set(
    pods.filter(({ change }) => change === "changed")
      .map(({ namespace, name }) => `${namespace}/${name}`),
  );
  return objects.filter(({ change, state }) => change !== "unchanged" || state !== undefined)
    .map((object) => {
      const { kind, namespace, name, change, state } = object;
      const reason = object.reason === undefined ? "" : `: ${object.reason}`;
      const what = state === undefined ? change : `${state}, its last good version stays`;
      const sign = style(COLOURS[change], SIGNS[change]);
      return `  ${sign} ${kind} ${namespace}/${name}: ${what}${reason}${users(object, restarted)}`;
    });
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
