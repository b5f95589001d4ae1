/** JSON Schemas of TypeScript interfaces, by what `deno doc --json` says of them. */
import { execFileSync } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";

/** A part of a JSON Schema, as far as these types need it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
}

/** A whole schema with the definitions that it refers to. */
export type RootSchema = Schema & {
  readonly $schema: string;
  readonly $id: string;
  readonly title: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
};

interface DocType {
  readonly kind: string;
  readonly value?: unknown;
}

interface DocProperty {
  readonly name: string;
  readonly optional?: boolean;
  readonly jsDoc?: { readonly doc?: string };
  readonly tsType?: DocType;
}

interface DocDeclaration {
  readonly kind: string;
  readonly jsDoc?: { readonly doc?: string };
  readonly def: {
    readonly properties?: readonly DocProperty[];
    readonly indexSignatures?: readonly { readonly tsType?: DocType }[];
    readonly extends?: readonly DocType[];
    readonly tsType?: DocType;
  };
}

/** The interfaces and type aliases of some files, by name. */
export type Declarations = ReadonlyMap<string, DocDeclaration>;

/** What `deno doc` knows of files of the repository, private types too. */
export function declarationsOf(files: readonly string[]): Declarations {
  const paths = files.map((file) => fileURLToPath(new URL(`../../${file}`, import.meta.url)));
  const text = execFileSync(process.execPath, ["doc", "--json", "--private", ...paths], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    stdio: ["ignore", "pipe", "ignore"],
  });
  // deno doc's format 2, of which only what is read here is typed.
  const { nodes } = JSON.parse(text) as {
    readonly nodes: Readonly<
      Record<string, {
        readonly symbols: readonly {
          readonly name: string;
          readonly declarations: readonly DocDeclaration[];
        }[];
      }>
    >;
  };
  const found = new Map<string, DocDeclaration>();
  for (const { symbols } of Object.values(nodes)) {
    for (const { name, declarations } of symbols) {
      const declaration = declarations.find(({ kind }) =>
        kind === "interface" || kind === "typeAlias"
      );
      if (declaration !== undefined) found.set(name, declaration);
    }
  }
  return found;
}

/** The members of an interface whose types are names, as a map: `Kinds` is one. */
export function membersOf(declarations: Declarations, name: string): ReadonlyMap<string, string> {
  const { properties = [] } = declarations.get(name)?.def ?? {};
  return new Map(
    properties.map((
      property,
    ) => [property.name, nameOf(property.tsType, `${name}.${property.name}`)]),
  );
}

function nameOf(type: DocType | undefined, place: string): string {
  if (type?.kind !== "typeRef") {
    throw new Error(
      `The type of ${place} must be the name of an interface: its schema is made of it`,
    );
  }
  return (type.value as { readonly typeName: string }).typeName; // by its kind
}

/** Schemas of named types; each type that they refer to is a definition. */
export class SchemaMaker {
  readonly #declarations: Declarations;
  readonly #defs = new Map<string, Schema>();

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
  }

  /** What the schemas that were made refer to. */
  get definitions(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.#defs].sort(([a], [b]) => a < b ? -1 : 1));
  }

  /** The members of an interface, those that it inherits too. */
  object(name: string): Schema {
    const declaration = this.#declarations.get(name);
    if (declaration === undefined) {
      throw new Error(
        `There is no type "${name}" in the files that tests/schema_test.ts reads: add its file there`,
      );
    }
    const { def, jsDoc } = declaration;
    const description = described(jsDoc);
    if (def.tsType !== undefined) return { ...this.#type(def.tsType), ...description };
    const inherited = (def.extends ?? []).map((base) =>
      this.object(nameOf(base, `the base of ${name}`))
    );
    const own = def.properties ?? [];
    const properties = Object.assign(
      {},
      ...inherited.map((base) => base.properties ?? {}),
      Object.fromEntries(own.map(({ name, tsType, jsDoc }) => [
        name,
        { ...this.#type(tsType), ...described(jsDoc) },
      ])),
    );
    const required = [
      ...inherited.flatMap((base) => base.required ?? []),
      ...own.filter(({ optional }) => optional !== true).map(({ name }) => name),
    ];
    const [index] = def.indexSignatures ?? [];
    return {
      type: "object",
      ...description,
      properties,
      required: [...new Set(required)].sort(),
      ...(index === undefined ? {} : { additionalProperties: this.#type(index.tsType) }),
    };
  }

  #type(type: DocType | undefined): Schema {
    switch (type?.kind) {
      case "keyword":
        return keyword(String(type.value));
      case "literal":
        return literal(type.value as Readonly<Record<string, unknown>>);
      case "array":
        return { type: "array", items: this.#type(type.value as DocType) };
      case "parenthesized":
        return this.#type(type.value as DocType);
      case "typeOperator":
        return this.#type((type.value as { readonly tsType: DocType }).tsType);
      case "tuple":
        return { type: "array" };
      case "union":
        return union((type.value as readonly DocType[]).map((one) => this.#type(one)));
      case "intersection":
        return intersection((type.value as readonly DocType[]).map((one) => this.#whole(one)));
      case "typeLiteral":
        return this.#literal(type.value as DocDeclaration["def"]);
      case "typeRef":
        return this.#reference(type.value as { readonly typeName: string; typeParams?: DocType[] });
      default:
        return {}; // anything: a type that only the compiler can work out
    }
  }

  /** A type without a reference at its top, to be joined with another. */
  #whole(type: DocType): Schema {
    return type.kind === "typeRef"
      ? this.object(nameOf(type, "a part of an intersection"))
      : this.#type(type);
  }

  #literal(def: DocDeclaration["def"]): Schema {
    const own = def.properties ?? [];
    return {
      type: "object",
      properties: Object.fromEntries(own.map(({ name, tsType }) => [name, this.#type(tsType)])),
      required: own.filter(({ optional }) => optional !== true).map(({ name }) => name).sort(),
    };
  }

  #reference({ typeName, typeParams = [] }: {
    readonly typeName: string;
    readonly typeParams?: readonly DocType[];
  }): Schema {
    if (typeName === "Readonly") return this.#type(typeParams[0]);
    if (typeName === "Record") {
      return { type: "object", additionalProperties: this.#type(typeParams[1]) };
    }
    if (typeName === "JsonObject") return { type: "object" };
    if (typeName === "JsonValue" || !this.#declarations.has(typeName)) return {};
    if (!this.#defs.has(typeName)) {
      this.#defs.set(typeName, {}); // before its members: they may refer to it
      this.#defs.set(typeName, this.object(typeName));
    }
    return { $ref: `#/$defs/${typeName}` };
  }
}

function described(jsDoc: DocDeclaration["jsDoc"]): { readonly description?: string } {
  return jsDoc?.doc === undefined
    ? {}
    : { description: jsDoc.doc.replace(/\s*\n\s*/g, " ").trim() };
}

function keyword(name: string): Schema {
  switch (name) {
    case "string":
    case "number":
    case "boolean":
    case "null":
      return { type: name };
    case "bigint":
      return { type: "number" };
    default:
      return {};
  }
}

function literal(value: Readonly<Record<string, unknown>>): Schema {
  return { const: value[String(value["kind"])] };
}

function union(parts: readonly Schema[]): Schema {
  const present = parts.filter((part) => Object.keys(part).length > 0);
  if (present.every((part) => "const" in part)) return { enum: present.map((part) => part.const) };
  return present.length === 1 ? present[0] ?? {} : { anyOf: present };
}

function intersection(parts: readonly Schema[]): Schema {
  const unions = parts.filter((part) => part.anyOf !== undefined);
  const objects = parts.filter((part) => part.anyOf === undefined);
  const joined: Schema = {
    type: "object",
    properties: Object.assign({}, ...objects.map((part) => part.properties ?? {})),
    required: [...new Set(objects.flatMap((part) => part.required ?? []))].sort(),
  };
  return unions.length === 0 ? joined : { ...joined, ...unions[0] };
}
