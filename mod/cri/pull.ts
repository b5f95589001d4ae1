import { Content } from "./gen/containerd_content.ts";
import { ImageService } from "./gen/runtime.ts";
import { type Clock, PodsteadError, systemClock } from "../core/mod.ts";
import { normalizeImageName, type RegistryLogin, registryOf } from "../registry/mod.ts";
import { CRI_NAMESPACE } from "./pids.ts";
import type { Runtime } from "./runtime.ts";

/** What is being downloaded at one moment. */
export interface PullProgress {
  /** Parts of the image that are under way. */
  readonly parts: number;
  readonly receivedBytes: number;
  /** Of the parts that are under way; those still to come are not known. */
  readonly totalBytes: number;
}

/** How to pull an image. */
export interface PullOptions {
  /** Tried one after the other; default: none. */
  readonly logins?: readonly RegistryLogin[];
  readonly signal?: AbortSignal | undefined;
  /** Told some times a second, where the runtime is containerd. */
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly clock?: Clock;
}

/** Often enough for a moving bar, seldom enough to cost nothing. */
const PROGRESS_INTERVAL_MS = 200;

/**
 * Has the runtime download an image; for as long as it takes, until the signal
 * aborts. An image that is there already is looked for in its registry again. A login that the
 * registry refuses is followed by the next one, as the kubelet does.
 *
 * @param name as in a pod: `nginx`, `nginx:1.25`, `registry/path@sha256:…`.
 * @returns what the runtime calls it: for containerd its ID.
 * @throws {PodsteadError} `not-found` where the registry does not have it,
 * `permission` where it wants other credentials, else as `Runtime.call`.
 */
export async function pullImage(
  runtime: Runtime,
  name: string,
  options: PullOptions = {},
): Promise<string> {
  const image = normalizeImageName(name);
  const { logins = [], signal, onProgress, clock = systemClock } = options;
  const done = new AbortController();
  const watching = onProgress === undefined
    ? Promise.resolve()
    : watchProgress(runtime, onProgress, clock, done.signal);
  try {
    for (let at = 0;; at++) {
      const login = logins[at];
      try {
        const { imageRef } = await runtime.call(ImageService.method.pullImage, {
          image: { image },
          ...(login !== undefined && { auth: { ...login.auth } }),
        }, { signal, timeoutMs: 0 });
        return imageRef;
      } catch (thrown) {
        const error = pullError(image, thrown, logins.slice(0, at + 1));
        const isRefused = error instanceof PodsteadError && error.code === "permission";
        if (!isRefused || at + 1 >= logins.length) throw error;
      }
    }
  } finally {
    done.abort();
    await watching;
  }
}

/** Other downloads of the moment, the kubelet's, are in the numbers too: containerd does not tell them apart. */
async function watchProgress(
  runtime: Runtime,
  onProgress: (progress: PullProgress) => void,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  try {
    for (;;) {
      await clock.sleep(PROGRESS_INTERVAL_MS, signal);
      const { statuses } = await runtime.call(Content.method.listStatuses, {}, {
        namespace: CRI_NAMESPACE,
        signal,
      });
      onProgress({
        parts: statuses.length,
        receivedBytes: statuses.reduce((sum, { offset }) => sum + Number(offset), 0),
        totalBytes: statuses.reduce((sum, { total }) => sum + Number(total), 0),
      });
    }
  } catch {
    // The pull has ended, or this runtime does not tell: the pull itself says what went wrong.
  }
}

/** containerd says in one long line which of three things it is. */
function pullError(
  image: string,
  error: unknown,
  tried: readonly RegistryLogin[],
): unknown {
  if (!(error instanceof PodsteadError) || error.code === "runtime-unavailable") return error;
  const text = error.message;
  const cause = error;
  if (/401|403|unauthorized|authorization failed|insufficient_scope|denied/i.test(text)) {
    return refusal(image, cause, tried);
  }
  if (error.code === "not-found" || /not found|manifest unknown/i.test(text)) {
    return new PodsteadError("not-found", `The registry has no image "${image}"`, {
      cause,
      hint: "Check its name and its tag",
    });
  }
  // What matters comes last: "…: dial tcp 127.0.0.1:1: connect: connection refused".
  const reason = /(?:dial tcp|lookup|tls|x509|context|no space)\b.*$/i.exec(text)?.[0] ?? text;
  return new PodsteadError("failed", `Cannot pull "${image}": ${reason}`, {
    cause,
    hint: "Its registry must be reachable from this node; mirrors are set in the runtime's config",
  });
}

/** Which registry refused whom, and where the logins came from. */
function refusal(
  image: string,
  cause: PodsteadError,
  tried: readonly RegistryLogin[],
): PodsteadError {
  const registry = registryOf(image);
  const status = /\b(401|403)\b/.exec(cause.message)?.[1];
  const answer = status === undefined ? "" : ` (${status})`;
  const who = tried.map(({ auth: { username }, from }) =>
    username === undefined ? `the token of ${from}` : `user "${username}" of ${from}`
  );
  return new PodsteadError(
    "permission",
    `The registry "${registry}" refuses to give "${image}" ${
      who.length === 0 ? "without a login" : `to ${who.join(", and to ")}`
    }${answer}`,
    {
      cause,
      hint: tried.length === 0
        ? "Either it does not exist, or it needs a login: give the pod an imagePullSecrets, set " +
          "agent.pull.credentialsFile, or use `podstead pull --credentials FILE`"
        : "Either it does not exist, or this login may not read it: check it with " +
          `\`podman login ${registry}\``,
    },
  );
}
