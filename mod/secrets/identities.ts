/** Where a node has the identities that open its sealed values. */
import { join } from "node:path";
import { errorText, PodsteadError } from "../core/mod.ts";
import { ownIds, readRegularFile } from "../os/mod.ts";

/** Where `podstead seal --init` writes it, and where it is looked for last. */
export const DEFAULT_IDENTITY_FILE = "/etc/podstead/identity";

/** The name of the credential of the service (`LoadCredentialEncrypted=podstead-identity:…`). */
export const IDENTITY_CREDENTIAL = "podstead-identity";

/** An identity file has one line for each; this is some hundred. */
const MAX_BYTES = 64 * 1024;

const ANY_OTHERS = 0o077;

/** Where to look. */
export interface IdentityPlaces {
  /** `agent.identityFile`; null if it is not set. */
  readonly file: string | null;
  /** `$CREDENTIALS_DIRECTORY` of a service that systemd gave credentials. */
  readonly credentialsDirectory?: string | undefined;
  /** Default: `DEFAULT_IDENTITY_FILE`. */
  readonly defaultFile?: string;
}

/** The identities of the first place that has any. */
export interface FoundIdentities {
  readonly file: string;
  readonly identities: readonly string[];
}

/**
 * Reads the identities: of `file` if it is set, else of the service's credential, else of the
 * default file. A file that others than its owner may read is refused.
 *
 * @throws {PodsteadError} `config` or `permission` if there are none that can be used
 */
export async function readIdentities(places: IdentityPlaces): Promise<FoundIdentities> {
  const { file, credentialsDirectory, defaultFile = DEFAULT_IDENTITY_FILE } = places;
  if (file !== null) return await readOne(file, true);
  if (credentialsDirectory !== undefined && credentialsDirectory !== "") {
    const path = join(credentialsDirectory, IDENTITY_CREDENTIAL);
    const found = await readOne(path, false).catch((error) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (found !== undefined) return found;
  }
  return await readOne(defaultFile, true);
}

async function readOne(path: string, isPlainFile: boolean): Promise<FoundIdentities> {
  const refuse = (why: string, hint: string, cause?: unknown) =>
    new PodsteadError(
      why.startsWith("permission") ? "permission" : "config",
      `The identity "${path}" cannot be used: ${why}`,
      { hint, cause },
    );
  let text: string;
  try {
    const { bytes, after: { mode, uid } } = await readRegularFile(path, MAX_BYTES);
    if (isPlainFile && ((mode & ANY_OTHERS) !== 0 || uid !== 0 && uid !== ownIds().uid)) {
      throw refuse(
        "others than root may read or write it",
        `chown root ${path}; chmod 0400 ${path}`,
      );
    }
    text = new TextDecoder().decode(bytes);
  } catch (error) {
    if (error instanceof PodsteadError) throw error;
    const { code } = error as NodeJS.ErrnoException; // of node:fs
    const why = code === "ENOENT"
      ? "there is no such file"
      : code === "EACCES"
      ? "permission denied"
      : errorText(error);
    throw refuse(why, "Make one with `podstead seal --init`, or set agent.identityFile", error);
  }
  const identities = text.split(/\r?\n/).map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (identities.length === 0 || !identities.every((one) => one.startsWith("AGE-SECRET-KEY-"))) {
    throw refuse(
      identities.length === 0 ? "it is empty" : "a line of it is not an age identity",
      "Each line begins with AGE-SECRET-KEY- or #; make one with `podstead seal --init`",
    );
  }
  return { file: path, identities };
}

function isMissing(error: unknown): boolean {
  return error instanceof PodsteadError &&
    (error.cause as NodeJS.ErrnoException | undefined)?.code === "ENOENT"; // set above
}
