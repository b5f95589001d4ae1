/**
 * What is wrong with a pod, as data.
 *
 * Validators are plain functions `validateX(value, path, …, issues): void` that
 * push to the `issues` array they are given. They never throw, never stop at the
 * first finding and never look at the text of a message.
 *
 * Source of the types: Kubernetes 1.36, k8s.io/apimachinery pkg/util/validation/field.
 */
import type { Path, PathSegment } from "../core/mod.ts";

/** The kind of an issue, in the kubelet's wording; those from `Decode` on are podstead's own. */
export type IssueType =
  | "Required value"
  | "Invalid value"
  | "Duplicate value"
  | "Not found"
  | "Unsupported value"
  | "Forbidden"
  | "Too long"
  | "Too many"
  | "Too few"
  | "Too short"
  | "Internal error"
  /** The pod does not decode into the Go struct. */
  | "Decode"
  /** A static pod refers to an object of the API server. */
  | "StaticPodAPIReference"
  /** A warning: the field is unknown, and the kubelet drops it silently. */
  | "Unknown field"
  /** A warning: it still works, or never did. */
  | "Deprecated"
  /** A warning: the kubelet takes it, but it is seldom what was meant. */
  | "Discouraged"
  /** A warning: the kubelet takes it, but no container comes of it. */
  | "Will not work"
  /** A warning: an expression of a template that was not rendered. */
  | "Unrendered template";

/** The types of issues that refuse nothing. */
const WARNING_TYPES = [
  "Unknown field",
  "Deprecated",
  "Discouraged",
  "Will not work",
  "Unrendered template",
] as const satisfies readonly IssueType[];
export type WarningType = typeof WARNING_TYPES[number];

/** Whether issues of a type refuse nothing. */
export function isWarning(type: IssueType): type is WarningType {
  return WARNING_TYPES.some((one) => one === type);
}

/** A value to quote in a message; undefined if quoting it would not help. */
export type BadValue = string | number | bigint | boolean | { toString(): string } | undefined;

/** One thing wrong with a pod. */
export interface PodIssue {
  /** The kubelet's notation: `spec.containers[0].resources.requests[cpu]`. */
  readonly field: string;
  /** The same place from the root of the pod, for finding it in a file. */
  readonly path: Path;
  readonly type: IssueType;
  /** What was wanted; empty if the type says it all. */
  readonly detail: string;
  readonly badValue?: BadValue;
  /** The next step; where it is absent, `nextStep` derives one from the type. */
  readonly hint?: string;
  /** The name of a warning's rule, such as `image-latest`. */
  readonly rule?: string;
  /** What it is about, where one line may stand for several: images. */
  readonly subjects?: readonly string[];
}

/**
 * A place in a pod. The kubelet's text of it is not always the way through the
 * JSON (`spec.volumes[0].downwardAPI.path` leaves out `items[0]`), so both are kept.
 */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  readonly #segment: PathSegment | undefined;
  readonly #text: string;

  private constructor(
    parent: FieldPath | undefined,
    segment: PathSegment | undefined,
    text: string,
  ) {
    this.#parent = parent;
    this.#segment = segment;
    this.#text = text;
  }

  /** A path whose text begins with `name`; the place is `path`, by default that name. */
  static root(name: string, path: Path = [name]): FieldPath {
    let place: FieldPath | undefined;
    for (const segment of path) place = new FieldPath(place, segment, "");
    return new FieldPath(place, undefined, name);
  }

  /** A field of this struct. */
  child(name: string): FieldPath {
    return new FieldPath(this, name, `${this.#text}.${name}`);
  }

  /** An element of this list. */
  index(index: number): FieldPath {
    return new FieldPath(this, index, `${this.#text}[${index}]`);
  }

  /** An entry of this map. */
  key(key: string): FieldPath {
    return new FieldPath(this, key, `${this.#text}[${key}]`);
  }

  /** The same place under the kubelet's name for it, where that differs. */
  named(text: string): FieldPath {
    return new FieldPath(this, undefined, text);
  }

  /** This text, at another place: a child that the kubelet does not name. */
  at(...segments: readonly PathSegment[]): FieldPath {
    return segments.reduce<FieldPath>(
      (place, segment) => new FieldPath(place, segment, this.#text),
      this,
    );
  }

  /** From the root of the pod. */
  get path(): Path {
    const above = this.#parent?.path ?? [];
    return this.#segment === undefined ? above : [...above, this.#segment];
  }

  toString(): string {
    return this.#text;
  }
}

function issue(
  path: FieldPath,
  type: IssueType,
  detail: string,
  badValue?: BadValue,
): PodIssue {
  const found = { field: path.toString(), path: path.path, type, detail };
  return badValue === undefined ? found : { ...found, badValue };
}

/** A value that must be there is not. */
export function required(path: FieldPath, detail = ""): PodIssue {
  return issue(path, "Required value", detail);
}

/** A value that is malformed or out of range. */
export function invalid(path: FieldPath, value: BadValue, detail: string): PodIssue {
  return issue(path, "Invalid value", detail, value);
}

/** A value that must be unique is there twice. */
export function duplicate(path: FieldPath, value: BadValue): PodIssue {
  return issue(path, "Duplicate value", "", value);
}

/** A value names something that does not exist. */
export function notFound(path: FieldPath, value: BadValue): PodIssue {
  return issue(path, "Not found", "", value);
}

/** A value is none of those that exist. */
export function notSupported(
  path: FieldPath,
  value: BadValue,
  supported: readonly string[],
): PodIssue {
  const detail = supported.length === 0
    ? ""
    : `supported values: ${supported.map((one) => JSON.stringify(one)).join(", ")}`;
  return issue(path, "Unsupported value", detail, value);
}

/** A value that may not be there under these conditions. */
export function forbidden(path: FieldPath, detail: string): PodIssue {
  return issue(path, "Forbidden", detail);
}

/** A text is longer than `maxBytes`. */
export function tooLong(path: FieldPath, maxBytes: number): PodIssue {
  return issue(path, "Too long", maxBytes >= 0 ? `may not be more than ${maxBytes} bytes` : "");
}

/** There is no room for the pod in the served list; podstead's own rule, with the kubelet's limit. */
export function noRoom(limit: string): PodIssue {
  return issue(
    FieldPath.root("", []),
    "Too long",
    `with it the list would have more than ${limit}, the kubelet's limit; move large values ` +
      "(scripts, certificates) into files that it mounts",
  );
}

/** A list is longer than `max`. */
export function tooMany(path: FieldPath, actual: number, max: number): PodIssue {
  return issue(path, "Too many", `must have at most ${max} items`, actual);
}

/** The rules themselves failed on this value. */
export function internalError(path: FieldPath, detail: string): PodIssue {
  return issue(path, "Internal error", detail);
}

/** The value's JSON type does not fit. */
export function undecodable(path: Path, field: string, detail: string): PodIssue {
  return { field, path, type: "Decode", detail };
}

/** Something that the kubelet takes and a person will regret. */
export function warning(
  path: FieldPath,
  type: WarningType,
  detail: string,
  more: Pick<PodIssue, "hint" | "rule" | "subjects"> = {},
): PodIssue {
  return { ...issue(path, type, detail), ...more };
}

/** A field that no kubelet of this version knows. */
export function unknownField(path: Path, field: string, detail: string): PodIssue {
  return { field, path, type: "Unknown field", detail };
}

/** A reference that only an API server could resolve. */
export function apiReference(path: FieldPath, detail: string, hint: string): PodIssue {
  return { ...issue(path, "StaticPodAPIReference", detail), hint };
}
