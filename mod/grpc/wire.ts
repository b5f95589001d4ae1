/**
 * Protocol Buffers' wire format, as far as our .proto files need it.
 *
 * Why our own: the general library builds descriptors of everything when it is
 * imported, which took 18 of the 35 ms that a command takes without an agent.
 * Here a message type is a table that is read when it is first used.
 *
 * Source: protobuf.dev/programming-guides/encoding.
 */
import { WireReader } from "./wire_reader.ts";
import { WireWriter } from "./wire_writer.ts";

/** How a value goes over the wire. A `map` has texts on both sides. */
export type FieldKind =
  | "string"
  | "bytes"
  | "bool"
  | "int32"
  | "uint32"
  | "int64"
  | "uint64"
  | "enum"
  | "map"
  | "message";

/** What a field holds beyond its kind: the names of an enum, the type of a message. */
export type FieldDetail =
  | Readonly<Record<string, number>>
  | (() => MessageType<unknown>)
  | undefined;

/** Number → name, kind (with `[]` where it is repeated) and detail, as generated. */
export type FieldTable = Readonly<
  Record<number, readonly [name: string, kind: FieldKind | `${FieldKind}[]`, detail?: FieldDetail]>
>;

/** One field, ready for use. */
export interface Field {
  readonly number: number;
  readonly name: string;
  readonly kind: FieldKind;
  readonly isRepeated: boolean;
  readonly detail: FieldDetail;
}

/** A type of message. */
export interface MessageType<T> {
  readonly name: string;
  /** By number. */
  readonly fields: ReadonlyMap<number, Field>;
  /** A message without content: texts empty, numbers zero, messages undefined. */
  create(): T;
}

/**
 * What may be given for a message: every field may be left out, at any depth.
 * A field that is undefined is not sent, like one that has its default.
 */
export type Init<T> = T extends Uint8Array | string | number | bigint | boolean ? T
  : T extends readonly (infer Item)[] ? readonly Init<Item>[]
  : { readonly [Key in keyof T]?: Init<T[Key]> | undefined };

/** A method of a service; `I` and `O` are the types of its messages. */
export interface Method<I, O, Kind extends "unary" | "stream"> {
  readonly kind: Kind;
  /** As in the .proto file, such as `ListContainers`. */
  readonly name: string;
  /** With its package, such as `runtime.v1.RuntimeService`. */
  readonly service: string;
  readonly input: MessageType<I>;
  readonly output: MessageType<O>;
}

/** Makes a message type of a generated table. */
export function messageType<T>(name: string, table: FieldTable): MessageType<T> {
  let fields: ReadonlyMap<number, Field> | undefined;
  const ready = () => fields ??= readTable(table);
  return {
    name,
    get fields() {
      return ready();
    },
    create() {
      const message: Record<string, unknown> = {};
      for (const field of ready().values()) {
        if (field.kind !== "message" || field.isRepeated) message[field.name] = zeroOf(field);
      }
      // The generator writes the table and T from the same .proto file.
      return message as T;
    },
  };
}

function readTable(table: FieldTable): ReadonlyMap<number, Field> {
  return new Map(
    Object.entries(table).map(([number, [name, kindText, detail]]): [number, Field] => {
      const isRepeated = kindText.endsWith("[]");
      // Cutting "[]" off leaves one of the kinds.
      const kind = (isRepeated ? kindText.slice(0, -2) : kindText) as FieldKind;
      return [Number(number), { number: Number(number), name, kind, isRepeated, detail }];
    }),
  );
}

function zeroOf(field: Field): unknown {
  if (field.isRepeated) return [];
  switch (field.kind) {
    case "string":
      return "";
    case "bytes":
      return new Uint8Array();
    case "bool":
      return false;
    case "int64":
    case "uint64":
      return 0n;
    case "map":
      return {};
    default:
      return 0;
  }
}

/** The type of the messages in a field of kind `message`. */
export function typeOf(field: Field): MessageType<unknown> {
  if (typeof field.detail !== "function") throw new TypeError(`${field.name} has no message type`);
  return field.detail();
}

/**
 * Reads a message. Fields that the type does not have are skipped.
 *
 * @throws {RangeError} if the bytes end too early or are no message.
 */
export function decodeMessage<T>(type: MessageType<T>, bytes: Uint8Array): T {
  return readMessage(new WireReader(bytes), type, bytes.length);
}

function readMessage<T>(reader: WireReader, type: MessageType<T>, end: number): T {
  const message = type.create();
  // Only the names of the type's own table are written.
  const target = message as Record<string, unknown>;
  while (reader.position < end) {
    const tag = reader.uint32();
    const wireType = tag & 7;
    const field = type.fields.get(tag >>> 3);
    if (field === undefined) reader.skip(wireType);
    // `create` made a map of texts and a list, by the same table.
    else if (field.kind === "map") {
      readEntry(reader, target[field.name] as Record<string, string>);
    } else if (!field.isRepeated) target[field.name] = readValue(reader, field);
    else readItems(reader, field, wireType, target[field.name] as unknown[]);
  }
  if (reader.position !== end) throw new RangeError(`A ${type.name} is longer than its length`);
  return message;
}

function readItems(reader: WireReader, field: Field, wireType: number, list: unknown[]): void {
  const isNumber = field.kind !== "string" && field.kind !== "bytes" && field.kind !== "message";
  if (!isNumber || wireType !== 2) {
    list.push(readValue(reader, field));
    return;
  }
  const end = reader.lengthEnd();
  while (reader.position < end) list.push(readValue(reader, field));
}

function readValue(reader: WireReader, field: Field): unknown {
  switch (field.kind) {
    case "string":
      return reader.string();
    case "bytes":
      return reader.bytes();
    case "bool":
      return reader.uint32() !== 0;
    case "int32":
    case "enum":
      return reader.int32();
    case "uint32":
      return reader.uint32();
    case "int64":
      return BigInt.asIntN(64, reader.uint64());
    case "uint64":
      return reader.uint64();
    default: {
      const end = reader.lengthEnd();
      return readMessage(reader, typeOf(field), end);
    }
  }
}

/** An entry of a map is a message with the key as field 1 and the value as field 2. */
function readEntry(reader: WireReader, map: Record<string, string>): void {
  const end = reader.lengthEnd();
  let key = "";
  let value = "";
  while (reader.position < end) {
    const tag = reader.uint32();
    if (tag === 0x0a) key = reader.string();
    else if (tag === 0x12) value = reader.string();
    else reader.skip(tag & 7);
  }
  if (key === "__proto__") {
    // An assignment would set the prototype.
    const entry = { value, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(map, key, entry);
  } else map[key] = value;
}

/** Writes a message; what is left out or has its default is not sent. */
export function encodeMessage<T>(type: MessageType<T>, init: Init<T>): Uint8Array {
  const writer = new WireWriter();
  writeMessage(writer, type.fields, init);
  return writer.finish();
}

function writeMessage(
  writer: WireWriter,
  fields: ReadonlyMap<number, Field>,
  message: unknown,
): void {
  // Only the names of the type's own table are read.
  const values = message as Readonly<Record<string, unknown>>;
  for (const field of fields.values()) {
    const value = values[field.name];
    if (value === undefined) continue;
    if (field.kind === "map") writeMap(writer, field.number, value);
    else if (Array.isArray(value)) writeItems(writer, field, value);
    else if (!isZero(value)) writeValue(writer, field, value, true);
  }
}

function isZero(value: unknown): boolean {
  return value === "" || value === 0 || value === 0n || value === false ||
    (value instanceof Uint8Array && value.length === 0);
}

function writeItems(writer: WireWriter, field: Field, items: readonly unknown[]): void {
  if (items.length === 0) return;
  if (field.kind === "string" || field.kind === "bytes" || field.kind === "message") {
    for (const item of items) writeValue(writer, field, item, true);
    return;
  }
  writer.tag(field.number, 2);
  writer.nested((inner) => {
    for (const item of items) writeValue(inner, field, item, false);
  });
}

function writeMap(writer: WireWriter, number: number, map: unknown): void {
  for (const [key, value] of Object.entries(map ?? {})) {
    writer.tag(number, 2);
    writer.nested((entry) => {
      entry.tag(1, 2);
      entry.string(key);
      entry.tag(2, 2);
      entry.string(String(value));
    });
  }
}

function writeValue(writer: WireWriter, field: Field, value: unknown, withTag: boolean): void {
  const isLengthPrefixed = field.kind === "string" || field.kind === "bytes" ||
    field.kind === "message";
  if (withTag) writer.tag(field.number, isLengthPrefixed ? 2 : 0);
  if (field.kind === "message") {
    writer.nested((inner) => writeMessage(inner, typeOf(field).fields, value));
  } else if (typeof value === "string") writer.string(value);
  else if (value instanceof Uint8Array) writer.bytes(value);
  else if (typeof value === "bigint") writer.varint(value);
  else writer.varint(BigInt(Number(value)));
}
