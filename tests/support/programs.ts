import { Buffer } from "node:buffer";
import { accessSync, closeSync, constants, openSync, readSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** The full path of a program, also from the system directories that a user's PATH may lack. */
export function findProgram(name: string): string | undefined {
  const directories = [
    ...(process.env.PATH ?? "").split(":"),
    "/usr/local/sbin",
    "/usr/sbin",
    "/sbin",
    "/usr/local/bin",
    "/usr/bin",
    "/bin",
  ];
  for (const directory of directories) {
    const path = join(directory, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // not in this one
    }
  }
  return undefined;
}

/** True for a 64-bit ELF file that names no dynamic linker. */
export function isStaticElf(path: string): boolean {
  const header = Buffer.alloc(4096);
  const file = openSync(path, "r");
  try {
    readSync(file, header, 0, header.length, 0);
  } finally {
    closeSync(file);
  }
  if (header.toString("latin1", 0, 4) !== "\x7fELF" || header[4] !== 2) return false;
  const PT_INTERP = 3;
  const offset = Number(header.readBigUInt64LE(32));
  const size = header.readUInt16LE(54);
  const count = header.readUInt16LE(56);
  for (let index = 0; index < count; index++) {
    const at = offset + index * size;
    if (at + 4 > header.length) break;
    if (header.readUInt32LE(at) === PT_INTERP) return false;
  }
  return true;
}
