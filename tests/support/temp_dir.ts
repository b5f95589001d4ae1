import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is gone when the block that made it with `await using` ends. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** Removes it with everything in it. */
  remove(): Promise<void>;
}

/**
 * Makes an empty directory under the system's one for temporary files. Its path
 * is short, because the path of a unix socket in it must fit into 107 bytes.
 */
export async function makeTempDir(name = "test"): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `podstead-${name}-`));
  const remove = () => rm(path, { recursive: true, force: true });
  return { path, remove, [Symbol.asyncDispose]: remove };
}
