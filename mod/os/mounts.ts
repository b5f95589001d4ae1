/** Which paths are on file systems that may never answer: those of a server, or of a program. */
import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/**
 * The kernel's own file systems, on this machine's disks or in its memory. All others, such
 * as nfs, cifs, ceph, 9p and fuse, have a peer that may be gone.
 */
const OWN_TYPES: ReadonlySet<string> = new Set([
  ...["ext2", "ext3", "ext4", "xfs", "btrfs", "f2fs", "jfs", "zfs", "bcachefs", "overlay"],
  ...["squashfs", "erofs", "vfat", "exfat", "ntfs3", "iso9660", "udf", "tmpfs", "ramfs", "rootfs"],
  ...["proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "mqueue", "bpf", "debugfs"],
  ...["tracefs", "securityfs", "configfs", "pstore", "efivarfs", "hugetlbfs", "binfmt_misc"],
  ...["fusectl", "nsfs", "selinuxfs"],
]);

/** For how long the list of mounts is believed, in milliseconds. */
const FRESH_MS = 500;

/** More links in one path than the kernel follows. */
const MAX_LINKS = 40;

/** Knows the mounts of this process; never touches a file system that may hang. */
export class Mounts {
  readonly #monotonicMs: () => number;
  readonly #readTable: () => string;
  #readMs = Number.NEGATIVE_INFINITY;
  /** Mount points, each with a slash at its end. */
  #doubtful: readonly string[] = [];
  #own: readonly string[] = [];

  /** @param readTable the text of `/proc/self/mountinfo` */
  constructor(
    monotonicMs = () => performance.now(),
    readTable = () => readFileSync("/proc/self/mountinfo", "utf8"),
  ) {
    this.#monotonicMs = monotonicMs;
    this.#readTable = readTable;
  }

  /** Whether reading a path may take forever: a part of it is on such a file system. */
  mayHang(path: string): boolean {
    this.#refresh();
    if (this.#doubtful.length === 0) return false;
    let left = path.split("/").filter((name) => name !== "");
    let at = "/";
    for (let links = 0; left.length > 0;) {
      const [name = "", ...rest] = left;
      const next = join(at, name);
      if (this.#isDoubtful(next)) return true;
      const target = linkTarget(next);
      left = rest;
      if (target === undefined) at = next;
      else {
        links += 1;
        if (links > MAX_LINKS) return false; // reading it says so
        left = [...target.split("/").filter((part) => part !== ""), ...rest];
        if (target.startsWith("/")) at = "/";
      }
    }
    return false;
  }

  #isDoubtful(path: string): boolean {
    const inside = `${path}/`;
    const longest = (points: readonly string[]) =>
      points.reduce(
        (most, point) => inside.startsWith(point) ? Math.max(most, point.length) : most,
        0,
      );
    return longest(this.#doubtful) > longest(this.#own);
  }

  #refresh(): void {
    const nowMs = this.#monotonicMs();
    if (nowMs - this.#readMs < FRESH_MS) return;
    this.#readMs = nowMs;
    const mounts = parseMounts(this.#table());
    const points = (isOwn: boolean) =>
      mounts.filter(({ type }) => OWN_TYPES.has(type) === isOwn)
        .map(({ point }) => point === "/" ? "/" : `${point}/`);
    this.#doubtful = points(false);
    // Only where there is a doubt does it matter what is mounted over it.
    this.#own = this.#doubtful.length === 0 ? [] : points(true);
  }

  #table(): string {
    try {
      return this.#readTable();
    } catch {
      return ""; // another system, or no /proc: then nothing can be told
    }
  }
}

interface Mount {
  readonly point: string;
  readonly type: string;
}

/** Source of the format: proc_pid_mountinfo(5). */
function parseMounts(table: string): readonly Mount[] {
  return table.split("\n").flatMap((line) => {
    const [before = "", after] = line.split(" - ");
    const point = before.split(" ")[4];
    const type = after?.split(" ")[0];
    if (point === undefined || type === undefined) return [];
    return [{ point: plainPath(point), type }];
  });
}

/** A blank in a path is written as `\040`. */
function plainPath(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(parseInt(digits, 8)));
}

/** Where a symbolic link leads; undefined for what is none. */
function linkTarget(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
