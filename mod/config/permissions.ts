/** Files and directories that decide what runs on a node, and that other users may write. */
import type { Problem } from "../core/mod.ts";
import { type FileFacts, ownIds } from "../os/mod.ts";

const OTHERS_MAY_WRITE = 0o002;
const GROUP_MAY_WRITE = 0o020;

/**
 * A warning if another user than root and the one who runs podstead may write.
 *
 * @param what it is, as a sentence begins: "The config"
 */
export function writableProblem(
  what: string,
  path: string,
  { mode, uid, gid }: Pick<FileFacts, "mode" | "uid" | "gid">,
): Problem | undefined {
  const { uid: ownUid, gid: ownGid } = ownIds();
  const who = (mode & OTHERS_MAY_WRITE) !== 0
    ? "every user"
    : (mode & GROUP_MAY_WRITE) !== 0 && gid !== 0 && gid !== ownGid
    ? `group ${gid}`
    : uid !== 0 && uid !== ownUid
    ? `user ${uid}`
    : undefined;
  if (who === undefined) return undefined;
  return {
    severity: "warning",
    code: "writable-by-others",
    file: path,
    path: [],
    message: `${what} may be written by ${who}, who can run anything as root on this node with it`,
    hint: who.startsWith("user") ? `chown root ${path}` : `chmod go-w ${path}`,
  };
}
