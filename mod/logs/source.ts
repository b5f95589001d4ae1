import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errorText, PodsteadError } from "../core/mod.ts";

/**
 * The log of one attempt of a container: a live file, and rotated siblings
 * beside it. The kubelet keeps it at
 * `/var/log/pods/<namespace>_<pod>_<uid>/<container>/<attempt>.log`.
 */
export interface LogSource {
  readonly directory: string;
  /** The name of the live file, such as `0.log`. */
  readonly fileName: string;
}

/** One file of a log. */
export interface LogFile {
  readonly path: string;
  /** When it was rotated away, as in its name: `20260210-152601`. Undefined for the live file. */
  readonly rotated: string | undefined;
  /** Whether it is gzip. */
  readonly compressed: boolean;
  readonly sizeBytes: number;
}

/** The log whose live file is at `path` (CRI: `ContainerStatus.log_path`). */
export function logSourceAt(path: string): LogSource {
  return { directory: dirname(path), fileName: basename(path) };
}

/** The log of an attempt (0 is the first) in a container's log directory. */
export function logSourceOf(directory: string, attempt: number): LogSource {
  return { directory, fileName: `${attempt}.log` };
}

/** The path of the live file. */
export function livePath(source: LogSource): string {
  return join(source.directory, source.fileName);
}

/** The attempt that the name of the live file says, or undefined if it is not a number. */
export function attemptOf(source: LogSource): number | undefined {
  const match = /^(\d+)\.log$/.exec(source.fileName);
  return match === null ? undefined : Number(match[1]);
}

/**
 * The attempts of which a container's log directory has anything to read, lowest first;
 * of an old one there may be compressed files only.
 */
export async function listAttempts(directory: string): Promise<number[]> {
  const attempts = new Set<number>();
  for (const name of await readDirectory(directory)) {
    const match = /^(\d+)\.log(?:\.\d{8}-\d{6}(?:\.gz)?)?$/.exec(name);
    if (match !== null) attempts.add(Number(match[1]));
  }
  return [...attempts].sort((left, right) => left - right);
}

/** A rotated sibling. `stem` is its name without `.gz`, which it gets later. */
export interface RotatedName {
  readonly name: string;
  readonly stem: string;
  readonly rotated: string;
  readonly compressed: boolean;
}

/**
 * The rotated siblings of a log, oldest first. While the kubelet compresses a
 * file, both forms of it exist for a moment: the plain one is taken.
 *
 * Source of the names: kubernetes pkg/kubelet/logs/container_log_manager.go.
 */
export async function listRotated(source: LogSource): Promise<RotatedName[]> {
  const byStem = new Map<string, RotatedName>();
  for (const name of await readDirectory(source.directory)) {
    if (!name.startsWith(`${source.fileName}.`)) continue;
    const match = /^(\d{8}-\d{6})(\.gz)?$/.exec(name.slice(source.fileName.length + 1));
    if (match === null) continue;
    const rotated = match[1]!;
    const stem = `${source.fileName}.${rotated}`;
    const compressed = match[2] !== undefined;
    if (compressed && byStem.has(stem)) continue;
    byStem.set(stem, { name, stem, rotated, compressed });
  }
  return [...byStem.values()].sort((left, right) => left.stem < right.stem ? -1 : 1);
}

/**
 * The files of a log in the order of their lines: rotated ones, oldest first,
 * then the live one.
 *
 * @returns an empty list where the log has no file (yet).
 * @throws {PodsteadError} `not-found` without the directory, `permission` where it may not be read.
 */
export async function logFiles(source: LogSource): Promise<LogFile[]> {
  const rotated = await listRotated(source);
  const named = [
    ...rotated.map((file) => ({
      path: join(source.directory, file.name),
      rotated: file.rotated,
      compressed: file.compressed,
    })),
    { path: livePath(source), rotated: undefined, compressed: false },
  ];
  const files: LogFile[] = [];
  for (const file of named) {
    // Gone since it was listed: rotated or removed, and so no part of the answer.
    const stats = await stat(file.path).catch(() => undefined);
    if (stats !== undefined) files.push({ ...file, sizeBytes: stats.size });
  }
  return files;
}

async function readDirectory(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    throw fileError(`Cannot read log directory ${JSON.stringify(directory)}`, error);
  }
}

/** A failed file operation on logs as an error for people. */
export function fileError(action: string, error: unknown): PodsteadError {
  const code = errorCode(error);
  if (code === "ENOENT" || code === "ENOTDIR") {
    return new PodsteadError("not-found", `${action}: it does not exist`, {
      cause: error,
      hint: "The pod may be gone, or has not started yet; see podstead containers -k",
    });
  }
  if (code === "EACCES" || code === "EPERM") {
    return new PodsteadError("permission", `${action}: permission denied`, {
      cause: error,
      hint: "Run it as root, or ask the agent, which is open to members of its admin group",
    });
  }
  return new PodsteadError("failed", `${action}: ${errorText(error)}`, { cause: error });
}

/** The code of a failed file operation, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
