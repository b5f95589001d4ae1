/** One .proto file. */
export interface ProtoFile {
  readonly name: string;
  readonly package: string;
  readonly imports: readonly string[];
  readonly declarations: readonly Declaration[];
}

/** One message, enum or service of a file. */
export type Declaration =
  | { readonly kind: "message"; readonly name: string; readonly fields: readonly ProtoField[] }
  | { readonly kind: "enum"; readonly name: string; readonly values: readonly ProtoValue[] }
  | { readonly kind: "service"; readonly name: string; readonly methods: readonly ProtoMethod[] };

/** One field of a message. */
export interface ProtoField {
  readonly number: number;
  readonly name: string;
  /** A scalar, `map`, or the name of a message or an enum. */
  readonly type: string;
  readonly isRepeated: boolean;
  readonly comment: string;
}

/** One value of an enum. */
export interface ProtoValue {
  readonly name: string;
  readonly number: number;
}

/** One method of a service. */
export interface ProtoMethod {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly isStream: boolean;
}

/**
 * Reads a .proto file line by line, as these files are formatted: what they use,
 * and nothing else. That is `syntax`, `package`, `import`, `service` with `rpc`,
 * `message` without messages inside, `enum`, `repeated`, `map<string, string>`
 * and scalars.
 *
 * @param name of the file, without its ending.
 * @throws {SyntaxError} with file and line for everything else.
 */
export function parseProto(name: string, text: string): ProtoFile {
  const imports: string[] = [];
  const declarations: Declaration[] = [];
  let packageName = "";
  let comment: string[] = [];
  let open: Declaration | undefined;
  const add = <T>(list: readonly T[], item: T) => {
    // The list was made here; it is read-only for everybody else.
    (list as T[]).push(item);
    comment = [];
  };
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    const fail = (why: string): never => {
      throw new SyntaxError(`${name}:${index + 1}: ${why}: ${line}`);
    };
    const match = (pattern: RegExp) => pattern.exec(line)?.slice(1).map((part) => part ?? "");
    let parts: string[] | undefined;
    if (line === "") comment = [];
    else if (line.startsWith("//")) comment.push(line.slice(2).trim());
    else if (line === "}") {
      if (open === undefined) fail("nothing is open");
      open = undefined;
    } else if (line === 'syntax = "proto3";') continue;
    else if ((parts = match(/^package ([\w.]+);$/))) packageName = parts[0] ?? "";
    else if ((parts = match(/^import "([\w.]+)\.proto";$/))) imports.push(parts[0] ?? "");
    else if ((parts = match(/^(message|enum|service) (\w+) \{(\}?)$/))) {
      if (open !== undefined) fail("one thing inside another is not supported");
      const [kind, declared = "", closed] = parts;
      const declaration: Declaration = kind === "message"
        ? { kind, name: declared, fields: [] }
        : kind === "enum"
        ? { kind, name: declared, values: [] }
        : { kind: "service", name: declared, methods: [] };
      declarations.push(declaration);
      comment = [];
      open = closed === "}" ? undefined : declaration;
    } else if (
      open?.kind === "service" &&
      (parts = match(/^rpc (\w+)\((\w+)\) returns \((stream )?(\w+)\);$/))
    ) {
      const [method = "", input = "", stream, output = ""] = parts;
      add(open.methods, { name: method, input, output, isStream: stream !== "" });
    } else if (open?.kind === "enum" && (parts = match(/^(\w+) = (\d+);$/))) {
      add(open.values, { name: parts[0] ?? "", number: Number(parts[1]) });
    } else if (
      open?.kind === "message" &&
      (parts = match(/^(repeated )?(map<string, string>|[\w.]+) (\w+) = (\d+);$/))
    ) {
      const [repeated, type = "", field = "", number] = parts;
      add(open.fields, {
        number: Number(number),
        name: field.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase()),
        type: type.startsWith("map") ? "map" : type.replace(/^.*\./, ""),
        isRepeated: repeated !== "",
        comment: comment.join(" "),
      });
    } else fail("cannot read this");
  }
  return { name, package: packageName, imports, declarations };
}
