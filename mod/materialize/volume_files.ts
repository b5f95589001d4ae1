/** The files of one volume, as data. */
export interface VolumeFiles {
  /** The volume's name in its pod. */
  readonly volume: string;
  /** Absolute: what the pod mounts. */
  readonly directory: string;
  /** The group that files, links and directories get; absent for podstead's own. */
  readonly gid?: number;
  /** Whether the directory has the sticky bit, as those have that the kubelet keeps in memory. */
  readonly sticky?: true;
  /** Directories in it, relative to it, at which the pod mounts other volumes. */
  readonly mountPoints?: readonly string[];
  /** Sorted by path; empty for a volume of optional objects that are not there. */
  readonly files: readonly VolumeFile[];
}

/** One file of a volume. */
export interface VolumeFile {
  /** Relative to the volume; no part of it begins with "..". */
  readonly path: string;
  /** Its content in base64. */
  readonly data: string;
  /** Whether `data` is sealed: it is opened when it is written. */
  readonly sealed?: true;
  /** Permission bits, such as 0o644. */
  readonly mode: number;
}

/** The longest path, and the longest part of one, in bytes (kubelet: atomic_writer.go). */
const MAX_PATH_BYTES = 4096;
const MAX_PART_BYTES = 255;

/**
 * The path of a file in a volume, without empty parts and `.`.
 *
 * Source: kubernetes pkg/volume/util/atomic_writer.go, `validatePath` and `validatePayload`.
 */
export function cleanPath(path: string): { readonly path: string } | { readonly fault: string } {
  const fault = pathFault(path);
  if (fault !== undefined) return { fault };
  const clean = path.split("/").filter((part) => part !== "" && part !== ".").join("/");
  return clean === "" ? { fault: "must name a file" } : { path: clean };
}

function pathFault(path: string): string | undefined {
  const size = (text: string) => new TextEncoder().encode(text).byteLength;
  if (path === "") return "must not be empty";
  if (path.startsWith("/")) return "must be a relative path";
  if (path.includes("\0")) return "must not contain a NUL";
  if (size(path) > MAX_PATH_BYTES) return `must have at most ${MAX_PATH_BYTES} bytes`;
  const parts = path.split("/");
  if (parts.some((part) => part === "..")) return "must not contain '..'";
  if (parts[0]?.startsWith("..")) return "must not start with '..'";
  if (parts.some((part) => size(part) > MAX_PART_BYTES)) {
    return `each part must have at most ${MAX_PART_BYTES} bytes`;
  }
  return undefined;
}
