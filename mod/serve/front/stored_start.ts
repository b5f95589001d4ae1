/** The first thing that a start does: the list of the last run is served again. */
import { inList, isOpen, type Manifest, manifestOf } from "../../agent/mod.ts";
import { defaultSettings, type HostFacts, type Settings } from "../../config/mod.ts";
import type { ManifestFetch } from "../../http/mod.ts";
import type { Unseal } from "../../materialize/mod.ts";
import { formatKey } from "../../pods/mod.ts";
import { readRolloutAnnotations } from "../../rollout/mod.ts";
import { type FrontDeps, ManifestFront, storedSource } from "./front.ts";
import { savedSettings } from "../host/saved_settings.ts";
import type { OpenState } from "../host/state_directory.ts";
import type { ManifestToken } from "../host/token.ts";

/** A fetch before there was an agent to take it in. */
export interface EarlyFetch {
  readonly fetch: ManifestFetch;
  /** Unix milliseconds. */
  readonly atMs: number;
}

/** What a start has before it reads the config. */
export interface StoredStart {
  /** Undefined if nothing is known of an earlier run. */
  readonly front: ManifestFront | undefined;
  /** The settings of the last run. */
  readonly settings: Settings | undefined;
  readonly fetches: readonly EarlyFetch[];
}

/** What a start needs before it reads the config. */
export interface StoredStartDeps {
  readonly host: HostFacts;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly front: FrontDeps;
  readonly token: ManifestToken;
  /** Opens what is sealed in pods. */
  readonly unseal: Unseal;
}

/** Fetches that are kept until then; a kubelet makes one or two. */
const MAX_EARLY = 100;

/**
 * Serves the stored list where the last run served it. Where it is not whole, or is to
 * lack pods for now, the answer is that there is none yet: a kubelet then waits.
 *
 * @throws {PodsteadError} if the address is taken or not allowed
 */
export async function startStored(
  found: OpenState | undefined,
  { host, now, front: deps, token, unseal }: StoredStartDeps,
): Promise<StoredStart> {
  const settings = found && savedSettings(found.state.settings, defaultSettings(host));
  const fetches: EarlyFetch[] = [];
  if (found === undefined || settings === undefined) return { front: undefined, settings, fetches };
  const reading = token.read(settings.manifest.tokenFile);
  const source = storedSource({
    manifest: storedList(found, unseal),
    hosts: allowedHosts(settings),
    token: () => token.current,
    tokenKnown: reading,
  }, (fetch) => {
    if (fetches.length < MAX_EARLY) fetches.push({ fetch, atMs: now() });
  });
  const front = await ManifestFront.open(settings.manifest, source, deps);
  await reading;
  return { front, settings, fetches };
}

/**
 * The list as the last run served it; undefined if that cannot be said from the state
 * alone: some pods were on their way then, wait for others after a boot, or cannot be opened.
 */
export function storedList(
  { state, isWhole }: OpenState,
  unseal: Unseal,
): Manifest | undefined {
  if (!isWhole || state.revision === 0 || state.replacing.length > 0) return undefined;
  const incarnations = new Map(state.incarnations.map((one) => [one.key, one]));
  const listed = state.pods.filter(inList(state.taken));
  const pods = listed.flatMap((pod) => {
    const incarnation = incarnations.get(formatKey(pod));
    const isOrdered = readRolloutAnnotations(pod.pod).after.length > 0;
    if (isOrdered || incarnation?.version !== pod.hash || !isOpen(pod, unseal)) return [];
    return [{ ...pod, uid: incarnation.uid }];
  });
  return pods.length === listed.length ? manifestOf(pods, unseal) : undefined;
}

/** Names by which a request may call the manifest endpoint. */
export function allowedHosts(settings: Settings): ReadonlySet<string> {
  return new Set([settings.manifest.address, "localhost", ...settings.hosts]
    .map((name) => name.toLowerCase()));
}
