/** The logins in a Docker configuration, the format of `docker login` and `.dockerconfigjson`. */
import { Buffer } from "node:buffer";
import {
  getOwn,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  PodsteadError,
} from "../core/mod.ts";
import { registryOf, repositoryOf } from "./image_name.ts";
import { matchesImage, patternOf } from "./pattern.ts";

/** What a registry is shown; absent parts are not sent. */
export interface RegistryAuth {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

/** A login for a registry. */
export interface RegistryLogin {
  readonly auth: RegistryAuth;
  /** Which images it is for. */
  readonly pattern: string;
  /** Where it was found, for messages: `"/etc/podstead/registry.json"`, `Secret default/regcred`. */
  readonly from: string;
}

const LOGIN_HINT = "`docker login` and `podman login` write such a file";

/**
 * The logins of a Docker configuration for an image, in the order in which the kubelet tries them:
 * the longer of two paths first. Empty if it has none for the image's registry.
 *
 * Besides `{"auths": …}` the older form is read, which is the content of "auths" alone
 * (`.dockercfg`).
 *
 * @param text never quoted in messages
 * @param from where it was found, for messages
 * @throws {PodsteadError} `config` if the text is not such a configuration, if its only entry for
 * the image is empty, or if a credential helper would have to be run for this registry
 */
export function loginsIn(text: string, imageName: string, from: string): readonly RegistryLogin[] {
  const config = readConfig(text, from);
  const registry = registryOf(imageName);
  if (typeof getOwn(objectOf(getOwn(config, "credHelpers")), registry) === "string") {
    throw refusal(
      from,
      `it names a credential helper for "${registry}", which is not run`,
      'Give the credentials themselves under "auths"',
    );
  }
  const image = repositoryOf(imageName);
  const entries = Object.entries(authsOf(config, from))
    .map(([key, entry]) => ({ pattern: patternOf(key), auth: authOf(entry) }))
    .filter(({ pattern }) => matchesImage(pattern, image))
    // As the kubelet sorts its index.
    .sort((left, right) =>
      left.pattern < right.pattern ? 1 : left.pattern > right.pattern ? -1 : 0
    );
  const logins = entries.flatMap(({ pattern, auth }) =>
    auth === undefined ? [] : { pattern, auth, from }
  );
  if (logins.length === 0 && entries.length > 0) {
    throw refusal(
      from,
      `its entry for "${registry}" is empty`,
      'It needs "auth", or both "username" and "password"',
    );
  }
  return logins;
}

/** The patterns of all entries that have a login. @throws {PodsteadError} as `loginsIn` */
export function patternsIn(text: string, from: string): readonly string[] {
  return Object.entries(authsOf(readConfig(text, from), from))
    .filter(([, entry]) => authOf(entry) !== undefined)
    .map(([key]) => patternOf(key));
}

function readConfig(text: string, from: string): JsonObject {
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    throw refusal(from, "it is not JSON", LOGIN_HINT);
  }
  return objectOf(config as JsonValue); // JSON.parse gives nothing else
}

function authsOf(config: JsonObject, from: string): JsonObject {
  const auths = getOwn(config, "auths");
  if (isJsonObject(auths)) return auths;
  const entries = Object.values(config);
  const isOlderForm = auths === undefined && entries.length > 0 &&
    entries.every((entry) => isJsonObject(entry) && authOf(entry) !== undefined);
  if (!isOlderForm) throw refusal(from, 'it has no "auths"', LOGIN_HINT);
  return config;
}

function authOf(entry: JsonValue): RegistryAuth | undefined {
  const members = objectOf(entry);
  const identityToken = textOf(members, "identitytoken");
  const [username, password] = userAndPassword(members) ?? [];
  if (username === undefined && identityToken === undefined) return undefined;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(identityToken !== undefined && { identityToken }),
  };
}

function userAndPassword(entry: JsonObject): readonly [string, string] | undefined {
  const encoded = textOf(entry, "auth");
  if (encoded !== undefined && encoded !== "") {
    const decoded = Buffer.from(encoded.trim(), "base64").toString("utf8");
    const colon = decoded.indexOf(":");
    if (colon > 0 && /^[A-Za-z0-9+/_-]+=*$/.test(encoded.trim())) {
      return [decoded.slice(0, colon), decoded.slice(colon + 1)];
    }
  }
  const [username, password] = [textOf(entry, "username"), textOf(entry, "password")];
  return username === undefined || password === undefined ? undefined : [username, password];
}

function refusal(from: string, why: string, hint: string): PodsteadError {
  return new PodsteadError("config", `Cannot use the registry credentials of ${from}: ${why}`, {
    hint,
  });
}

function objectOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function textOf(value: JsonObject, key: string): string | undefined {
  const text = getOwn(value, key);
  return typeof text === "string" ? text : undefined;
}
