/** Reading config files so that nothing half written, huge, odd or hanging gets through. */
import { type Clock, errorText, systemClock } from "../core/mod.ts";
import type { Problem } from "../core/mod.ts";
import {
  BoundedFiles,
  type FileFacts,
  FileRefused,
  type Files,
  isSameContent,
  WorkTimeout,
} from "../os/mod.ts";
import {
  DEFAULT_LIMITS,
  type ReadItems,
  type ScannedYaml,
  scanSimpleYaml,
  tooLarge,
} from "../yaml/mod.ts";
import {
  type DecodedFile,
  decodeFile,
  scanByHelper,
  scanHere,
  type ScannedFile,
  scanText,
} from "./scan_file.ts";

/** What reading a config needs of a file system. */
export interface ConfigFs extends Files {
  /**
   * Reads a file as YAML without keeping the event loop busy; absent if files are small.
   *
   * @throws as `readFile` does, and {@linkcode WorkTimeout} for one that takes too long
   */
  scan?(path: string, maxBytes: number): Promise<ScannedFile>;
}

/** The file system of this machine, each call bounded in time. */
export function patientFs(files = new BoundedFiles()): ConfigFs {
  return {
    readFile: (path, maxBytes) => files.readFile(path, maxBytes),
    readdir: (path) => files.readdir(path),
    stat: (path) => files.stat(path),
    isThere: (path) => files.isThere(path),
    scan: (path, maxBytes) => scanByHelper(files, path, maxBytes),
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
  const read = await readAtRest(
    path,
    clock,
    async () => decodeFile(await fs.readFile(path, DEFAULT_LIMITS.maxBytes), path),
  );
  if (!read.ok) return read;
  const { text, sha256, after } = read;
  return { ok: true, text, sha256, facts: after };
}

/** A file that was read as YAML, or why not; `gone` if there is no such file. */
export type ScanResult =
  | {
    readonly ok: true;
    readonly yaml: ScannedYaml;
    readonly sha256: string;
    readonly facts: FileFacts;
  }
  | Extract<ReadResult, { readonly ok: false }>;

/** Up to this size a text of plain YAML or JSON is read within a few milliseconds, in bytes. */
const QUICK_BYTES = 256 * 1024;

/** The same for any other text: finding out what is wrong with it takes far longer. */
const QUICK_ODD_BYTES = 8 * 1024;

/**
 * Reads a file as YAML, a large one off the event loop.
 *
 * @param sizeBytes as far as it is known
 * @param items those of the file as it was read before
 */
export async function scanConfigFile(
  path: string,
  sizeBytes: number | undefined,
  fs: ConfigFs,
  clock: Pick<Clock, "sleep">,
  items?: ReadItems,
): Promise<ScanResult> {
  const maxBytes = DEFAULT_LIMITS.maxBytes;
  const aside = async () =>
    fs.scan === undefined ? await scanHere(fs, path, maxBytes) : await fs.scan(path, maxBytes);
  const read = await readAtRest<ScannedFile>(path, clock, async () => {
    if (sizeBytes !== undefined && sizeBytes > QUICK_BYTES && sizeBytes <= maxBytes) {
      return await aside();
    }
    const file = decodeFile(await fs.readFile(path, maxBytes), path);
    if (!("text" in file) || file.text.length <= QUICK_ODD_BYTES) return scanText(file, path);
    const yaml = file.text.length <= QUICK_BYTES
      ? scanSimpleYaml(file.text, path, items)
      : undefined;
    return yaml === undefined ? await aside() : { ...file, yaml };
  });
  if (!read.ok) return read;
  const { yaml, sha256, after } = read;
  return { ok: true, yaml, sha256, facts: after };
}

/** Reads a file until it is the same before and after. */
async function readAtRest<
  T extends Pick<DecodedFile, "before" | "after" | "sha256"> & {
    readonly problem?: Problem;
    readonly sizeBytes: number;
  },
>(
  path: string,
  clock: Pick<Clock, "sleep">,
  read: () => Promise<T>,
): Promise<
  | Extract<ReadResult, { readonly ok: false }>
  | { readonly ok: true } & Exclude<T, { readonly problem: Problem }>
> {
  const refuse = (problem: Problem, gone = false, sha256: string | null = null) => ({
    ok: false as const,
    gone,
    sha256,
    problem,
  });
  for (let attempt = 1;; attempt++) {
    try {
      const file = await read();
      if (!isSameContent(file.before, file.after) || file.sizeBytes !== file.after.sizeBytes) {
        if (attempt >= READ_ATTEMPTS) return refuse(stillChanging(path));
        await clock.sleep(RETRY_DELAY_MS);
        continue;
      }
      if (file.problem !== undefined) return refuse(file.problem, false, file.sha256);
      // Without a problem it has what was read.
      return { ok: true, ...file as Exclude<T, { readonly problem: Problem }> };
    } catch (error) {
      if (error instanceof FileRefused) return refuse(refused(path, error));
      if (error instanceof WorkTimeout) return refuse(tooSlow(path, error));
      return refuse(unreadable(path, error), errorCode(error) === "ENOENT");
    }
  }
}

function tooSlow(path: string, error: WorkTimeout): Problem {
  return fileProblem(
    "file-too-slow",
    path,
    `It cannot be read: ${errorText(error)}`,
    "Split it into several files; a smaller one with the same mistake would say what is wrong",
  );
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
    EMFILE: [
      "It cannot be read: podstead has too many files open",
      "Reload once more; if it stays, raise LimitNOFILE of podstead.service",
    ],
    ENFILE: [
      "It cannot be read: this machine has too many files open",
      "Find what has them with lsof, or raise fs.file-max; then reload once more",
    ],
    EIO: [
      "It cannot be read: the disk reports an error (EIO)",
      "See the kernel's messages with dmesg",
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
