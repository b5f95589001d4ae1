/** Whether a running pod can take a change without losing its UID; pure. */
import { formatPath, getOwn, isJsonObject, type JsonObject, type Path } from "../core/mod.ts";
import { whyNotAdded } from "./added_container.ts";
import { changedPaths } from "./changed_fields.ts";
import { isReadAtStart } from "./read_at_start.ts";
import { containersOf, initContainersOf, isSidecar, objectAt, textAt } from "./spec.ts";

/** The minors of Kubernetes 1.x whose source shows what the kubelet does with a kept UID. */
const KNOWN_MINORS: readonly [oldest: number, newest: number] = [31, 36];
/** The first minor whose source shows that a sidecar with another image is restarted by itself. */
const SIDECAR_MINOR = 36;

/** A container that starts, or starts again, by a change in place. */
export interface StartedContainer {
  readonly name: string;
  readonly image: string;
}

/** A container that gets another image in place. */
export interface ImageChange extends StartedContainer {
  /** The image that it had. */
  readonly from: string;
}

/** What a change comes to if the pod keeps its UID. */
export type ChangeJudgement =
  | {
    readonly inPlace: true;
    /** Containers with another image: they alone are restarted. */
    readonly restarted: readonly ImageChange[];
    /** Containers that were not there before. */
    readonly added: readonly StartedContainer[];
  }
  | {
    readonly inPlace: false;
    /** The fields that decided it, in the kubelet's notation; none if the kubelet decided it. */
    readonly fields: readonly string[];
    /** Why, as text. */
    readonly why: string;
  };

/**
 * Judges a change by what the kubelet does with a pod whose UID stays the same:
 * labels and annotations are taken in, a container with another image is
 * restarted alone, an added one is started. Everything else would be applied
 * late, in part or never; and kubelets from 1.34 to 1.36 panic at a container
 * that is gone (pkg/kubelet/kubelet.go, `recordContainerResizeOperations`).
 * What one change may do, several in a row may: it is transitive.
 *
 * @param minor of the node's kubelet, 1.x; undefined if it is not known
 */
export function judgeChange(
  before: JsonObject,
  after: JsonObject,
  minor: number | undefined,
): ChangeJudgement {
  const [oldest, newest] = KNOWN_MINORS;
  if (minor === undefined) return refuse([], "the kubelet's version is not known");
  if (minor < oldest || minor > newest) {
    return refuse([], `what kubelet 1.${minor} does with a change in place is not known`);
  }
  const restarted: ImageChange[] = [];
  const added: StartedContainer[] = [];
  const refused: { readonly field: string; readonly why: string }[] = [];
  for (const path of changedPaths(withMetadataMaps(before), withMetadataMaps(after))) {
    const effect = effectOf(path, before, after, minor);
    if (effect.kind === "refused") refused.push({ field: formatPath(path), why: effect.why });
    if (effect.kind === "restarted") restarted.push(effect.container);
    if (effect.kind === "added") added.push(effect.container);
  }
  const [first] = refused;
  return first === undefined
    ? { inPlace: true, restarted, added }
    : refuse(refused.map(({ field }) => field), first.why);
}

/** No labels and empty ones are the same. */
function withMetadataMaps(pod: JsonObject): JsonObject {
  const metadata = objectAt(pod, "metadata");
  const labels = getOwn(metadata, "labels") ?? {};
  const annotations = getOwn(metadata, "annotations") ?? {};
  return { ...pod, metadata: { ...metadata, labels, annotations } };
}

type Effect =
  | { readonly kind: "metadata" }
  | { readonly kind: "restarted"; readonly container: ImageChange }
  | { readonly kind: "added"; readonly container: StartedContainer }
  | { readonly kind: "refused"; readonly why: string };

const LATE: Effect = {
  kind: "refused",
  why: "the kubelet would apply it late or never under the same UID",
};
const GONE: Effect = { kind: "refused", why: "the kubelet panics at a container that is gone" };

function effectOf(path: Path, before: JsonObject, after: JsonObject, minor: number): Effect {
  const [top, kind, at, field] = path;
  if (top === "metadata" && (kind === "labels" || kind === "annotations")) {
    return typeof at !== "string" || isReadAtStart(kind, at, before) ? LATE : { kind: "metadata" };
  }
  if (top !== "spec" || typeof at !== "number") return LATE;
  const isContainer = kind === "containers" || kind === "initContainers";
  if (isContainer && path.length === 4 && field === "name") return GONE;
  if (kind === "containers") {
    if (path.length === 3) return addition(at, before, after);
    if (path.length === 4 && field === "image") {
      return otherImage(containersOf(before)[at], containersOf(after)[at], after);
    }
  }
  if (kind === "initContainers" && path.length === 4 && field === "image") {
    const container = initContainersOf(before)[at];
    if (container !== undefined && isSidecar(container) && minor >= SIDECAR_MINOR) {
      return otherImage(container, initContainersOf(after)[at], after);
    }
  }
  return LATE;
}

function otherImage(
  before: JsonObject | undefined,
  container: JsonObject | undefined,
  pod: JsonObject,
): Effect {
  const from = before === undefined ? "" : textAt(before, "image");
  if (container === undefined || from === "" || textAt(container, "image") === "") return LATE;
  // A container that may end for good need not be running when it is looked for.
  if (!runsForever(container, pod)) return { kind: "refused", why: "it may have ended for good" };
  return { kind: "restarted", container: { ...started(container), from } };
}

function addition(at: number, before: JsonObject, after: JsonObject): Effect {
  if (at < containersOf(before).length) {
    return GONE;
  }
  const container = containersOf(after)[at];
  if (container === undefined || textAt(container, "image") === "") return LATE;
  if (!runsForever(container, after)) return { kind: "refused", why: "it may end for good" };
  const why = whyNotAdded(container, before);
  if (why !== undefined) return { kind: "refused", why };
  return { kind: "added", container: started(container) };
}

function runsForever(container: JsonObject, pod: JsonObject): boolean {
  const ofPod = getOwn(objectAt(pod, "spec"), "restartPolicy") ?? "Always";
  const own = getOwn(container, "restartPolicy") ?? ofPod;
  return own === "Always" && !Array.isArray(getOwn(container, "restartPolicyRules"));
}

function started(container: JsonObject): StartedContainer {
  return { name: textAt(container, "name"), image: textAt(container, "image") };
}

function refuse(fields: readonly string[], why: string): ChangeJudgement {
  return { inPlace: false, fields, why };
}

/**
 * Whether a kubelet that knows the pod in the version before survives this one
 * under the same UID: no container and no sidecar is missing, renamed or moved.
 */
export function losesNoContainer(before: JsonObject, after: JsonObject): boolean {
  const names = (list: readonly JsonObject[]) => list.map((one) => textAt(one, "name"));
  const [old, next] = [names(containersOf(before)), names(containersOf(after))];
  const [oldInit, nextInit] = [names(initContainersOf(before)), names(initContainersOf(after))];
  return old.every((name, at) => next[at] === name) &&
    oldInit.every((name, at) => nextInit[at] === name) &&
    isJsonObject(getOwn(after, "spec"));
}
