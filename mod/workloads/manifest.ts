/** One object of the files that people have, with the way back to its text. */
import {
  formatPath,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type Path,
  type Position,
  type Problem,
  valueAt,
} from "../core/mod.ts";
import type { PodKey } from "../pods/mod.ts";

/** One object: a Deployment, a Service, … Its namespace is empty if its kind has none. */
export interface Manifest extends PodKey {
  readonly kind: string;
  readonly value: JsonObject;
  /** The file as the user named it; `-` for standard input. */
  readonly file: string;
  /** 0-based number of its document in the file. */
  readonly document: number;
  /** Where the value at `path` of the object stands, or its key; else the nearest ancestor. */
  positionOf(path: Path, part?: "key" | "value"): Position;
  /** The text of a 1-based line of the file. */
  lineText(line: number): string;
}

/** Something that was given and does not become part of what is declared. */
export interface NotKept {
  readonly file: string;
  readonly position: Position;
  /** Whose it is: `Deployment default/web`. */
  readonly of: string;
  /** The field, such as `spec.strategy`; empty for the whole object. */
  readonly field: string;
  /** Why, or what holds instead. */
  readonly why: string;
  /** The next step, where there is one. */
  readonly hint?: string;
}

/** What is found on the way: nothing is left out without a word. */
export class Findings {
  readonly notKept: NotKept[] = [];
  readonly problems: Problem[] = [];

  /** Notes what is left out; `path` is empty for the whole object. */
  leaveOut(manifest: Manifest, path: Path, why: string, hint?: string): void {
    this.notKept.push({
      file: manifest.file,
      position: path.length === 0
        ? manifest.positionOf(["kind"], "key")
        : manifest.positionOf(path, "key"),
      of: nameOf(manifest),
      field: formatPath(path),
      why,
      ...(hint === undefined ? {} : { hint }),
    });
  }

  /** Notes what is wrong. */
  report(manifest: Manifest, path: Path, about: About, part: "key" | "value" = "value"): void {
    const position = manifest.positionOf(path, part);
    this.problems.push({
      severity: "error",
      file: manifest.file,
      position,
      // The line of a Secret may hold a value.
      ...(manifest.kind === "Secret" ? {} : { sourceLine: manifest.lineText(position.line) }),
      path,
      ...about,
    });
  }
}

/** What a problem says, without its place. */
export type About = Pick<Problem, "code" | "message" | "wanted" | "hint" | "related">;

/** `Deployment default/web`, or `Namespace web` of what belongs to no namespace. */
export function nameOf({ kind, namespace, name }: Pick<Manifest, "kind" | keyof PodKey>): string {
  return `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`;
}

/** The object at a path; an empty one if there is none. */
export function objectAt(value: JsonValue, path: Path): JsonObject {
  const found = valueAt(value, path);
  return isJsonObject(found) ? found : {};
}

/** The list at a path; an empty one if there is none. */
export function listAt(value: JsonValue, path: Path): readonly JsonValue[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path; undefined if there is none, or an empty one. */
export function textAt(value: JsonValue, path: Path): string | undefined {
  const found = valueAt(value, path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** The integer at a path; undefined if there is none. */
export function integerAt(value: JsonValue, path: Path): number | undefined {
  const found = valueAt(value, path);
  return typeof found === "number" && Number.isInteger(found) ? found : undefined;
}
