/**
 * Writes TypeScript for the .proto files of each room that speaks gRPC, into `gen` of that
 * room: `deno task generate`, or with a directory to write to, with one folder for a room.
 */
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { type Declaration, parseProto, type ProtoField, type ProtoFile } from "./parse.ts";

const MOD = fileURLToPath(new URL("../../", import.meta.url));

/** The rooms with a folder `proto`. */
const ROOMS = ["cri", "etcd", "kubelet"];

/** Where the codec is, seen from `gen` of a room. */
const CODEC = "../../grpc/mod.ts";

/** The scalars of `mod/grpc/wire.ts`, and what holds them. */
const SCALARS: Readonly<Record<string, string>> = {
  string: "string",
  bytes: "Uint8Array",
  bool: "boolean",
  int32: "number",
  uint32: "number",
  int64: "bigint",
  uint64: "bigint",
  map: "Readonly<Record<string, string>>",
};

/** Enums stand before the tables that name them, services after the messages that they name. */
const ORDER: Readonly<Record<Declaration["kind"], number>> = { enum: 0, message: 1, service: 2 };

/** Writes one file; knows what it must import from the others. */
class FileWriter {
  readonly #file: ProtoFile;
  readonly #files: readonly ProtoFile[];
  readonly #imports = new Map<string, Set<string>>();

  constructor(file: ProtoFile, files: readonly ProtoFile[]) {
    this.#file = file;
    this.#files = files;
  }

  write(): string {
    const body = this.#file.declarations
      .toSorted((left, right) => ORDER[left.kind] - ORDER[right.kind])
      .map((declaration) =>
        `/** ${this.#file.package}.${declaration.name} */\n${this.#declaration(declaration)}`
      );
    const imports = [...this.#imports].sort(([left], [right]) => left < right ? -1 : 1)
      .map(([from, names]) => `import { ${[...names].sort().join(", ")} } from "${from}";\n`);
    return `// Made from proto/${this.#file.name}.proto by \`deno task generate\`: do not edit.\n` +
      `${imports.join("")}\n${body.join("\n")}`;
  }

  #declaration(declaration: Declaration): string {
    const { name } = declaration;
    switch (declaration.kind) {
      case "enum": {
        const values = declaration.values.map((value) => `  ${value.name}: ${value.number},\n`);
        return `export const ${name} = {\n${values.join("")}} as const;\n` +
          `export type ${name} = typeof ${name}[keyof typeof ${name}];\n`;
      }
      case "message": {
        this.#import(CODEC, "messageType", "type MessageType");
        const { fields } = declaration;
        return `export interface ${name} {\n${
          fields.map((field) => this.#member(field)).join("")
        }}\n` +
          `export const ${name}Schema: MessageType<${name}> = messageType("${name}", {\n${
            fields.map((field) => this.#row(field)).join("")
          }});\n`;
      }
      case "service": {
        this.#import(CODEC, "type Method");
        const members = declaration.methods.map((method) =>
          `    readonly ${lowerFirst(method.name)}: ` +
          `Method<${method.input}, ${method.output}, "${kindOf(method)}">;\n`
        );
        const values = declaration.methods.map((method) =>
          `    ${lowerFirst(method.name)}: {\n` +
          `      kind: "${kindOf(method)}",\n` +
          `      name: "${method.name}",\n` +
          `      service: "${this.#file.package}.${name}",\n` +
          `      input: ${method.input}Schema,\n` +
          `      output: ${method.output}Schema,\n    },\n`
        );
        return `export const ${name}: {\n  readonly method: {\n${members.join("")}  };\n} = {\n` +
          `  method: {\n${values.join("")}  },\n};\n`;
      }
    }
  }

  #member(field: ProtoField): string {
    const type = SCALARS[field.type] ?? field.type;
    const comment = field.comment === "" ? "" : `  /** ${field.comment} */\n`;
    if (field.isRepeated) return `${comment}  readonly ${field.name}: readonly ${type}[];\n`;
    return this.#kind(field) === "message"
      ? `${comment}  readonly ${field.name}?: ${type} | undefined;\n`
      : `${comment}  readonly ${field.name}: ${type};\n`;
  }

  #row(field: ProtoField): string {
    const kind = this.#kind(field);
    const detail = kind === "message"
      ? `, () => ${field.type}Schema`
      : kind === "enum"
      ? `, ${field.type}`
      : "";
    const list = field.isRepeated ? "[]" : "";
    return `  ${field.number}: ["${field.name}", "${kind}${list}"${detail}],\n`;
  }

  /** The kind of a field as in `mod/grpc/wire.ts`; imports the type where it is another file's. */
  #kind({ type }: ProtoField): string {
    if (SCALARS[type] !== undefined) return type;
    for (const name of [this.#file.name, ...this.#file.imports]) {
      const file = this.#files.find((candidate) => candidate.name === name);
      const found = file?.declarations.find((declaration) => declaration.name === type);
      if (found === undefined) continue;
      if (file !== this.#file) {
        const value = found.kind === "enum" ? type : `${type}Schema`;
        this.#import(`./${name}.ts`, `type ${type}`, value);
      }
      return found.kind;
    }
    throw new SyntaxError(`${this.#file.name}: there is no type ${type}`);
  }

  #import(from: string, ...names: readonly string[]): void {
    const known = this.#imports.get(from) ?? new Set();
    for (const name of names) known.add(name);
    this.#imports.set(from, known);
  }
}

function kindOf({ isStream }: { readonly isStream: boolean }): string {
  return isStream ? "stream" : "unary";
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

for (const room of ROOMS) {
  const protos = join(MOD, room, "proto");
  const names = (await readdir(protos)).filter((name) => name.endsWith(".proto")).sort();
  const files = await Promise.all(
    names.map(async (name) =>
      parseProto(name.replace(".proto", ""), await readFile(join(protos, name), "utf8"))
    ),
  );
  const given = process.argv[2];
  const target = given === undefined ? join(MOD, room, "gen") : join(given, room);
  await mkdir(target, { recursive: true });
  for (const file of files) {
    await writeFile(join(target, `${file.name}.ts`), new FileWriter(file, files).write());
  }
}
