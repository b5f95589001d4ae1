/** A file system on which files differ from the disk's: to judge a change before it is made. */
import { basename, dirname } from "node:path";
import type { FileEdit } from "../change/mod.ts";
import { type ConfigFs, scanHere } from "../config/mod.ts";
import type { FileFacts } from "../os/mod.ts";

/** At rest forever: what an overlay lacks was taken out on purpose. */
const AT_REST_MS = 0;

/** The file system `base` with the edits made; nothing is written. */
export function overlay(base: ConfigFs, edits: readonly FileEdit[]): ConfigFs {
  const byPath = new Map(edits.map((edit) => [edit.path, edit]));
  const directories = new Set(
    edits.filter(({ after }) => after !== undefined).map(({ path }) => dirname(path)),
  );
  return {
    async scan(path, maxBytes) {
      const edit = byPath.get(path);
      if (edit === undefined && base.scan !== undefined) return await base.scan(path, maxBytes);
      return await scanHere(this, path, maxBytes);
    },
    async readFile(path, maxBytes) {
      const edit = byPath.get(path);
      if (edit === undefined) return await base.readFile(path, maxBytes);
      const bytes = new TextEncoder().encode(contentOf(edit));
      const facts = madeUp("file", bytes.length);
      return { bytes, before: facts, after: facts };
    },
    async readdir(path) {
      const names = new Set(
        await base.readdir(path).catch((error) => {
          if (directories.has(path)) return []; // made with its first file
          throw error;
        }),
      );
      for (const edit of edits.filter((one) => dirname(one.path) === path)) {
        if (edit.after === undefined) names.delete(basename(edit.path));
        else names.add(basename(edit.path));
      }
      return [...names];
    },
    async stat(path) {
      const edit = byPath.get(path);
      if (edit !== undefined) return madeUp("file", contentOf(edit).length);
      try {
        return { ...await base.stat(path), mtimeMs: AT_REST_MS };
      } catch (error) {
        if (directories.has(path)) return madeUp("directory", 0);
        throw error;
      }
    },
    async isThere(path) {
      const edit = byPath.get(path);
      return edit === undefined ? await base.isThere(path) : edit.after !== undefined;
    },
  };
}

function contentOf({ path, after }: FileEdit): string {
  if (after !== undefined) return after;
  throw Object.assign(new Error(`ENOENT: no such file or directory, open '${path}'`), {
    code: "ENOENT",
  });
}

function madeUp(kind: FileFacts["kind"], sizeBytes: number): FileFacts {
  return {
    kind,
    sizeBytes,
    mtimeMs: AT_REST_MS,
    ctimeMs: AT_REST_MS,
    device: -1,
    inode: -1,
    mode: 0o600,
    uid: 0,
    gid: 0,
  };
}
