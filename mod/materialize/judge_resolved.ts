/** The kubelet's verdict on pods that refer to objects of the node. */
import {
  allAtOnce,
  formatPath,
  isJsonObject,
  type JsonObject,
  type Path,
  type Steps,
} from "../core/mod.ts";
import { type NodeObject, objectKey, type PodIssue, specHash } from "../pods/mod.ts";
import type { ObjectSource, ResolveOptions } from "./context.ts";
import { type Resolution, resolvePod } from "./resolve.ts";
import type { VolumeFiles } from "./volume_files.ts";

/** What a kubelet says of pods, in their order. */
export type JudgePods = (pods: readonly JsonObject[]) => readonly {
  readonly errors: readonly PodIssue[];
  readonly warnings: readonly PodIssue[];
}[];

/** A pod as it is served, and what the kubelet says of it; places are those of the declared pod. */
export interface ServablePod {
  readonly pod: JsonObject;
  readonly hash: string;
  /** Empty for a pod without such volumes. */
  readonly volumes: readonly VolumeFiles[];
  /** Where the pod has sealed values in an environment; empty for most. */
  readonly sealed: readonly Path[];
  /** The keys of the objects that it uses. */
  readonly objects: readonly string[];
  readonly errors: readonly PodIssue[];
  readonly warnings: readonly PodIssue[];
}

/** Objects by kind, namespace and name. */
export function objectSource(objects: Iterable<NodeObject>): ObjectSource {
  const byKey = new Map(Array.from(objects, (object) => [objectKey(object), object]));
  return { find: (kind, namespace, name) => byKey.get(objectKey({ kind, namespace, name })) };
}

/**
 * Resolves pods and judges them as they will be served. A pod that refers to no declared object,
 * and that this kubelet takes as it is, stays as it is: up to 1.33 an API server may have them.
 *
 * @param judge called for all of them, and for the declared versions of those with references
 */
export function judgeResolved(
  pods: readonly JsonObject[],
  options: ResolveOptions,
  judge: JudgePods,
): readonly ServablePod[] {
  return allAtOnce(judgeResolvedSteps(pods, options, judge));
}

/** The same in steps; `judge` is one of them. */
export function* judgeResolvedSteps(
  pods: readonly JsonObject[],
  options: ResolveOptions,
  judge: JudgePods,
): Steps<readonly ServablePod[]> {
  const resolutions: (Resolution | undefined)[] = [];
  for (const pod of pods) {
    resolutions.push(resolvePod(pod, options));
    yield;
  }
  const referring = pods.filter((_, at) => resolutions[at] !== undefined);
  const declaredVerdicts = new Map(
    referring.length === 0 ? [] : judge(referring).map((verdict, at) => [referring[at], verdict]),
  );
  yield;
  const kept = pods.map((pod, at) => {
    const resolution = resolutions[at];
    // A kubelet that takes Secrets to pull with may know them from its API server.
    const needsNothing = resolution?.objects.length === 0 || resolution?.onlyPullSecrets;
    const asIs = needsNothing && declaredVerdicts.get(pod)?.errors.length === 0;
    return asIs ? undefined : resolution;
  });
  const verdicts = judge(pods.map((pod, at) => kept[at]?.pod ?? pod));
  const servable: ServablePod[] = [];
  for (const [at, pod] of pods.entries()) {
    yield;
    const verdict = verdicts[at] ?? { errors: [], warnings: [] };
    servable.push(servablePod(pod, kept[at], verdict, declaredVerdicts.get(pod)?.errors ?? []));
  }
  return servable;
}

function servablePod(
  pod: JsonObject,
  resolution: Resolution | undefined,
  { errors, warnings }: ReturnType<JudgePods>[number],
  declared: readonly PodIssue[],
): ServablePod {
  if (resolution === undefined) {
    return { pod, hash: specHash(pod), volumes: [], sealed: [], objects: [], errors, warnings };
  }
  const { hash, volumes, sealed, objects } = resolution;
  return {
    pod: resolution.pod,
    hash,
    volumes,
    sealed,
    objects,
    errors: errorsOf(declared, resolution, errors),
    warnings: [
      ...warnings.filter(({ rule }) => rule !== "reference-unresolvable")
        .map((issue) => atOrigin(issue, resolution)),
      ...resolution.warnings,
    ],
  };
}

/** What is wrong with the declared pod, save that it refers to objects; then with the other. */
function errorsOf(
  declared: readonly PodIssue[],
  resolution: Resolution,
  served: readonly PodIssue[],
): readonly PodIssue[] {
  const own = declared.filter(({ type }) => type !== "StaticPodAPIReference");
  if (own.length > 0) return own;
  const unresolved = resolution.errors.map(({ path }) => path);
  return [
    ...resolution.errors,
    ...served.map((issue) => atOrigin(issue, resolution))
      .filter(({ path }) => !unresolved.some((one) => begins(one, path) || begins(path, one))),
  ];
}

function atOrigin(issue: PodIssue, { originOf }: Resolution): PodIssue {
  const path = originOf(issue.path);
  return path === issue.path ? issue : { ...issue, path, field: formatPath(path) };
}

function begins(path: Path, prefix: Path): boolean {
  return prefix.every((segment, at) => path[at] === segment);
}

/** Whether a pod can be served from these objects just as it is served now, and with which files. */
export function currentVolumes(
  declared: JsonObject,
  served: { readonly hash: string },
  options: ResolveOptions,
): readonly VolumeFiles[] | undefined {
  const resolution = isJsonObject(declared) ? resolvePod(declared, options) : undefined;
  return resolution !== undefined && resolution.errors.length === 0 &&
      resolution.hash === served.hash
    ? resolution.volumes
    : undefined;
}
