/** Puts something at a path that is no file: what reading must neither wait for nor fail by. */
import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, symlinkSync } from "node:fs";

/** What a path can lead to instead of a file. */
export const ODD_FILES = ["pipe", "directory", "device", "circle"] as const;

/** Makes it, in place of what is there. */
export function putOddFile(path: string, what: typeof ODD_FILES[number]): void {
  rmSync(path, { recursive: true, force: true });
  if (what === "directory") mkdirSync(path, { recursive: true });
  else if (what === "pipe") execFileSync("mkfifo", [path]);
  else symlinkSync(what === "device" ? "/dev/zero" : path, path);
}
