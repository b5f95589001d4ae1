/**
 * A file system in user space whose files can stop answering, as those of a server that is gone:
 *
 *     exec 3<>/dev/fuse; mount -i -t fuse -o fd=3,… ; exec bun fuse_files.ts DIR HANGING
 *
 * Shows the files of DIR. While HANGING holds the name of a file, what is asked about that file
 * is not answered, and who asks cannot even be killed.
 * Source of the protocol: include/uapi/linux/fuse.h, version 7.31.
 */
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync, readSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const [directory = "", hanging = ""] = process.argv.slice(2);
const OP = { lookup: 1, forget: 2, getattr: 3, open: 14, read: 15, release: 18, init: 26 } as const;
const [OPENDIR, READDIR, RELEASEDIR, INTERRUPT, BATCH_FORGET] = [27, 28, 29, 36, 42];
const ENOENT = -2;
/** The connection to the kernel, which was there before the mount. */
const FUSE = 3;
const ENOSYS = -38;
const ROOT = 1;

const names: string[] = [];
/** The number of a file: its place among all names that were seen, after the root's. */
function numberOf(name: string): number {
  if (!names.includes(name)) names.push(name);
  return names.indexOf(name) + ROOT + 1;
}
const nameOf = (node: number) => names[node - ROOT - 1] ?? "";

function attributes(node: number): Buffer {
  const { size, mtimeMs, mode } = statSync(
    node === ROOT ? directory : join(directory, nameOf(node)),
  );
  const bytes = Buffer.alloc(88);
  bytes.writeBigUInt64LE(BigInt(node), 0);
  bytes.writeBigUInt64LE(BigInt(size), 8);
  for (const at of [24, 32, 40]) bytes.writeBigUInt64LE(BigInt(Math.floor(mtimeMs / 1000)), at);
  bytes.writeUInt32LE(mode, 60);
  bytes.writeUInt32LE(1, 64);
  bytes.writeUInt32LE(4096, 80);
  return bytes;
}

function listing(): Buffer {
  return Buffer.concat(
    readdirSync(directory).sort().map((name, index) => {
      const bytes = Buffer.alloc(24 + Math.ceil(name.length / 8) * 8);
      bytes.writeBigUInt64LE(BigInt(numberOf(name)), 0);
      bytes.writeBigUInt64LE(BigInt(index + 1), 8);
      bytes.writeUInt32LE(name.length, 16);
      bytes.writeUInt32LE(8, 20); // a regular file
      bytes.write(name, 24);
      return bytes;
    }),
  );
}

/** @returns the answer, an error number, or undefined for what has none */
function answer(operation: number, node: number, body: Buffer): Buffer | number | undefined {
  switch (operation) {
    case OP.init: {
      const bytes = Buffer.alloc(64);
      bytes.writeUInt32LE(7, 0);
      bytes.writeUInt32LE(31, 4);
      bytes.writeUInt32LE(65_536, 20);
      return bytes;
    }
    case OP.lookup: {
      const name = body.subarray(0, body.indexOf(0)).toString();
      if (!readdirSync(directory).includes(name)) return ENOENT;
      const entry = Buffer.alloc(40);
      entry.writeBigUInt64LE(BigInt(numberOf(name)), 0);
      return Buffer.concat([entry, attributes(numberOf(name))]);
    }
    case OP.getattr:
      return Buffer.concat([Buffer.alloc(16), attributes(node)]);
    case OP.open:
    case OPENDIR:
      return Buffer.alloc(16);
    case READDIR:
      return body.readBigUInt64LE(8) === 0n ? listing() : Buffer.alloc(0);
    case OP.read: {
      const from = Number(body.readBigUInt64LE(8));
      return readFileSync(join(directory, nameOf(node))).subarray(
        from,
        from + body.readUInt32LE(16),
      );
    }
    case OP.release:
    case RELEASEDIR:
      return Buffer.alloc(0);
    case OP.forget:
    case BATCH_FORGET:
    case INTERRUPT:
      return undefined;
    default:
      return ENOSYS;
  }
}

function reply(request: Buffer): void {
  const sent = answer(
    request.readUInt32LE(4),
    Number(request.readBigUInt64LE(16)),
    request.subarray(40),
  );
  if (sent === undefined) return;
  const body = typeof sent === "number" ? Buffer.alloc(0) : sent;
  const header = Buffer.alloc(16);
  header.writeUInt32LE(16 + body.length, 0);
  header.writeInt32LE(typeof sent === "number" ? sent : 0, 4);
  request.copy(header, 8, 8, 16);
  writeSync(FUSE, Buffer.concat([header, body]));
}

/** What was asked about the file that hangs: answered when it does no more. */
let unanswered: Buffer[] = [];
const buffer = Buffer.alloc(1 << 20);
for (;;) {
  const request = Buffer.from(buffer.subarray(0, readSync(FUSE, buffer)));
  const node = Number(request.readBigUInt64LE(16));
  const hangs = readFileSync(hanging, "utf8").trim();
  const isRead = request.readUInt32LE(4) === OP.read && nameOf(node) === hangs;
  if (isRead || hangs === "*") {
    unanswered.push(request);
    continue;
  }
  if (hangs === "") {
    for (const one of unanswered) reply(one);
    unanswered = [];
  }
  reply(request);
}
