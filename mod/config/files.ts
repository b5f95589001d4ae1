/** Reading config files so that nothing half written, huge or odd gets through. */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { errorText } from "../core/mod.ts";
import type { Problem } from "../core/mod.ts";
import { decodeText, DEFAULT_LIMITS, tooLarge } from "../yaml/mod.ts";

/** What reading a config needs of a file system. */
export interface ConfigFs {
  readFile(path: string): Promise<Uint8Array>;
  /** Names, without `.` and `..`, in any order. */
  readdir(path: string): Promise<readonly string[]>;
  /** Follows symbolic links. */
  stat(path: string): Promise<FileFacts>;
}

/** What is asked about a file. */
export interface FileFacts {
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly kind: "file" | "directory" | "other";
}

/** The file system of this machine. */
export const nodeFs: ConfigFs = {
  readFile: (path) => readFile(path),
  readdir: (path) => readdir(path),
  stat: async (path) => {
    const facts = await stat(path);
    const kind = facts.isFile() ? "file" : facts.isDirectory() ? "directory" : "other";
    return { sizeBytes: facts.size, mtimeMs: facts.mtimeMs, kind };
  },
};

/** A file that was read, or why not; `gone` where there is no such file. */
export type ReadResult =
  | { readonly ok: true; readonly text: string; readonly sha256: string }
  | {
    readonly ok: false;
    readonly gone: boolean;
    readonly sha256: string | null;
    readonly problem: Problem;
  };

// A file that changes while it is read is mostly complete a moment later: an
// editor writes a config within milliseconds.
const READ_ATTEMPTS = 3;
const RETRY_DELAY_MS = 50;

// Half a config may be a whole one that wants no pods. A file that was written so
// lately is looked at again: whoever writes it in pieces has paused for less.
const REST_MS = 25;

/**
 * Reads a text file. A file whose size or time of change differs before and
 * after reading, or a moment later, is being written: it is read again, and
 * refused when it does not come to rest.
 */
export async function readConfigFile(
  path: string,
  fs: ConfigFs,
  wait: (delayMs: number) => Promise<unknown> = delay,
): Promise<ReadResult> {
  const refuse = (problem: Problem, gone = false, sha256: string | null = null): ReadResult => ({
    ok: false,
    gone,
    sha256,
    problem,
  });
  for (let attempt = 1;; attempt++) {
    try {
      const before = await fs.stat(path);
      if (before.kind !== "file") return refuse(notAFile(path, before.kind));
      if (before.sizeBytes > DEFAULT_LIMITS.maxBytes) {
        return refuse(tooLarge(path, before.sizeBytes, DEFAULT_LIMITS.maxBytes));
      }
      const bytes = await fs.readFile(path);
      const ageMs = Date.now() - before.mtimeMs;
      if (ageMs >= 0 && ageMs < REST_MS) await wait(REST_MS - ageMs);
      const after = await fs.stat(path);
      const atRest = before.mtimeMs === after.mtimeMs && before.sizeBytes === after.sizeBytes &&
        bytes.length === after.sizeBytes;
      if (!atRest) {
        if (attempt >= READ_ATTEMPTS) return refuse(stillChanging(path));
        await wait(RETRY_DELAY_MS);
        continue;
      }
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const decoded = decodeText(bytes, path);
      if (!decoded.ok) return refuse(decoded.problem, false, sha256);
      return { ok: true, text: decoded.text, sha256 };
    } catch (error) {
      return refuse(unreadable(path, error), errorCode(error) === "ENOENT");
    }
  }
}

/** The `code` of a system error, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}

/** The problem of a file or directory that the system does not let us read. */
export function unreadable(path: string, error: unknown): Problem {
  const code = errorCode(error);
  const [message, hint] = {
    ENOENT: [
      "There is no such file",
      "Check the name; another config is named with --config FILE or PODSTEAD_CONFIG",
    ],
    ENOTDIR: ["A part of its path is no directory", "Check the path"],
    EACCES: ["It cannot be read: permission denied", "Run as root, or allow this user to read it"],
    EPERM: ["It cannot be read: permission denied", "Run as root, or allow this user to read it"],
    ELOOP: ["Its symbolic links lead in a circle", "Check them with readlink"],
  }[code ?? ""] ?? [`It cannot be read: ${errorText(error)}`, undefined];
  return fileProblem("unreadable-file", path, message!, hint);
}

function notAFile(path: string, kind: "directory" | "other"): Problem {
  return kind === "directory"
    ? fileProblem(
      "not-a-file",
      path,
      "It is a directory, not a file",
      `Name a file in it, such as ${path.replace(/\/+$/, "")}/config.yaml`,
    )
    : fileProblem("not-a-file", path, "It is a device, pipe or socket, not a file", undefined);
}

function stillChanging(path: string): Problem {
  return fileProblem(
    "file-changing",
    path,
    "It is being written: it changed each time while it was read",
    "Reload when it is complete; write it under another name and rename it, so that it is never half there",
  );
}

function fileProblem(
  code: string,
  file: string,
  message: string,
  hint: string | undefined,
): Problem {
  return {
    severity: "error",
    code,
    file,
    path: [],
    message,
    ...(hint === undefined ? {} : { hint }),
  };
}
