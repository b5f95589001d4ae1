/**
 * Who a pod is to the kubelet: its UID, from one beginning to the next.
 *
 * A pod begins when it is served for the first time, and begins again with each
 * replacement. Between two beginnings it keeps its UID through changes that the
 * kubelet takes in place.
 */
import { createHash } from "node:crypto";
import { canonicalJson, getOwn, type JsonObject } from "../core/mod.ts";
import { DEFAULT_NAMESPACE, SPEC_HASH_ANNOTATION } from "../pods/mod.ts";
import { whyNotAdded } from "./added_container.ts";
import { isReadAtStart, type MetadataKind } from "./read_at_start.ts";
import { containersOf, initContainersOf, isSidecar, objectAt, textAt } from "./spec.ts";

/** One life of a pod under one UID. */
export interface Incarnation {
  /** `namespace/name`, as declared. */
  readonly key: string;
  readonly uid: string;
  /** The spec hash of its first version: what the sandbox's annotation says all its life. */
  readonly hash: string;
  /** The spec hash of the version that is served under it, or is about to be. */
  readonly version: string;
  /** UIDs that the pod has had before, the latest first; not to be used again. */
  readonly past: readonly string[];
  /** Which images its containers were given in place recently. */
  readonly images: readonly ImageUse[];
}

/** An image that a container of a pod was given, or lost, in place. */
export interface ImageUse {
  readonly container: string;
  readonly image: string;
  /** When it was last started with it while an instance of it had ended; Unix milliseconds. */
  readonly startedMs?: number | undefined;
  /** The attempt of the instance that should be started then. */
  readonly attempt?: number | undefined;
  /** When it was last given another one. */
  readonly leftMs?: number | undefined;
}

/** A pod in one version. */
interface Version {
  readonly namespace: string;
  readonly name: string;
  readonly pod: JsonObject;
  readonly hash: string;
}

/** Hexadecimal digits of each half of a UID. */
const HALF = 16;
/** How many UIDs of a pod are remembered: a kubelet forgets one minutes after its end. */
const REMEMBERED = 16;
/** How many beginnings with one and the same version are looked for. */
const MAX_NUMBER = 64;

/**
 * The UID of a pod's `number`-th beginning with this version: its first half is
 * of namespace, name, spec hash and number, the second of what cannot change
 * in place. So a UID that is seen running tells, without any other memory,
 * whether a declared version may be served under it.
 */
export function beginningUid(version: Version, number: number): string {
  return beginningUids(version)(number);
}

/** The same for any number: most of it is the same for all of them, and a pod may be large. */
function beginningUids(version: Version): (number: number) => string {
  const { namespace, name, hash } = version;
  const { fixed, first } = identify(version);
  return (number) =>
    number === 1 ? first : digest(canonicalJson([namespace, name, hash, number])) + fixed;
}

/** What is computed once of pods, which are never changed. */
interface KnownIdentity extends Omit<Version, "pod"> {
  /** What the UIDs have in common. */
  readonly fixed: string;
  /** The UID of the first beginning. */
  readonly first: string;
}

const identities = new WeakMap<JsonObject, KnownIdentity>();

function identify({ namespace, name, pod, hash }: Version): KnownIdentity {
  const known = identities.get(pod);
  if (known?.hash === hash && known.name === name && known.namespace === namespace) return known;
  const fixed = known?.fixed ?? fixedPart(pod, containersOf(pod).length);
  const first = digest(canonicalJson([namespace, name, hash, 1])) + fixed;
  const identity = { namespace, name, hash, fixed, first };
  identities.set(pod, identity);
  return identity;
}

/** Computes the UID that a pod will most likely have, so that it is found at once. */
export function identifyAhead(version: Version): void {
  identify(version);
}

/** The UID that a person declared, undefined for most pods. */
export function declaredUid(pod: JsonObject): string | undefined {
  const uid = textAt(objectAt(pod, "metadata"), "uid");
  return uid === "" ? undefined : uid;
}

/**
 * A new beginning: under the declared UID, else under the first of the version's
 * own that neither the pod nor the node has had.
 *
 * @param seen UIDs that the runtime still knows
 */
export function begin(
  version: Version,
  before: Incarnation | undefined,
  seen: ReadonlySet<string> = new Set(),
): Incarnation {
  const past = before === undefined ? [] : [before.uid, ...before.past].slice(0, REMEMBERED);
  const taken = past.length === 0 ? seen : new Set([...past, ...seen]);
  const uid = declaredUid(version.pod) ?? freeUid(version, taken);
  return { key: keyOf(version), uid, hash: version.hash, version: version.hash, past, images: [] };
}

function freeUid(version: Version, taken: ReadonlySet<string>): string {
  const { first } = identify(version);
  if (!taken.has(first)) return first;
  const uidOf = beginningUids(version);
  for (let number = 2; number <= MAX_NUMBER; number++) {
    const uid = uidOf(number);
    if (!taken.has(uid)) return uid;
  }
  // With so many of one version at once something else is wrong; the oldest is free again.
  return uidOf(1);
}

/** Whether a life is provably one of this version: it began with it, under a UID of its own. */
export function isBeginningOf({ uid, hash, version }: Incarnation, pod: Version): boolean {
  if (hash !== pod.hash || version !== pod.hash) return false;
  const declared = declaredUid(pod.pod);
  if (declared !== undefined) return uid === declared;
  const uidOf = beginningUids(pod);
  for (let number = 1; number <= MAX_NUMBER; number++) if (uidOf(number) === uid) return true;
  return false;
}

/** The life of a pod that runs under a UID that podstead did not know: of an older podstead, or of a lost state. */
export function adopt(
  version: Version,
  running: { readonly uid: string; readonly hash: string },
  before: Incarnation | undefined,
): Incarnation {
  const past = [...before === undefined ? [] : [before.uid, ...before.past]]
    .filter((uid) => uid !== running.uid).slice(0, REMEMBERED);
  const { uid, hash } = running;
  return { key: keyOf(version), uid, hash, version: version.hash, past, images: [] };
}

/**
 * Whether a version may be served under a UID that is seen running, though no
 * memory says what was served under it last: the pod began with this very
 * version, or differs from it only in what the kubelet changes in place; and no
 * container that is there is missing.
 */
export function mayContinue(
  version: Version,
  running: {
    readonly uid: string;
    /** Of the sandbox's annotation. */
    readonly hash: string | undefined;
    /** The names of all its containers, whether they run or not. */
    readonly containers: Iterable<string>;
  },
): boolean {
  const declared = [...containersOf(version.pod), ...initContainersOf(version.pod)];
  const names = new Set(declared.map((one) => textAt(one, "name")));
  const complete = [...running.containers].every((name) => names.has(name));
  if (!complete || running.hash === undefined) return false;
  if (declaredUid(version.pod) !== undefined) return false;
  if (running.hash === version.hash) return true;
  const { namespace, name } = version;
  const isOurs = Array.from({ length: MAX_NUMBER }, (_, index) => index + 1).some((number) =>
    running.uid.startsWith(digest(canonicalJson([namespace, name, running.hash ?? "", number])))
  );
  return isOurs &&
    containersOf(version.pod).some((_, index) => beganWith(index + 1, version.pod, running.uid));
}

/** Whether a pod began with its first containers, and may have got the others in place since. */
function beganWith(count: number, pod: JsonObject, uid: string): boolean {
  const containers = containersOf(pod);
  const first = {
    ...pod,
    spec: { ...objectAt(pod, "spec"), containers: containers.slice(0, count) },
  };
  return uid.endsWith(fixedPart(pod, count)) &&
    containers.slice(count).every((one) => whyNotAdded(one, first) === undefined);
}

function keyOf({ namespace, name }: Version): string {
  return `${namespace === "" ? DEFAULT_NAMESPACE : namespace}/${name}`;
}

/** A hash of everything that does not change in place, of a pod with its first containers only. */
function fixedPart(pod: JsonObject, containers: number): string {
  const spec = objectAt(pod, "spec");
  const metadata = objectAt(pod, "metadata");
  const fixed = (kind: MetadataKind) =>
    Object.fromEntries(
      Object.entries(objectAt(metadata, kind)).filter(([key]) =>
        key !== SPEC_HASH_ANNOTATION && isReadAtStart(kind, key, pod)
      ),
    );
  const initContainers = initContainersOf(pod);
  return digest(canonicalJson({
    ...pod,
    metadata: { ...metadata, labels: fixed("labels"), annotations: fixed("annotations") },
    spec: {
      ...spec,
      containers: containersOf(pod).slice(0, containers).map(withoutImage),
      ...(getOwn(spec, "initContainers") === undefined ? {} : {
        initContainers: initContainers.map((one) => isSidecar(one) ? withoutImage(one) : one),
      }),
    },
  }));
}

function withoutImage(container: JsonObject): JsonObject {
  const { image: _, ...rest } = container;
  return rest;
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, HALF);
}
