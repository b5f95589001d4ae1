import type { JsonObject, JsonValue } from "../core/mod.ts";
import { declaredName } from "./join.ts";
import type { PodStatusRow } from "./row.ts";

/** A row as data: what `get staticpodstatus` shows. */
export interface StatusContent {
  readonly id: string;
  /** What a version counts. */
  readonly spec: JsonObject;
  /** What is only observed. */
  readonly status: JsonObject;
}

/** Labels that the kubelet puts on each sandbox; they say what other fields say too. */
const KUBELET_LABELS = /^io\.kubernetes\./;

/** A row as data. */
export function statusContent(row: PodStatusRow, nodeName: string): StatusContent {
  const { ready, total } = row.containers;
  return {
    id: row.id,
    spec: {
      ready: row.ready,
      phase: row.phase,
      containers: `${ready}/${total}`,
      restarts: row.restarts,
      reason: row.reason,
      drift: row.drift,
      origin: row.origin,
    },
    status: {
      namespace: row.namespace,
      name: row.joined.desired?.name ?? declaredName(row.name, nodeName),
      images: imagesOf(row),
      labels: labelsOf(row),
      ...definedOnly({
        readySinceMs: row.readySinceMs,
        startedAtMs: row.startedAtMs,
        seenAtMs: row.seenAtMs,
        confirmedBy: row.confirmedBy,
      }),
    },
  };
}

/** The images of the containers that run, or of those that should; without repetitions. */
export function imagesOf({ joined: { sandboxes, desired } }: PodStatusRow): readonly string[] {
  const newest = new Map<string, { readonly attempt: number; readonly image: string }>();
  for (const { type, name, attempt, image } of sandboxes[0]?.containers ?? []) {
    if (type !== "container" || attempt < (newest.get(name)?.attempt ?? 0)) continue;
    newest.set(name, { attempt, image });
  }
  const running = [...newest.values()].map(({ image }) => image);
  const images = running.length > 0 ? running : declaredImages(desired?.pod);
  return [...new Set(images)];
}

function declaredImages(pod: unknown): readonly string[] {
  const containers = member(member(pod, "spec"), "containers");
  return Array.isArray(containers)
    ? containers.map((container) => member(container, "image")).filter((image) =>
      typeof image === "string"
    )
    : [];
}

function labelsOf({ joined: { sandboxes, desired } }: PodStatusRow): JsonObject {
  const labels = member(member(desired?.pod, "metadata"), "labels") ?? sandboxes[0]?.labels;
  return Object.fromEntries(
    Object.entries(typeof labels === "object" && labels !== null ? labels : {})
      .filter((entry): entry is [string, string] =>
        typeof entry[1] === "string" && !KUBELET_LABELS.test(entry[0])
      ),
  );
}

/** A member of what may not be an object: a refused pod can be anything. */
function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

function definedOnly(members: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(members).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined),
  );
}
