/** Seals files of Secrets, and makes identities. */
import { Buffer } from "node:buffer";
import { chown, open, realpath, stat } from "node:fs/promises";
import { editValue } from "../../../change/mod.ts";
import { parsePodFile } from "../../../config/mod.ts";
import {
  ConfigError,
  errorText,
  getOwn,
  isJsonObject,
  type Path,
  PodsteadError,
  UsageError,
} from "../../../core/mod.ts";
import { writeFileAtomic } from "../../../os/mod.ts";
import { isSealed, type ObjectEntry } from "../../../pods/mod.ts";
import {
  DEFAULT_IDENTITY_FILE,
  makeKeyPair,
  openValue,
  readIdentities,
  recipientsOf,
  sealValue,
} from "../../../secrets/mod.ts";
import type { CliContext } from "../../shell/context.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { readPodFiles } from "./pod_files.ts";

/** How to seal. */
export interface SealOptions {
  /** Empty for those of this node. */
  readonly recipients: readonly string[];
  /** The identity file; undefined for the node's own. */
  readonly identity: string | undefined;
  /** Whether what is sealed already is sealed again. */
  readonly rotate: boolean;
}

/**
 * Makes an identity file.
 *
 * @returns its public key
 * @throws {PodsteadError} if there is one already, or it cannot be written
 */
export async function initIdentity(
  context: CliContext,
  path: string | undefined,
): Promise<string> {
  const file = path ?? (await clientSettings(context)).identityFile ?? DEFAULT_IDENTITY_FILE;
  const { identity, recipient } = await makeKeyPair();
  const created = new Date(context.world.clock.now()).toISOString();
  try {
    const handle = await open(file, "wx", 0o400);
    try {
      await handle.writeFile(`# created: ${created}\n# public key: ${recipient}\n${identity}\n`);
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // of node:fs
    throw new PodsteadError(
      code === "EACCES" ? "permission" : "failed",
      `Cannot make the identity "${file}": ${
        code === "EEXIST" ? "there is one already" : errorText(error)
      }`,
      {
        cause: error,
        hint: code === "EEXIST"
          ? "Values that were sealed for it need it; `podstead seal --show-recipient` prints its public key"
          : "Run it as root, or name another file: --identity FILE",
      },
    );
  }
  context.world.stderr.write(
    `Made ${file}. Keep a copy in a safe place: without it nothing that is sealed for it can be opened.\n`,
  );
  return recipient;
}

/** The public keys of this node. @throws {PodsteadError} if it has no identity that can be read */
export async function nodeRecipients(
  context: CliContext,
  identity: string | undefined,
): Promise<readonly string[]> {
  return await recipientsOf((await identitiesOf(context, identity)).identities);
}

/**
 * Seals files one after the other; one that cannot be sealed as a whole stays as it is.
 *
 * @throws {PodsteadError} at the first file that cannot be sealed
 */
export async function sealFiles(
  context: CliContext,
  paths: readonly string[],
  { recipients, identity, rotate }: SealOptions,
): Promise<void> {
  const { world } = context;
  const identities = rotate ? (await identitiesOf(context, identity)).identities : [];
  const wanted = recipients.length > 0 ? recipients : await ownRecipients(context, identity);
  for await (const file of readPodFiles(paths, (maxBytes) => world.readStdin(maxBytes))) {
    if ("problem" in file) {
      throw new ConfigError(`Cannot seal "${file.path}"`, [file.problem]);
    }
    const { path, text } = file;
    const sealed = await sealText(text, path, wanted, rotate ? identities : undefined);
    if (path === "-") world.stdout.write(sealed.text);
    else if (sealed.text !== text) await replaceFile(path, sealed.text);
    const name = path === "-" ? "standard input" : path;
    world.stderr.write(
      sealed.keys.length === 0
        ? `${name}: there is nothing to seal\n`
        : `${name}: sealed ${sealed.keys.join(", ")}\n`,
    );
  }
}

async function ownRecipients(
  context: CliContext,
  identity: string | undefined,
): Promise<readonly string[]> {
  try {
    return await nodeRecipients(context, identity);
  } catch (error) {
    throw new UsageError(`There is no recipient to seal for: ${errorText(error)}`, {
      cause: error,
      hint: "Give the node's public key with -r; `podstead seal --show-recipient` prints it there",
    });
  }
}

async function identitiesOf(context: CliContext, path: string | undefined) {
  const file = path ?? (await clientSettings(context)).identityFile;
  return await readIdentities({ file });
}

/** @returns the new text, and what was sealed: `password of Secret default/db` */
async function sealText(
  text: string,
  file: string,
  recipients: readonly string[],
  identities: readonly string[] | undefined,
): Promise<{ readonly text: string; readonly keys: readonly string[] }> {
  const parsed = parsePodFile(text, file);
  // What stands next to a Secret, such as a Deployment that "podstead add" takes, does not matter.
  const errors = parsed.problems.filter(({ severity, code }) =>
    severity === "error" && code !== "unknown-kind"
  );
  if (errors.length > 0) throw new ConfigError(`Cannot seal "${file}"`, errors);
  const keys: string[] = [];
  let edited = text;
  for (const { object, field, key, value } of plainValues(parsed.objects)) {
    const place = [...placeOf(object), field, key];
    const subject = `${key} of Secret ${nameOf(object)}`;
    const bytes = Buffer.from(value, field === "data" ? "base64" : "utf8");
    const isDone = isSealed(bytes.toString("base64"));
    if (isDone && identities === undefined) continue;
    const opened = isDone ? await openValue(bytes.toString("utf8"), identities ?? []) : undefined;
    if (opened !== undefined && "fault" in opened) {
      throw new PodsteadError("config", `Cannot open ${subject} in "${file}": ${opened.fault}`, {
        hint: "The file is as it was; --identity FILE names another identity",
      });
    }
    const armored = await sealValue(opened?.value ?? bytes, recipients);
    const written = field === "data" ? Buffer.from(armored).toString("base64") : armored;
    edited = editValue(
      edited,
      file,
      { document: object.entry.source.document, path: place },
      written,
    );
    keys.push(subject);
  }
  return { text: edited, keys };
}

interface SecretValue {
  readonly object: ObjectEntry;
  readonly field: "stringData" | "data";
  readonly key: string;
  readonly value: string;
}

function plainValues(objects: readonly ObjectEntry[]): readonly SecretValue[] {
  return objects.filter(({ kind }) => kind === "Secret").flatMap((object) =>
    (["stringData", "data"] as const).flatMap((field) => {
      const { pod } = object.entry;
      const members = isJsonObject(pod) ? getOwn(pod, field) : undefined;
      if (!isJsonObject(members)) return [];
      return Object.entries(members).flatMap(([key, value]) =>
        typeof value === "string" ? [{ object, field, key, value }] : []
      );
    })
  );
}

function placeOf({ entry: { source } }: ObjectEntry): Path {
  return source.list === undefined ? [] : [source.list, source.index];
}

function nameOf({ entry: { pod } }: ObjectEntry): string {
  const metadata = isJsonObject(pod) ? getOwn(pod, "metadata") : undefined;
  const member = (key: string) => isJsonObject(metadata) ? getOwn(metadata, key) : undefined;
  return `${member("namespace") ?? "default"}/${member("name") ?? "?"}`;
}

/** Writes a file in its place, with its rights; a link stays a link. */
async function replaceFile(path: string, text: string): Promise<void> {
  try {
    const target = await realpath(path);
    const { mode, uid, gid } = await stat(target);
    await writeFileAtomic(target, text, mode & 0o7777);
    await chown(target, uid, gid);
  } catch (error) {
    throw new PodsteadError("failed", `Cannot write "${path}": ${errorText(error)}`, {
      cause: error,
    });
  }
}
