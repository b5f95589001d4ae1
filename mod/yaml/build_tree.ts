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
  const problems: BuildProblem[] = [];
  const anchors = new Map<string, Located | "open">();
  const start = document.range[0];

  const nothing = (offset: number): Located => ({ value: null, offset, sizeChars: 4 });

  const bomb = (name: string, offset: number): never => {
    problems.push({
      code: "alias-bomb",
      offset,
      message: `The aliases of this document multiply it beyond all measure, here "*${name}"`,
      wanted: `at most ${options.limits.maxExpandedChars} characters once written out`,
      hint: "Write the value out where it is needed",
    });
    throw new TooLarge();
  };

  const build = (node: Node | null | undefined, offset: number): Located => {
    if (node === null || node === undefined) return nothing(offset);
    const at = node.range?.[0] ?? offset;
    if (isAlias(node)) return alias(node.source, at);
    const name = node.anchor;
    if (name !== undefined) anchors.set(name, "open");
    let built: Located;
    if (isMap(node)) built = mapping(node, at);
    else if (isSeq(node)) built = list(node.items, at);
    else if (isScalar(node)) built = scalar(node, at);
    else built = nothing(at);
    if (name !== undefined) anchors.set(name, built);
    return built;
  };

  const alias = (name: string, offset: number): Located => {
    const target = anchors.get(name);
    if (target === undefined) {
      problems.push({
        code: "unknown-alias",
        offset,
        message: `"*${name}" refers to an anchor "&${name}" that is not defined above it`,
        hint: `If the star is part of the text, put it in quotes: "*${name}"`,
      });
      return nothing(offset);
    }
    if (target === "open") {
      problems.push({
        code: "alias-loop",
        offset,
        message: `"*${name}" refers to a value that contains it, which never ends`,
        hint: "Write the value out, without the alias",
      });
      return nothing(offset);
    }
    return target;
  };

  const scalar = (node: Scalar, offset: number): Located => {
    const source = node.source ?? String(node.value ?? "");
    const plain = node.type === Scalar.PLAIN;
    const result = resolveScalar(source, plain, node.tag);
    if (result.ok) return { value: result.value, offset, sizeChars: source.length + 2 };
    const shown = JSON.stringify(source.slice(0, 60));
    const tag = `!!${node.tag?.split(":").at(-1)}`;
    problems.push({
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
  };

  const list = (items: readonly unknown[], offset: number): Located => {
    const built: Located[] = [];
    let sizeChars = 2;
    for (const item of items) {
      // The library types items as unknown; what it parses are nodes and null.
      const located = build(item as Node | null, offset);
      sizeChars += located.sizeChars + 1;
      check(item, sizeChars, offset);
      built.push(located);
    }
    return { value: built.map((item) => item.value), offset, items: built, sizeChars };
  };

  const check = (node: unknown, sizeChars: number, offset: number) => {
    if (sizeChars <= options.limits.maxExpandedChars) return;
    // Only aliases make a document larger than its file, whose size has its own limit.
    if (isAlias(node)) bomb(node.source, node.range?.[0] ?? offset);
    if (anchors.size > 0) bomb(String(anchors.keys().next().value), offset);
  };

  const mapping = (node: YAMLMap, offset: number): Located => {
    const members = new Map<string, LocatedMember>();
    const own = new Set<string>();
    let sizeChars = 2;
    for (const pair of node.items as Pair<ParsedNode, ParsedNode | null>[]) {
      const keyOffset = pair.key?.range?.[0] ?? offset;
      if (isMergeKey(pair.key)) {
        const merged = build(pair.value, keyOffset);
        const sources = merged.items ?? [merged];
        for (const source of sources.toReversed()) {
          if (source.members === undefined) {
            problems.push({
              code: "invalid-merge",
              offset: keyOffset,
              message: 'The merge key "<<" has a value that is no mapping',
              wanted: "an alias of a mapping, or a list of them",
            });
            break;
          }
          for (const [key, member] of source.members) {
            if (own.has(key) && options.duplicateKeys === "error") continue;
            members.set(key, member);
          }
        }
        sizeChars += merged.sizeChars;
        check(pair.value, sizeChars, offset);
        continue;
      }
      const located = build(pair.value, keyOffset);
      sizeChars += located.sizeChars;
      const key = keyText(pair.key, keyOffset);
      if (key === undefined) continue;
      sizeChars += key.length + 4;
      check(pair.value, sizeChars, offset);
      const first = members.get(key);
      if (first !== undefined && own.has(key) && options.duplicateKeys === "error") {
        problems.push({
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
  };

  const keyText = (key: ParsedNode | null, offset: number): string | undefined => {
    const located = isScalar(key) || isAlias(key) ? build(key, offset) : nothing(offset);
    const text = keyOf(located.value);
    if (text !== undefined) return text;
    if (problems.some((problem) => problem.offset === offset)) return undefined;
    const template = options.text.startsWith("{{", offset - 1) ||
      options.text.startsWith("{{", offset);
    problems.push(
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
  };

  try {
    return { root: build(document.contents, start), problems };
  } catch (error) {
    if (error instanceof TooLarge) return { root: undefined, problems };
    throw error;
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
