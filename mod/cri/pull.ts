import { Content } from "./gen/containerd_content.ts";
import { ImageService } from "./gen/runtime.ts";
import { type Clock, PodsteadError, systemClock } from "../core/mod.ts";
import { normalizeImageName } from "./image_name.ts";
import { CRI_NAMESPACE } from "./pids.ts";
import type { RegistryAuth } from "./registry_auth.ts";
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
  readonly auth?: RegistryAuth | undefined;
  /** The file that the credentials are from, for messages. */
  readonly authFile?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told some times a second, where the runtime is containerd. */
  readonly onProgress?: ((progress: PullProgress) => void) | undefined;
  readonly clock?: Clock;
}

/** Often enough for a moving bar, seldom enough to cost nothing. */
const PROGRESS_INTERVAL_MS = 200;

/**
 * Has the runtime download an image; for as long as it takes, until the signal
 * aborts. An image that is there already is looked for in its registry again.
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
  const { auth, authFile, signal, onProgress, clock = systemClock } = options;
  const done = new AbortController();
  const watching = onProgress === undefined
    ? Promise.resolve()
    : watchProgress(runtime, onProgress, clock, done.signal);
  try {
    const { imageRef } = await runtime.call(ImageService.method.pullImage, {
      image: { image },
      ...(auth !== undefined && { auth: { ...auth } }),
    }, { signal, timeoutMs: 0 });
    return imageRef;
  } catch (error) {
    throw pullError(image, error, auth, authFile);
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
  auth: RegistryAuth | undefined,
  authFile: string | undefined,
): unknown {
  if (!(error instanceof PodsteadError) || error.code === "runtime-unavailable") return error;
  const text = error.message;
  const cause = error;
  if (/401|403|unauthorized|authorization failed|insufficient_scope|denied/i.test(text)) {
    return refusal(image, cause, auth, authFile);
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

/** Which registry refused whom, and where the login came from. */
function refusal(
  image: string,
  cause: PodsteadError,
  auth: RegistryAuth | undefined,
  authFile: string | undefined,
): PodsteadError {
  const registry = image.slice(0, image.indexOf("/"));
  const status = /\b(401|403)\b/.exec(cause.message)?.[1];
  const answer = status === undefined ? "" : ` (${status})`;
  const from = authFile === undefined ? "" : ` of "${authFile}"`;
  const who = auth === undefined
    ? "without a login"
    : auth.username === undefined
    ? `to the token${from}`
    : `to user "${auth.username}"${from}`;
  return new PodsteadError(
    "permission",
    `The registry "${registry}" refuses to give "${image}" ${who}${answer}`,
    {
      cause,
      hint: auth === undefined
        ? "Either it does not exist, or it needs a login: set agent.pull.credentialsFile, or give " +
          "`podstead pull --credentials FILE`"
        : "Either it does not exist, or this login may not read it: check it with " +
          `\`podman login ${registry}\``,
    },
  );
}
