/** The pods that a config declares and wants to be down: documents of kind StoppedPods. */
import * as v from "valibot";
import type { Path, Position, Problem } from "../core/mod.ts";
import { DEFAULT_NAMESPACE } from "../pods/mod.ts";
import { type CheckedText, checkSettings } from "./check_settings.ts";
import { setting } from "./schema/leaf.ts";

/** The `kind` of the document, and its `apiVersion`. */
export const STOPPED_PODS_KIND = "StoppedPods";
export const STOPPED_PODS_VERSION = "podstead.dev/v1";

/** `take-over`: until the kubelet has let go of the pod of the same name. */
export type StopPurpose = "take-over";

/** A pod that stays declared and is not served. */
export interface StopEntry {
  readonly namespace: string;
  readonly name: string;
  /** Why, in the words of who stopped it. */
  readonly why?: string;
  /** The user ID of who stopped it. */
  readonly by?: number;
  /** ISO 8601 */
  readonly since?: string;
  /** What holds it, unless it is a person's wish. */
  readonly for?: StopPurpose;
  /** Where it is written; `path` leads from its document to it. */
  readonly source: {
    readonly file: string;
    readonly document: number;
    readonly path: Path;
    readonly position: Position;
  };
}

const POD = "Expected a pod as namespace/name, such as default/web";
const NAME = "[a-z0-9]([-a-z0-9.]*[a-z0-9])?";

const stoppedPodsSchema = v.pipe(
  v.strictObject({
    apiVersion: setting(v.literal(STOPPED_PODS_VERSION), "Version of the document"),
    kind: setting(v.literal(STOPPED_PODS_KIND), "Kind of the document"),
    pods: setting(
      v.array(v.strictObject({
        pod: setting(
          v.pipe(v.string(POD), v.regex(new RegExp(`^(${NAME}/)?${NAME}$`), POD)),
          "The pod; without a namespace one of `default`",
        ),
        why: setting(v.optional(v.string()), "Why it is stopped"),
        by: setting(
          v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
          "The user ID of who stopped it",
        ),
        since: setting(v.optional(v.string()), "When it was stopped"),
        for: setting(
          v.optional(v.literal("take-over")),
          "What holds it, unless it is a person's wish",
        ),
      })),
      "The pods that are declared and not served",
    ),
  }),
  v.description("Pods that `podstead stop` keeps declared and does not serve"),
);

/** Where the stops of a document go. */
interface StopSink {
  readonly stops: StopEntry[];
  readonly problems: Problem[];
}

/** Takes the pods of a document of this kind, all or, where something is wrong with it, none. */
export function takeStoppedPods(result: StopSink, text: CheckedText): void {
  const { output, problems } = checkSettings(stoppedPodsSchema, text);
  result.problems.push(...problems);
  for (const [index, { pod, why, by, since, for: purpose }] of (output?.pods ?? []).entries()) {
    const [name = "", namespace = DEFAULT_NAMESPACE] = pod.split("/").reverse();
    const path = ["pods", index];
    result.stops.push({
      namespace,
      name,
      ...(why === undefined ? {} : { why }),
      ...(by === undefined ? {} : { by }),
      ...(since === undefined ? {} : { since }),
      ...(purpose === undefined ? {} : { for: purpose }),
      source: {
        file: text.file,
        document: text.document.index,
        path,
        position: text.document.positionOf(path),
      },
    });
  }
}
