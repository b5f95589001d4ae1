/** One entry of a tar archive. */
export type TarEntry =
  | { readonly name: string; readonly data: Uint8Array; readonly mode?: number }
  | { readonly name: string; readonly linkTo: string }
  | { readonly name: string; readonly directory: true; readonly mode?: number };

const BLOCK = 512;

/**
 * Writes a tar archive (POSIX ustar), always the same bytes for the same
 * entries and time: owner root.
 *
 * @param timeMs of every entry, in Unix milliseconds
 * @throws {RangeError} for a name longer than 100 bytes, which this needs no more of.
 */
export function writeTar(entries: readonly TarEntry[], timeMs = 0): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (const entry of entries) {
    const data = "data" in entry ? entry.data : new Uint8Array();
    blocks.push(header(entry, data.length, timeMs), data);
    blocks.push(new Uint8Array((BLOCK - data.length % BLOCK) % BLOCK));
  }
  blocks.push(new Uint8Array(2 * BLOCK));
  const archive = new Uint8Array(blocks.reduce((sum, block) => sum + block.length, 0));
  let offset = 0;
  for (const block of blocks) {
    archive.set(block, offset);
    offset += block.length;
  }
  return archive;
}

function header(entry: TarEntry, sizeBytes: number, timeMs: number): Uint8Array {
  const block = new Uint8Array(BLOCK);
  const put = (offset: number, width: number, text: string) => {
    const bytes = new TextEncoder().encode(text);
    if (bytes.length > width) throw new RangeError(`Tar field too long: "${text}"`);
    block.set(bytes, offset);
  };
  const octal = (value: number, width: number) => value.toString(8).padStart(width - 1, "0");
  const mode = "mode" in entry && entry.mode !== undefined ? entry.mode : 0o755;
  put(0, 100, entry.name);
  put(100, 8, octal(mode, 8));
  put(108, 8, octal(0, 8));
  put(116, 8, octal(0, 8));
  put(124, 12, octal(sizeBytes, 12));
  put(136, 12, octal(Math.floor(timeMs / 1000), 12));
  put(148, 8, " ".repeat(8));
  put(156, 1, "directory" in entry ? "5" : "linkTo" in entry ? "2" : "0");
  if ("linkTo" in entry) put(157, 100, entry.linkTo);
  put(257, 8, "ustar\x0000");
  put(148, 8, `${octal(block.reduce((sum, byte) => sum + byte, 0), 7)}\0 `);
  return block;
}
