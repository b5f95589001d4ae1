/** The way back to a revision. */
import { join } from "node:path";
import type { Operation, RevisionStore } from "../change/mod.ts";

/** Where the revisions of a state directory are. */
export function revisionsDirectory(stateDir: string): string {
  return join(stateDir, "revisions");
}

/**
 * The operations that bring the files back as a revision had them.
 *
 * @throws {PodsteadError} if there is no such revision, or it is damaged
 */
export async function restoreOf(
  store: RevisionStore,
  number: number,
): Promise<readonly Operation[]> {
  const { files } = await store.read(number);
  const restored = await Promise.all(files.map(async ({ path, sha256, mode, uid, gid }) => ({
    path,
    text: new TextDecoder("utf-8", { ignoreBOM: true }).decode(await store.content(sha256)),
    mode,
    uid,
    gid,
  })));
  return [{ kind: "restore", files: restored }];
}
