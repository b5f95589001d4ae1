import { readFile } from "node:fs/promises";
import { errorText, PodsteadError } from "../core/mod.ts";
import { normalizeImageName } from "./image_name.ts";

/** What a registry is shown; absent parts are not sent. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

/**
 * The credentials for an image in a Docker configuration file, the format of
 * `docker login` and of Kubernetes' `.dockerconfigjson`; undefined where it has
 * none for the image's registry.
 *
 * Of several entries that fit, the one with the longest path wins
 * (kubernetes pkg/credentialprovider/keyring.go).
 *
 * @param text the content of the file; `file` its name, for messages.
 * @throws {PodsteadError} `config` where the text is not such a file, or where
 * a credential helper would have to be run for this registry.
 */
export function registryAuth(
  text: string,
  imageName: string,
  file: string,
): RegistryAuth | undefined {
  const refuse = (why: string, hint: string) =>
    new PodsteadError("config", `Cannot use the registry credentials "${file}": ${why}`, { hint });
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    throw refuse("it is not JSON", "`docker login` and `podman login` write such a file");
  }
  const image = normalizeImageName(imageName);
  const registry = image.slice(0, image.indexOf("/"));
  const auths = member(config, "auths");
  if (typeof member(member(config, "credHelpers"), registry) === "string") {
    throw refuse(
      `it names a credential helper for "${registry}", which is not run`,
      'Give the credentials themselves under "auths"',
    );
  }
  if (typeof auths !== "object" || auths === null) {
    throw refuse('it has no "auths"', "`docker login` and `podman login` write such a file");
  }
  const fitting = Object.entries(auths)
    .map(([key, entry]) => ({ prefix: entryPrefix(key), entry }))
    .filter(({ prefix }) => image === prefix || image.startsWith(`${prefix}/`))
    .sort((left, right) => right.prefix.length - left.prefix.length);
  const entry = fitting[0]?.entry;
  if (entry === undefined) return undefined;
  const identityToken = textOf(entry, "identitytoken");
  const [username, password] = userAndPassword(entry) ?? [];
  if (username === undefined && identityToken === undefined) {
    throw refuse(
      `its entry for "${registry}" is empty`,
      'It needs "auth", or both "username" and "password"',
    );
  }
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(identityToken !== undefined && { identityToken }),
  };
}

/** `https://index.docker.io/v1/` is how Docker Hub is written there for historical reasons. */
function entryPrefix(key: string): string {
  const bare = key.replace(/^https?:\/\//, "").replace(/\/+$/, "").replace(/\/v[12]$/, "");
  return /^(index|registry-1)\.docker\.io$/.test(bare) ? "docker.io" : bare;
}

function userAndPassword(entry: unknown): readonly [string, string] | undefined {
  const encoded = textOf(entry, "auth");
  if (encoded !== undefined && encoded !== "") {
    const decoded = decodeBase64(encoded);
    const colon = decoded.indexOf(":");
    if (colon > 0) return [decoded.slice(0, colon), decoded.slice(colon + 1)];
  }
  const username = textOf(entry, "username");
  const password = textOf(entry, "password");
  return username === undefined || password === undefined ? undefined : [username, password];
}

function decodeBase64(text: string): string {
  try {
    const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return ""; // not base64: the entry counts as empty
  }
}

function member(value: unknown, key: string): unknown {
  // Any object may be asked for any of its own keys.
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function textOf(value: unknown, key: string): string | undefined {
  const text = member(value, key);
  return typeof text === "string" ? text : undefined;
}

/**
 * Where the kubelet looks for logins first (kubernetes pkg/credentialprovider/config.go:
 * its root directory).
 */
export const KUBELET_LOGINS = "/var/lib/kubelet/config.json";

/** A login for a registry. */
export interface RegistryLogin {
  readonly auth: RegistryAuth;
  /** The file that it was found in. */
  readonly file: string;
}

/**
 * The login for an image: of `credentialsFile`, which must be readable if it is named,
 * else of the kubelet's file, which may be absent or of no use.
 *
 * @throws {PodsteadError} `config` for a `credentialsFile` that cannot be read or used
 */
export async function findLogin(
  image: string,
  credentialsFile: string | null,
  kubeletFile: string = KUBELET_LOGINS,
): Promise<RegistryLogin | undefined> {
  if (credentialsFile !== null) {
    const auth = registryAuth(await readNamed(credentialsFile), image, credentialsFile);
    if (auth !== undefined) return { auth, file: credentialsFile };
  }
  try {
    const auth = registryAuth(await readFile(kubeletFile, "utf8"), image, kubeletFile);
    return auth && { auth, file: kubeletFile };
  } catch {
    return undefined; // not there, not ours to read, or nothing that we can use
  }
}

async function readNamed(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new PodsteadError(
      "config",
      `Cannot read the registry credentials "${file}": ${errorText(error)}`,
      { cause: error, hint: "See agent.pull.credentialsFile" },
    );
  }
}
