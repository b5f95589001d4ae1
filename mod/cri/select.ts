import { formatContainer, formatPod, nearest, PodsteadError } from "../core/mod.ts";
import { DEFAULT_CONTAINER_ANNOTATION } from "./labels.ts";
import type { ContainerView, PodView } from "./view.ts";

/** One container with the pod it is in. */
export interface SelectedContainer {
  readonly pod: PodView;
  readonly container: ContainerView;
}

/** How to choose where a reference leaves it open. */
export interface SelectOptions {
  /** The name of the node, which the kubelet appends to the names of static pods. */
  readonly nodeName?: string | undefined;
  /** The container's name, instead of in the reference. */
  readonly container?: string | undefined;
  /** The container's attempt; the newest if it is left out. */
  readonly attempt?: number | undefined;
  /**
   * The attempt before the newest; the newest itself where it has ended and none
   * before it is left. A kubelet removes the older one as soon as a container has
   * ended, so that is what there is of a container between two crashes (and what
   * `kubectl logs --previous` shows then).
   */
  readonly previous?: boolean | undefined;
}

/** A reference cannot name more than the first few of what it may mean. */
const MAX_CANDIDATES = 10;

/**
 * Finds the one container that a person means by `POD[:CONTAINER[:HASH]]`.
 *
 * POD is `namespace/name`, the name alone, or the ID of a static pod
 * (`default-nginx`), each with or without the node's name at its end. Every
 * part may be cut short as long as only one fits; a part that fits exactly wins
 * over one that begins so. Instead of all that, the beginning of a container's
 * or sandbox's ID. Without CONTAINER: the only one, or the one that the pod's
 * annotation `kubectl.kubernetes.io/default-container` names. Without HASH: the
 * newest.
 *
 * @throws {PodsteadError} `not-found`, with the nearest name, or `ambiguous`,
 * with the candidates.
 */
export function resolveContainer(
  pods: readonly PodView[],
  reference: string,
  options: SelectOptions = {},
): SelectedContainer {
  const [podText = "", containerText, hash, ...rest] = reference.split(":");
  if (podText === "" || rest.length > 0) {
    throw new PodsteadError("usage", `"${reference}" does not name a container`, {
      hint: "Write POD[:CONTAINER[:HASH]], such as default/nginx:nginx:4183a7d7a771",
    });
  }
  const named = podsNamed(pods, podText, options.nodeName);
  const byId = named.length === 0 ? containersWithId(pods, podText) : [];
  if (named.length === 0 && containerText === undefined && byId.length > 0) {
    return only(byId, podText, describe);
  }
  const candidates = containersOf(
    onePod(pods, named, podText, options.nodeName),
    containerText || options.container,
    reference,
  );
  if (hash !== undefined && hash !== "") {
    const hits = candidates.filter(({ container }) => container.id.startsWith(hash));
    if (hits.length > 0) return only(hits, hash, describe);
    throw new PodsteadError("not-found", `No container "${reference}"`, {
      hint: `There is ${listOf(candidates.map(describe))}`,
    });
  }
  return chooseAttempt(candidates, reference, options);
}

/**
 * Finds the sandboxes of the one pod that a person means, the newest first: see
 * {@linkcode resolveContainer} for what they may write.
 *
 * @throws {PodsteadError} `not-found` or `ambiguous`.
 */
export function resolvePod(
  pods: readonly PodView[],
  reference: string,
  options: Pick<SelectOptions, "nodeName"> = {},
): [PodView, ...PodView[]] {
  const named = podsNamed(pods, reference, options.nodeName);
  return onePod(pods, named, reference, options.nodeName);
}

/** The pods that fit best: by whole name, by name without the node, or by beginning. */
function podsNamed(
  pods: readonly PodView[],
  text: string,
  nodeName: string | undefined,
): readonly PodView[] {
  const byId = pods.filter(({ sandboxId }) => text.length >= 4 && sandboxId.startsWith(text));
  const ranks = pods.map((pod) => rankPod(pod, text, nodeName));
  const best = Math.min(...ranks);
  if (best === Infinity) return byId;
  return pods.filter((_, index) => ranks[index] === best);
}

function rankPod(pod: PodView, text: string, nodeName: string | undefined): number {
  const names = [pod.name];
  if (nodeName && pod.name.endsWith(`-${nodeName}`)) {
    names.push(pod.name.slice(0, -nodeName.length - 1));
  }
  const forms = names.flatMap((name) => [
    `${pod.namespace}/${name}`,
    name,
    // The ID of a static pod, as `podstead get staticpods` shows it.
    ...(pod.isStatic ? [`${pod.namespace}-${name}`] : []),
  ]);
  if (forms.includes(text)) return 0;
  if (!forms.some((form) => form.startsWith(text))) return Infinity;
  // A static pod's name continues with "-" and the node, whose name is not always known.
  return pod.isStatic && forms.some((form) => form.startsWith(`${text}-`)) ? 1 : 2;
}

function onePod(
  pods: readonly PodView[],
  named: readonly PodView[],
  text: string,
  nodeName: string | undefined,
): [PodView, ...PodView[]] {
  const names = [...new Set(named.map(formatPod))];
  const [first, ...others] = named.toSorted(newestFirst);
  if (first === undefined) {
    const short = (name: string) =>
      nodeName && name.endsWith(`-${nodeName}`) ? name.slice(0, -nodeName.length - 1) : name;
    const known = pods.flatMap((pod) => [formatPod(pod), short(formatPod(pod)), short(pod.name)]);
    const near = nearest(text, known);
    throw new PodsteadError("not-found", `No pod or container "${text}"`, {
      hint: near === undefined
        ? "`podstead containers -k` lists them all"
        : `Did you mean "${near}"?`,
    });
  }
  if (names.length > 1) throw ambiguous(text, names);
  return [first, ...others];
}

function containersOf(
  sandboxes: readonly [PodView, ...PodView[]],
  text: string | undefined,
  reference: string,
): readonly SelectedContainer[] {
  const all = sandboxes.flatMap((pod) => pod.containers.map((container) => ({ pod, container })));
  const [newest] = sandboxes;
  if (all.length === 0) {
    throw new PodsteadError("not-found", `The pod "${formatPod(newest)}" has no container yet`, {
      hint: `\`podstead describe ${formatPod(newest)}\` says what it waits for`,
    });
  }
  const names = [...new Set(all.map(({ container }) => container.name))];
  const name = text === undefined
    ? defaultContainer(newest, all)
    : containerNamed(names, text, newest);
  if (name !== undefined) return all.filter(({ container }) => container.name === name);
  throw new PodsteadError(
    "ambiguous",
    `The pod "${formatPod(newest)}" has several containers: ${names.join(", ")}`,
    { hint: `Name one of them: ${reference}:${names[0]}` },
  );
}

function defaultContainer(
  pod: PodView,
  all: readonly SelectedContainer[],
): string | undefined {
  const asked = pod.annotations[DEFAULT_CONTAINER_ANNOTATION];
  if (all.some(({ container }) => container.name === asked)) return asked;
  const ordinary = all.filter(({ container }) => container.type === "container");
  const names = new Set(
    (ordinary.length > 0 ? ordinary : all).map(({ container }) => container.name),
  );
  return names.size === 1 ? [...names][0] : undefined;
}

function containerNamed(names: readonly string[], text: string, pod: PodView): string {
  if (names.includes(text)) return text;
  const hits = names.filter((name) => name.startsWith(text));
  if (hits.length > 1) throw ambiguous(text, hits);
  if (hits[0] !== undefined) return hits[0];
  const near = nearest(text, names);
  throw new PodsteadError("not-found", `No container "${text}" in the pod "${formatPod(pod)}"`, {
    hint: near === undefined ? `It has ${listOf(names)}` : `Did you mean "${near}"?`,
  });
}

function chooseAttempt(
  candidates: readonly SelectedContainer[],
  reference: string,
  { attempt, previous }: SelectOptions,
): SelectedContainer {
  const newest = candidates.toSorted((left, right) =>
    compare(right.container.createdAt, left.container.createdAt) ||
    right.container.attempt - left.container.attempt
  );
  const chosen = attempt !== undefined
    ? newest.find(({ container }) => container.attempt === attempt)
    : previous
    ? newest[1] ?? newest.find(({ container }) => container.state === "CONTAINER_EXITED")
    : newest[0];
  if (chosen !== undefined) return chosen;
  const wanted = attempt !== undefined ? `attempt ${attempt}` : "earlier attempt";
  throw new PodsteadError("not-found", `There is no ${wanted} of "${reference}"`, {
    hint: `There is ${listOf(newest.map(({ container }) => `attempt ${container.attempt}`))}`,
  });
}

function containersWithId(pods: readonly PodView[], text: string): readonly SelectedContainer[] {
  // Fewer characters would be a word rather than an ID.
  if (!/^[0-9a-f]{4,}$/.test(text)) return [];
  return pods.flatMap((pod) =>
    pod.containers.filter(({ id }) => id.startsWith(text)).map((container) => ({ pod, container }))
  );
}

function only<T>(hits: readonly T[], text: string, describeHit: (hit: T) => string): T {
  const [first] = hits;
  if (first !== undefined && hits.length === 1) return first;
  throw ambiguous(text, hits.map(describeHit));
}

function ambiguous(text: string, candidates: readonly string[]): PodsteadError {
  return new PodsteadError("ambiguous", `"${text}" may mean ${listOf(candidates)}`, {
    hint: "Write more of it",
  });
}

function listOf(names: readonly string[]): string {
  const shown = names.slice(0, MAX_CANDIDATES).join(", ");
  const more = names.length - MAX_CANDIDATES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

function describe({ pod, container }: SelectedContainer): string {
  return formatContainer(pod, container);
}

function newestFirst(left: PodView, right: PodView): number {
  return Number(right.state === "SANDBOX_READY") - Number(left.state === "SANDBOX_READY") ||
    compare(right.createdAt ?? "", left.createdAt ?? "") || right.attempt - left.attempt;
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
