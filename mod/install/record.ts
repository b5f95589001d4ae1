import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { errorText, PodsteadError } from "../core/mod.ts";
import { LAYOUT } from "./layout.ts";

const RECORD = v.object({
  version: v.literal(1),
  /** Files that were made, with the content they were given. */
  files: v.array(v.object({
    path: v.string(),
    sha256: v.string(),
    policy: v.picklist(["own", "seed"]),
  })),
  /** Directories that were made, a parent before what is in it. */
  directories: v.array(v.string()),
  /** The group that was made, if any: as versions wrote it that made only one. */
  group: v.optional(v.string()),
  /** The groups that were made. */
  groups: v.optional(v.array(v.string()), []),
  /** Whether the service was enabled. */
  enabled: v.boolean(),
});

/** What `install` made on a node: what `uninstall` may take back. */
export type InstallRecord = Omit<v.InferOutput<typeof RECORD>, "group">;

/** The record of a node on which nothing was made. */
export const EMPTY_RECORD: InstallRecord = {
  version: 1,
  files: [],
  directories: [],
  groups: [],
  enabled: false,
};

/**
 * Reads the record of the node below `root`; undefined if there is none.
 *
 * @throws {PodsteadError} if it cannot be understood: guessing could remove
 * what others made
 */
export async function readRecord(root: string): Promise<InstallRecord | undefined> {
  const path = join(root, LAYOUT.record);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined; // node:fs throws these
    throw new PodsteadError("permission", `Cannot read ${path}: ${errorText(error)}`, {
      cause: error,
      hint: "Run it as root",
    });
  }
  try {
    const { group, groups, ...record } = v.parse(RECORD, JSON.parse(text));
    return { ...record, groups: group === undefined ? groups : [group, ...groups] };
  } catch (error) {
    throw new PodsteadError("failed", `Cannot understand ${path}: ${errorText(error)}`, {
      cause: error,
      hint: "It was written by another version of podstead; use that one to uninstall",
    });
  }
}
