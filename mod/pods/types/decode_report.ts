/** What a decode finds. */
import type { JsonValue, Path, PathSegment } from "../../core/mod.ts";

/** A value whose JSON type does not fit its field: Go would not decode the pod. */
export interface DecodeFailure {
  readonly path: Path;
  /** What was wanted and what is there, without the path. */
  readonly message: string;
}

/** A field that no struct knows: Go drops it without a word. */
export interface UnknownField {
  readonly path: Path;
  /** The fields that exist there. */
  readonly known: readonly string[];
}

/** Collects what a decode finds; it never throws. */
export class DecodeReport {
  readonly failures: DecodeFailure[] = [];
  readonly unknown: UnknownField[] = [];
  /** The minor of Kubernetes 1.x that decodes; later fields are unknown to it. */
  readonly minor: number;
  readonly #path: PathSegment[] = [];

  /** Gets the path of each integer that is read, if the caller asks for them. */
  readonly #integers: Path[] | undefined;

  constructor(minor: number, integers?: Path[]) {
    this.minor = minor;
    this.#integers = integers;
  }

  /** Notes that the current value was read as an integer. */
  readInteger(): void {
    this.#integers?.push([...this.#path]);
  }

  /** Steps into a child; the caller steps out with `leave`. */
  enter(segment: PathSegment): void {
    this.#path.push(segment);
  }

  leave(): void {
    this.#path.pop();
  }

  fail(message: string): void {
    this.failures.push({ path: [...this.#path], message });
  }

  /**
   * Says that the value is of the wrong JSON type. What stands in an `env` may be a
   * password, as in `value: 12345` or `- PASSWORD=12345`, and messages go into logs and
   * to readers: of it only the type is said.
   */
  mismatch(wanted: string, value: JsonValue): void {
    const shown = this.#path.includes("env") ? describeType(value) : describeJson(value);
    this.fail(`must be ${wanted}, current value is ${shown}`);
  }

  unknownField(name: string, known: readonly string[]): void {
    this.unknown.push({ path: [...this.#path, name], known });
  }
}

function describeType(value: JsonValue): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return value === null ? "null" : "a mapping";
  if (typeof value === "string") return "a string";
  return typeof value === "boolean" ? "true or false" : "a number";
}

function describeJson(value: JsonValue): string {
  if (typeof value === "object") return describeType(value);
  if (typeof value === "bigint") return value.toString();
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 39)}…` : text;
}
