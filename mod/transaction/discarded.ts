/** What a trial tried and took back: a person may have written it by hand. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { FileEdit } from "../change/mod.ts";
import { writeFileAtomic } from "../os/mod.ts";

/** How many trials that were taken back are kept. */
const KEPT = 20;

/**
 * Keeps the texts that are about to be replaced, below `discarded/AT` of the state
 * directory, readable by its owner alone.
 *
 * @param at ISO 8601
 * @throws the file system's error
 */
export async function keepDiscarded(
  stateDir: string,
  edits: readonly FileEdit[],
  at: string,
): Promise<void> {
  const lost = edits.filter(({ before }) => before !== undefined);
  if (lost.length === 0) return;
  const all = join(stateDir, "discarded");
  const directory = join(all, at.replaceAll(":", "-"));
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const name of (await readdir(all)).sort().slice(0, -KEPT)) {
    await rm(join(all, name), { recursive: true });
  }
  for (const [number, { path, before = "" }] of lost.entries()) {
    const name = `${number}-${basename(path)}`;
    await writeFileAtomic(join(directory, name), before, 0o600);
  }
}
