import { execFileSync } from "node:child_process";
import process from "node:process";

/** Something that a test has mounted. */
export interface Mounted {
  /** `ro` or `rw`. */
  remount(mode: "ro" | "rw"): void;
  unmount(): void;
}

/** Mounts a file system in memory, or another directory. @throws if that is not allowed here */
export function mount(
  path: string,
  what: { readonly size: string } | { readonly bind: string },
): Mounted {
  execFileSync(
    "mount",
    "size" in what
      ? ["-t", "tmpfs", "-o", `size=${what.size}`, "podstead-test", path]
      : ["--bind", what.bind, path],
    { stdio: "pipe" },
  );
  return {
    remount: (mode) => execFileSync("mount", ["-o", `remount,${mode}`, path]),
    unmount: () => execFileSync("umount", ["-l", path]),
  };
}

/** Why a test that mounts is skipped; false for root. */
export const UNLESS_MOUNT: false | string = process.getuid?.() === 0
  ? false
  : "only root can mount";
