/** A file as YAML, read here or by a helper. */
import { createHash } from "node:crypto";
import { Breath, type Problem } from "../core/mod.ts";
import {
  type BoundedFiles,
  type FileFacts,
  type Files,
  inTime,
  messagePiece,
  readRegularFile,
  type RegularFile,
  serveFiles,
  type ServeRequest,
} from "../os/mod.ts";
import { decodeScan, decodeText, encodeScan, type ScannedYaml, scanYaml } from "../yaml/mod.ts";

/** What is known of a file's bytes. */
interface FileBytes {
  readonly sizeBytes: number;
  /** Of its bytes, in hex. */
  readonly sha256: string;
  readonly before: FileFacts;
  readonly after: FileFacts;
}

/** The text of a file, or why it is none. */
export type DecodedFile =
  & FileBytes
  & ({ readonly text: string; readonly problem?: never } | { readonly problem: Problem });

/** What a file holds, or why it is no text. */
export type ScannedFile =
  & FileBytes
  & ({ readonly yaml: ScannedYaml; readonly problem?: never } | { readonly problem: Problem });

/** Decodes what was read. */
export function decodeFile({ bytes, before, after }: RegularFile, path: string): DecodedFile {
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const read = { sizeBytes: bytes.length, sha256, before, after };
  const decoded = decodeText(bytes, path);
  return decoded.ok ? { ...read, text: decoded.text } : { ...read, problem: decoded.problem };
}

/** The same as YAML. */
export function scanText(file: DecodedFile, path: string): ScannedFile {
  return "text" in file ? { ...file, yaml: scanYaml(file.text, path) } : file;
}

/** Reads and parses a file in this process. */
export async function scanHere(
  fs: Pick<Files, "readFile">,
  path: string,
  maxBytes: number,
): Promise<ScannedFile> {
  return scanText(decodeFile(await fs.readFile(path, maxBytes), path), path);
}

/** Has a helper read and parse a file. */
export async function scanByHelper(
  files: Pick<BoundedFiles, "askHelper">,
  path: string,
  maxBytes: number,
): Promise<ScannedFile> {
  const decoder = decodeScan();
  const answer = await files.askHelper(
    { op: "parse", path, maxBytes },
    (piece) => decoder.take(piece),
  );
  // What `serveSources` answers.
  const file = answer as FileBytes & { readonly problem?: Problem };
  const { problem } = file;
  // What the caller does with it takes its time again.
  await new Breath().take();
  return problem === undefined ? { ...file, yaml: decoder.end() } : { ...file, problem };
}

/** What a helper does. */
export async function serveSources(
  ...[request, send]: Parameters<ServeRequest>
): ReturnType<ServeRequest> {
  if (request.op !== "parse") return await serveFiles(request, send);
  const { path, maxBytes } = request as { readonly path: string; readonly maxBytes: number };
  const read = await inTime(readRegularFile(path, maxBytes));
  send(messagePiece({ read: true }));
  const file = decodeFile(read, path);
  if (file.problem !== undefined) return { ...file };
  const { text, ...facts } = file;
  for (const piece of encodeScan(scanYaml(text, path))) send(piece);
  return facts;
}
