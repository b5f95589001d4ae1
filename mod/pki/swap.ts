/**
 * Replaces files of a PKI all or not at all: everything is made and judged in a
 * new directory, the old files are copied into another, and only then each
 * file is replaced in its place.
 *
 * The directories themselves stay: pods mount them, and a mount follows the
 * directory that it was made from, not one that takes its name.
 */
import { Buffer } from "node:buffer";
import { basename, dirname, join } from "node:path";
import { errorText, PodsteadError } from "../core/mod.ts";
import { checkPki } from "./check.ts";
import type { PkiOptions } from "./options.ts";
import {
  type PkiFile,
  readText,
  type Target,
  targetOf,
  writeError,
  writeFile,
  type WrittenFile,
  writtenFile,
} from "./write_files.ts";

/** What was replaced, and where the files before it are. */
export interface Swapped {
  readonly written: readonly WrittenFile[];
  /** Copies of the replaced files: `pki/…` and `kubeconfig/…` below it. */
  readonly keptDirectory: string;
}

/**
 * Judges new files together with those of the PKI that stay, and swaps them in.
 *
 * @param files those that change; what is under neither of the two directories is refused
 * @param staying paths of files that the judging needs and that do not change
 * @throws {PodsteadError} `failed` or `permission`; nothing is replaced then
 */
export async function swapFiles(
  files: readonly PkiFile[],
  staying: readonly string[],
  options: PkiOptions,
): Promise<Swapped> {
  const target = targetOf(options);
  const [staged, kept] = [besides(options, "new"), besides(options, "before")];
  try {
    await stage(files, staying, staged, options, target);
    await judge(files, staged, options);
  } catch (error) {
    // Where it cannot be made it cannot be removed either: the first error says why.
    await target.fs.remove(staged).catch(() => undefined);
    throw error;
  }
  await target.fs.remove(staged);
  const old = await keep(files, kept, options, target);
  await replaceAll(files, old, kept, target);
  return { written: files.map(writtenFile), keptDirectory: kept };
}

/**
 * Makes the directory that a swap begins with, and removes it.
 *
 * @throws {PodsteadError} `failed` or `permission`, as a swap would
 */
export async function trySwap(options: PkiOptions): Promise<void> {
  const target = targetOf(options);
  const staged = besides(options, "new");
  await makePrivateDirectory(staged, target);
  await target.fs.remove(staged);
}

/** A directory next to that of the PKI. */
function besides({ directory, nowMs }: PkiOptions, purpose: "new" | "before"): string {
  const stamp = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  return join(dirname(directory), `${basename(directory)}-${purpose}-${stamp}`);
}

async function stage(
  files: readonly PkiFile[],
  staying: readonly string[],
  staged: string,
  options: PkiOptions,
  target: Target,
): Promise<void> {
  await makePrivateDirectory(staged, target);
  for (const file of files) {
    await writeOrFail({ ...file, path: placeIn(staged, file.path, options) }, target);
  }
  for (const path of staying) {
    const content = await readText(path, target.fs);
    if (content === undefined) continue;
    await writeOrFail({ path: placeIn(staged, path, options), content, mode: 0o600 }, target);
  }
}

/** @throws if `podstead pki check` would find fault with one of the new files */
async function judge(
  files: readonly PkiFile[],
  staged: string,
  options: PkiOptions,
): Promise<void> {
  const judged = new Set(files.map(({ path }) => placeIn(staged, path, options)));
  const { findings } = await checkPki({
    ...options,
    directory: join(staged, "pki"),
    kubeconfigDirectory: join(staged, "kubeconfig"),
  });
  const bad = findings.filter(({ path, severity, code }) =>
    judged.has(path) && (severity === "held" || code === "name-missing")
  );
  if (bad.length === 0) return;
  throw new PodsteadError(
    "failed",
    `Cannot renew: ${bad.map(({ message }) => message).join("; ")}; nothing was replaced`,
    { hint: "Run podstead pki check for the state of the files in use" },
  );
}

/** The old contents by path, also copied to `kept`. */
async function keep(
  files: readonly PkiFile[],
  kept: string,
  options: PkiOptions,
  target: Target,
): Promise<ReadonlyMap<string, string>> {
  const old = new Map<string, string>();
  // Both, also if one stays empty: the way back names both.
  for (const path of [kept, join(kept, "pki"), join(kept, "kubeconfig")]) {
    await makePrivateDirectory(path, target);
  }
  for (const { path, mode } of files) {
    const content = await readText(path, target.fs);
    if (content === undefined) continue;
    old.set(path, content);
    await writeOrFail({ path: placeIn(kept, path, options), content, mode }, target);
  }
  return old;
}

async function replaceAll(
  files: readonly PkiFile[],
  old: ReadonlyMap<string, string>,
  kept: string,
  target: Target,
): Promise<void> {
  const done: PkiFile[] = [];
  for (const file of files) {
    try {
      await writeFile(file, target);
      done.unshift(file);
    } catch (error) {
      const failed = await putBack(done, old, target);
      if (failed.length === 0) await target.fs.remove(kept).catch(() => undefined); // a spare copy
      const state = failed.length === 0
        ? "What was replaced before it is as it was"
        : `These were replaced and could not be put back: ${
          failed.join(", ")
        }; copies are in ${kept}`;
      throw writeError(file.path, error, state);
    }
  }
}

/** Puts old contents back; what was not there before is removed. @returns what failed */
async function putBack(
  done: readonly PkiFile[],
  old: ReadonlyMap<string, string>,
  { fs, owner }: Target,
): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { path, mode } of done) {
    const content = old.get(path);
    try {
      if (content === undefined) await fs.remove(path);
      else await fs.replace(path, Buffer.from(content), { mode, ...owner });
    } catch (error) {
      failed.push(`"${path}" (${errorText(error)})`);
    }
  }
  return failed;
}

async function makePrivateDirectory(path: string, { fs, owner }: Target): Promise<void> {
  try {
    await fs.makeDirectory(path, { mode: 0o700, ...owner });
  } catch (error) {
    throw writeError(path, error, "Nothing was replaced");
  }
}

async function writeOrFail(file: PkiFile, target: Target): Promise<void> {
  try {
    await writeFile(file, target);
  } catch (error) {
    throw writeError(file.path, error, "Nothing was replaced");
  }
}

/** Where a file of the PKI, or a kubeconfig, is in a directory with both. */
function placeIn(directory: string, path: string, options: PkiOptions): string {
  // Both may be in one directory, as of a PKI that is made on a laptop.
  return path.endsWith(".conf")
    ? join(directory, "kubeconfig", basename(path))
    : join(directory, "pki", path.slice(options.directory.length));
}
