import type { FileFacts, RegularFile } from "../../mod/os/mod.ts";

/** Facts of a file that root owns and that was written long ago, unless said otherwise. */
export function fileFacts(facts: Partial<FileFacts> = {}): FileFacts {
  return {
    kind: "file",
    sizeBytes: 0,
    mtimeMs: 0,
    ctimeMs: facts.mtimeMs ?? 0,
    device: 1,
    inode: 1,
    mode: 0o644,
    uid: 0,
    gid: 0,
    ...facts,
  };
}

/** A file that did not change while it was read. */
export function regularFile(text: string, facts: Partial<FileFacts> = {}): RegularFile {
  const bytes = new TextEncoder().encode(text);
  const before = fileFacts({ sizeBytes: bytes.length, ...facts });
  return { bytes, before, after: before };
}
