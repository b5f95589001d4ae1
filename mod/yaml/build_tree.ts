/** From the nodes of the `yaml` library to located JSON values. */
import { isAlias, isMap, isScalar, isSeq, Scalar } from "yaml";
import type { Document, Node, Pair, ParsedNode, YAMLMap } from "yaml";
import type { JsonValue } from "../core/mod.ts";
import type { YamlLimits } from "./limits.ts";
import { resolveScalar } from "./scalar.ts";
import { objectOf } from "./tree.ts";
import type { Located, LocatedMember } from "./tree.ts";

/** Something in a well-formed document that JSON or our limits do not allow. */
export interface BuildProblem {
  readonly code:
    | "duplicate-key"
    | "invalid-key"
    | "invalid-merge"
    | "no-json-value"
    | "unknown-alias"
    | "alias-loop"
    | "alias-bomb"
    | "template";
  readonly offset: number;
  readonly message: string;
  readonly wanted?: string;
  readonly hint?: string;
  readonly relatedOffset?: number;
}

/** What {@linkcode buildTree} needs besides the document. */
export interface BuildOptions {
  readonly text: string;
  readonly limits: YamlLimits;
  /** `last` as the kubelet's decoder does it, where also `<<` overrides what stands before it. */
  readonly duplicateKeys: "error" | "last";
}

/** A tree, and everything that is wrong in it; the tree is undefined when it would be too large. */
export interface BuiltTree {
  readonly root: Located | undefined;
  readonly problems: readonly BuildProblem[];
}

class TooLarge extends Error {}

/** Converts one document that has no syntax errors. */
export function buildTree(document: Document.Parsed, options: BuildOptions): BuiltTree {
  const builder = new TreeBuilder(options);
  try {
    return {
      root: builder.build(document.contents, document.range[0]),
      problems: builder.problems,
    };
  } catch (error) {
    if (error instanceof TooLarge) return { root: undefined, problems: builder.problems };
    throw error;
  }
}

function nothing(offset: number): Located {
  return { value: null, offset, sizeChars: 4 };
}

/** Builds the values of one document, and keeps its anchors. */
class TreeBuilder {
  readonly problems: BuildProblem[] = [];
  readonly #options: BuildOptions;
  readonly #anchors = new Map<string, Located | "open">();

  constructor(options: BuildOptions) {
    this.#options = options;
  }

  #bomb(name: string, offset: number): never {
    this.problems.push({
      code: "alias-bomb",
      offset,
      message: `The aliases of this document multiply it beyond all measure, here "*${name}"`,
      wanted: `at most ${this.#options.limits.maxExpandedChars} characters once written out`,
      hint: "Write the value out where it is needed",
    });
    throw new TooLarge();
  }

  build(node: Node | null | undefined, offset: number): Located {
    if (node === null || node === undefined) return nothing(offset);
    const at = node.range?.[0] ?? offset;
    if (isAlias(node)) return this.#alias(node.source, at);
    const name = node.anchor;
    if (name !== undefined) this.#anchors.set(name, "open");
    let built: Located;
    if (isMap(node)) built = this.#mapping(node, at);
    else if (isSeq(node)) built = this.#list(node.items, at);
    else if (isScalar(node)) built = this.#scalar(node, at);
    else built = nothing(at);
    if (name !== undefined) this.#anchors.set(name, built);
    return built;
  }

  #alias(name: string, offset: number): Located {
    const target = this.#anchors.get(name);
    if (target === undefined) {
      this.problems.push({
        code: "unknown-alias",
        offset,
        message: `"*${name}" refers to an anchor "&${name}" that is not defined above it`,
        hint: `If the star is part of the text, put it in quotes: "*${name}"`,
      });
      return nothing(offset);
    }
    if (target === "open") {
      this.problems.push({
        code: "alias-loop",
        offset,
        message: `"*${name}" refers to a value that contains it, which never ends`,
        hint: "Write the value out, without the alias",
      });
      return nothing(offset);
    }
    return target;
  }

  #scalar(node: Scalar, offset: number): Located {
    const source = node.source ?? String(node.value ?? "");
    const plain = node.type === Scalar.PLAIN;
    const result = resolveScalar(source, plain, node.tag);
    if (result.ok) return { value: result.value, offset, sizeChars: source.length + 2 };
    const shown = JSON.stringify(source.slice(0, 60));
    const tag = `!!${node.tag?.split(":").at(-1)}`;
    this.problems.push({
      code: "no-json-value",
      offset,
      message: {
        "no-number": `${shown} is a number that Kubernetes has no notation for`,
        "tag": `${shown} is no value for the tag "${tag}"`,
        "base64": `The text after "${tag}" is no base64`,
      }[result.reason],
      ...(result.reason === "no-number"
        ? { hint: "If it is meant as text, put it in quotes" }
        : {}),
    });
    return nothing(offset);
  }

  #list(items: readonly unknown[], offset: number): Located {
    const built: Located[] = [];
    let sizeChars = 2;
    for (const item of items) {
      // The library types items as unknown; what it parses are nodes and null.
      const located = this.build(item as Node | null, offset);
      sizeChars += located.sizeChars + 1;
      this.#check(item, sizeChars, offset);
      built.push(located);
    }
    return { value: built.map((item) => item.value), offset, items: built, sizeChars };
  }

  #check(node: unknown, sizeChars: number, offset: number): void {
    if (sizeChars <= this.#options.limits.maxExpandedChars) return;
    // Only aliases make a document larger than its file, whose size has its own limit.
    if (isAlias(node)) this.#bomb(node.source, node.range?.[0] ?? offset);
    if (this.#anchors.size > 0) this.#bomb(String(this.#anchors.keys().next().value), offset);
  }

  #mapping(node: YAMLMap, offset: number): Located {
    const members = new Map<string, LocatedMember>();
    const own = new Set<string>();
    let sizeChars = 2;
    for (const pair of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const keyOffset = pair.key?.range?.[0] ?? offset;
      if (isMergeKey(pair.key)) {
        const merged = this.build(pair.value, keyOffset);
        const sources = merged.items ?? [merged];
        for (const source of sources.toReversed()) {
          if (source.members === undefined) {
            this.problems.push({
              code: "invalid-merge",
              offset: keyOffset,
              message: 'The merge key "<<" has a value that is no mapping',
              wanted: "an alias of a mapping, or a list of them",
            });
            break;
          }
          for (const [key, member] of source.members) {
            if (own.has(key) && this.#options.duplicateKeys === "error") continue;
            members.set(key, member);
          }
        }
        sizeChars += merged.sizeChars;
        this.#check(pair.value, sizeChars, offset);
        continue;
      }
      const located = this.build(pair.value, keyOffset);
      sizeChars += located.sizeChars;
      const key = this.#keyText(pair.key, keyOffset);
      if (key === undefined) continue;
      sizeChars += key.length + 4;
      this.#check(pair.value, sizeChars, offset);
      const first = members.get(key);
      if (first !== undefined && own.has(key) && this.#options.duplicateKeys === "error") {
        this.problems.push({
          code: "duplicate-key",
          offset: keyOffset,
          message: `The key "${key}" stands twice in one mapping`,
          wanted: "each key once",
          hint: "Remove one of the two, or join them",
          relatedOffset: first.keyOffset,
        });
        continue;
      }
      own.add(key);
      members.set(key, { keyOffset, node: located });
    }
    return { value: objectOf(members), offset, members, sizeChars };
  }

  #keyText(key: ParsedNode | null, offset: number): string | undefined {
    const located = isScalar(key) || isAlias(key) ? this.build(key, offset) : nothing(offset);
    const text = keyOf(located.value);
    if (text !== undefined) return text;
    if (this.problems.some((problem) => problem.offset === offset)) return undefined;
    const template = this.#options.text.startsWith("{{", offset - 1) ||
      this.#options.text.startsWith("{{", offset);
    this.problems.push(
      template
        ? {
          code: "template",
          offset,
          message: "A template expression in double braces is no YAML",
          hint: "Render the template first; if the braces are meant as text, put it in quotes",
        }
        : {
          code: "invalid-key",
          offset,
          message: key === null || isScalar(key)
            ? "A key is empty or null"
            : "A key is a list or a mapping",
          wanted: "a text before the colon",
        },
    );
    return undefined;
  }
}

function isMergeKey(key: ParsedNode | null): boolean {
  return isScalar(key) && key.source === "<<" && key.type === Scalar.PLAIN;
}

/**
 * A key as the kubelet's decoder writes it: numbers and booleans become text.
 * Source: sigs.k8s.io/yaml yaml.go, convertToJSONableObject.
 */
function keyOf(value: JsonValue): string | undefined {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return String(value);
    case "bigint":
      return value < 2n ** 63n ? String(value) : undefined;
    case "number":
      return Number.isInteger(value) && Math.abs(value) < 1e21 ? String(value) : float32Text(value);
    default:
      return undefined;
  }
}

/** The shortest text of a float of 32 bits, as Go's `FormatFloat(value, 'g', -1, 32)`. */
function float32Text(value: number): string {
  const wanted = Math.fround(value);
  let digits = 1;
  while (digits < 9 && Math.fround(Number(value.toPrecision(digits))) !== wanted) digits += 1;
  const [mantissa, exponentText] = value.toExponential(digits - 1).split("e");
  const exponent = Number(exponentText);
  // Go writes an exponent of two digits, and from 21 digits on.
  if (exponent >= -4 && exponent < 21) return String(Number(value.toPrecision(digits)));
  return `${mantissa}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}
