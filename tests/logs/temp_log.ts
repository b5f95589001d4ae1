import { Buffer } from "node:buffer";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LogSource } from "../../mod/logs/mod.ts";
import { fileBytes, type WrittenFile } from "./reference.ts";

/** A container's log directory in the file system, removed when disposed. */
export class TempLog {
  readonly directory: string;
  readonly source: LogSource;
  /** The live file. */
  readonly path: string;
  #rotations = 0;

  private constructor(directory: string) {
    this.directory = directory;
    this.source = { directory, fileName: "0.log" };
    this.path = join(directory, "0.log");
  }

  static async create(): Promise<TempLog> {
    return new TempLog(await mkdtemp(join(tmpdir(), "podstead-logs-")));
  }

  /** The name that the next rotation gives. Names sort as they come. */
  nextRotatedPath(): string {
    const number = String(this.#rotations++).padStart(6, "0");
    return `${this.path}.20260210-${number}`;
  }

  /** Writes the files of a log as many rotations leave them. */
  async write(files: readonly WrittenFile[]): Promise<void> {
    for (const [index, file] of files.entries()) {
      const bytes = fileBytes(file);
      if (index === files.length - 1) await writeFile(this.path, bytes);
      else if (file.compressed) await writeFile(`${this.nextRotatedPath()}.gz`, gzipSync(bytes));
      else await writeFile(this.nextRotatedPath(), bytes);
    }
  }

  /** Rotates as the kubelet does: a new name for the file, then the runtime opens a new one. */
  async rotate(): Promise<string> {
    const path = this.nextRotatedPath();
    await rename(this.path, path);
    await writeFile(this.path, "");
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** All chunks as one. Each is copied at once, as chunks may be overwritten. */
export async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts);
}
