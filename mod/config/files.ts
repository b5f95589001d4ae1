/** Reading config files so that nothing half written, huge, odd or hanging gets through. */
import { createHash } from "node:crypto";
import { lstat, readdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { type Clock, errorText, systemClock } from "../core/mod.ts";
import type { Problem } from "../core/mod.ts";
import {
  factsOf,
  type FileFacts,
  FileRefused,
  isSameContent,
  PatientFs,
  readRegularFile,
  type RegularFile,
} from "../os/mod.ts";
import { decodeText, DEFAULT_LIMITS, tooLarge } from "../yaml/mod.ts";

/** What reading a config needs of a file system. */
export interface ConfigFs {
  /**
   * @throws {FileRefused} for anything but a regular file, and for one over `maxBytes`
   */
  readFile(path: string, maxBytes: number): Promise<RegularFile>;
  /** Names, without `.` and `..`, in any order. */
  readdir(path: string): Promise<readonly string[]>;
  /** Follows symbolic links. */
  stat(path: string): Promise<FileFacts>;
  /** Whether there is anything under this name, also a link that leads nowhere. */
  isThere(path: string): Promise<boolean>;
}

/** The file system of this machine, each call bounded in time. */
export function patientFs(patient = new PatientFs()): ConfigFs {
  const inDirectoryOf = <T>(path: string, call: () => Promise<T>) =>
    patient.ask(dirname(path), call);
  return {
    readFile: (path, maxBytes) => inDirectoryOf(path, () => readRegularFile(path, maxBytes)),
    readdir: (path) => patient.ask(path, () => readdir(path)),
    stat: (path) => inDirectoryOf(path, async () => factsOf(await stat(path))),
    isThere: (path) =>
      inDirectoryOf(path, () =>
        lstat(path).then(() => true, (error) => {
          if (errorCode(error) === "ENOENT" || errorCode(error) === "ENOTDIR") return false;
          throw error;
        })),
  };
}

/** A file that was read, or why not; `gone` if there is no such file. */
export type ReadResult =
  | {
    readonly ok: true;
    readonly text: string;
    readonly sha256: string;
    readonly facts: FileFacts;
  }
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

/**
 * Reads a text file. A file whose size or times differ before and after reading is
 * being written: it is read again, and refused when it does not come to rest.
 */
export async function readConfigFile(
  path: string,
  fs: ConfigFs = patientFs(),
  clock: Pick<Clock, "sleep"> = systemClock,
): Promise<ReadResult> {
  const refuse = (problem: Problem, gone = false, sha256: string | null = null): ReadResult => ({
    ok: false,
    gone,
    sha256,
    problem,
  });
  for (let attempt = 1;; attempt++) {
    try {
      const { bytes, before, after } = await fs.readFile(path, DEFAULT_LIMITS.maxBytes);
      if (!isSameContent(before, after) || bytes.length !== after.sizeBytes) {
        if (attempt >= READ_ATTEMPTS) return refuse(stillChanging(path));
        await clock.sleep(RETRY_DELAY_MS);
        continue;
      }
      const sha256 = createHash("sha256").update(bytes).digest("hex");
      const decoded = decodeText(bytes, path);
      if (!decoded.ok) return refuse(decoded.problem, false, sha256);
      return { ok: true, text: decoded.text, sha256, facts: after };
    } catch (error) {
      if (error instanceof FileRefused) return refuse(refused(path, error));
      return refuse(unreadable(path, error), errorCode(error) === "ENOENT");
    }
  }
}

function refused(path: string, { why, facts }: FileRefused): Problem {
  if (why === "size") return tooLarge(path, facts.sizeBytes, DEFAULT_LIMITS.maxBytes);
  return notAFile(path, facts.kind === "directory" ? "directory" : "other");
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
    ETIMEDOUT: [
      `It cannot be read: ${errorText(error)}`,
      "Check the mount that it is on, and that its server answers",
    ],
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
