import { Composer, Parser } from "yaml";
import type { Document } from "yaml";
import type { Problem } from "../core/mod.ts";
import { buildTree } from "./build_tree.ts";
import { parseJsonText } from "./json_text.ts";
import { tooLarge } from "./decode_text.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { YamlLimits } from "./limits.ts";
import { explainTemplate, templateDoubt } from "./explain_template.ts";
import { indexLines } from "./line_index.ts";
import type { LineIndex } from "./line_index.ts";
import { holdsSecret, isOfSecret, unquoted } from "./of_secret.ts";
import { packPlaces } from "./places.ts";
import { parseSimpleYaml } from "./simple_yaml.ts";
import { explainSyntax } from "./syntax_problem.ts";
import { tokenDepth } from "./token_depth.ts";
import type { ReadItems } from "./read_items.ts";
import type { Located } from "./tree.ts";
import { documentsOf, type ScannedDocument, type ScannedYaml } from "./scanned.ts";
import type { ParsedYaml } from "./types.ts";

/** How {@linkcode parseYaml} reads; every limit can be set. */
export interface YamlOptions extends Partial<YamlLimits> {
  /**
   * What a key that stands twice in one mapping means: `error` (the default)
   * reports it, `last` lets the last one count, as the kubelet does. With
   * `last` the text is also judged as strictly as the kubelet judges it: text
   * that begins with `{` must be JSON.
   */
  readonly duplicateKeys?: "error" | "last";
}

// Outside of these, YAML 1.1 (and the kubelet's decoder) knows no character.
// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/**
 * Reads YAML of one or more documents, or JSON, into JSON values with positions.
 * Values mean what they mean to the kubelet's decoder (see `resolveScalar`).
 *
 * Never throws: everything that is wrong is in `problems`. A document with a
 * problem is missing from `documents`; the index of the others still counts it.
 *
 * @param file the name for problems, as the user gave it
 */
export function parseYaml(text: string, file: string, options: YamlOptions = {}): ParsedYaml {
  return documentsOf(parse(text, file, options, readSimplest));
}

/** As {@linkcode parseYaml}, but as plain data, which can go from one process to another. */
export function scanYaml(text: string, file: string): ScannedYaml {
  return parse(text, file, {}, readSimplest);
}

/**
 * The same, undefined for a text that takes its time: with anything but plain YAML or JSON in it.
 *
 * @param items those of an earlier text of the same file: what is in both is the same object
 */
export function scanSimpleYaml(
  text: string,
  file: string,
  items?: ReadItems,
): ScannedYaml | undefined {
  let isSimple = true;
  const scanned = parse(text, file, {}, (context) => {
    const read = readSimple(context, items);
    isSimple = read !== undefined;
    return read ?? answer(context, [], []);
  });
  return isSimple ? scanned : undefined;
}

/** As {@linkcode parseYaml}, but the library reads every YAML text: to hold the two together. */
export function parseYamlByLibrary(
  text: string,
  file: string,
  options: YamlOptions = {},
): ParsedYaml {
  return documentsOf(parse(text, file, options, readYaml));
}

function parse(
  text: string,
  file: string,
  options: YamlOptions,
  read: (context: Context) => ScannedYaml,
): ScannedYaml {
  const maxGrowth = options.maxGrowth ?? DEFAULT_LIMITS.maxGrowth;
  const limits: YamlLimits = {
    maxBytes: options.maxBytes ?? DEFAULT_LIMITS.maxBytes,
    maxDepth: options.maxDepth ?? DEFAULT_LIMITS.maxDepth,
    maxExpandedChars: Math.min(
      options.maxExpandedChars ?? DEFAULT_LIMITS.maxExpandedChars,
      maxGrowth * text.length,
    ),
    maxGrowth,
  };
  const duplicateKeys = options.duplicateKeys ?? "error";
  // A lone CR is a line break too (YAML 1.2 §5.4), and U+0085 was one in YAML 1.1, which
  // the library does not know; the replacement keeps every offset.
  const breaks = /^\s*\{/.test(text) ? /\r(?!\n)/g : /\r(?!\n)|\u0085/g;
  const lines = indexLines(text.replace(breaks, "\n"));
  let hasSecret: boolean | undefined;
  const context: Context = {
    lines,
    file,
    limits,
    duplicateKeys,
    // Once for all problems: a text of megabytes may have thousands of them.
    get hasSecret() {
      return hasSecret ??= holdsSecret(lines.text);
    },
  };

  if (text.length > limits.maxBytes) {
    return answer(context, [], [tooLarge(file, text.length, limits.maxBytes)]);
  }
  const control = CONTROL.exec(text);
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return answer(context, [], [problem(context, {
      code: "control-character",
      offset: control.index,
      message: `The text has the control character U+${code}`,
      wanted: "printable characters, spaces and line breaks",
      hint: "Delete it; inside double quotes it can be written as an escape, such as \\x1B",
    })]);
  }
  if (/^\s*\{/.test(text)) {
    const json = readJson(context);
    if (json.problems.length === 0 || duplicateKeys === "last") return json;
    // YAML knows the same brackets, so `{a: 1}` is fine: what is wrong with it
    // as JSON matters only where it looks like JSON.
    if (json.documents.length > 0) return json;
    const yaml = read(context);
    return yaml.problems.length === 0 || !/^\s*\{\s*["}]/.test(text) ? yaml : json;
  }
  return read(context);
}

interface Context {
  readonly lines: LineIndex;
  readonly file: string;
  readonly limits: YamlLimits;
  readonly duplicateKeys: "error" | "last";
  /** Whether the text seems to hold a Secret. */
  readonly hasSecret: boolean;
}

/**
 * How many problems of a text are shown: more are not read, and each takes its time. Reading
 * ends there: a text with an error is not used.
 */
const MAX_PROBLEMS = 100;

interface Found {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly wanted?: string;
  readonly hint?: string;
  readonly relatedOffset?: number;
}

function readJson(context: Context): ScannedYaml {
  const { lines, limits } = context;
  const result = parseJsonText(lines.text, limits.maxDepth);
  if (!result.ok) return answer(context, [], asProblems(context, [result.failure]));
  const problems = context.duplicateKeys === "last"
    ? []
    : result.duplicates.slice(0, MAX_PROBLEMS).map((duplicate) =>
      problem(context, {
        code: "duplicate-key",
        offset: duplicate.offset,
        message: `The key "${duplicate.key}" stands twice in one object`,
        wanted: "each key once",
        hint: "Remove one of the two, or join them",
        relatedOffset: duplicate.firstOffset,
      })
    );
  return answer(context, [scannedDocument(result.root, 0)], problems);
}

function readSimplest(context: Context): ScannedYaml {
  return readSimple(context) ?? readYaml(context);
}

function readSimple(context: Context, items?: ReadItems): ScannedYaml | undefined {
  const simple = parseSimpleYaml(context.lines.text, context.limits.maxDepth, items);
  return simple && answer(context, simple.map(scannedDocument), []);
}

function readYaml(context: Context): ScannedYaml {
  const { lines, limits, duplicateKeys } = context;
  const composer = new Composer({
    // Every scalar stays text: `resolveScalar` gives it the kubelet's meaning.
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
  });
  const documents: ScannedDocument[] = [];
  const problems: Problem[] = [];
  let index = 0;

  const take = (document: Document.Parsed) => {
    const number = index++;
    if (document.errors.length > 0) {
      problems.push(...asProblems(context, [explainSyntax(document, document.errors, lines)]));
      return;
    }
    const { root, problems: found } = buildTree(document, {
      text: lines.text,
      limits,
      duplicateKeys,
    });
    problems.push(...asProblems(context, found));
    if (root !== undefined && found.length === 0) {
      documents.push(scannedDocument(root, number));
    }
  };

  for (const token of new Parser().parse(lines.text)) {
    const tooDeep = tokenDepth(token, limits.maxDepth);
    if (tooDeep !== undefined) {
      problems.push(problem(context, {
        code: "too-deep",
        offset: tooDeep,
        message: `Values are nested more than ${limits.maxDepth} deep`,
        wanted: `at most ${limits.maxDepth} levels`,
      }));
      return answer(context, documents, problems);
    }
    for (const document of composer.next(token)) take(document);
    if (problems.length >= MAX_PROBLEMS) {
      return answer(context, documents, [...problems, restUnread(context, token.offset)]);
    }
  }
  // Without a document, errors would be lost with it: let the library make one for them.
  const orphaned = composer.streamInfo().errors.length > 0;
  for (const document of composer.end(orphaned, lines.text.length)) take(document);
  return answer(context, documents, problems);
}

function restUnread(context: Context, offset: number): Problem {
  return problem(context, {
    code: "too-many-problems",
    offset,
    message: `The text has ${MAX_PROBLEMS} problems up to here; the rest of it is not read`,
    hint: "Fix these first: most often they have one cause",
  });
}

/** Problems that nothing but size and nesting make, whatever stands in the text. */
const OF_SIZE = new Set(["too-deep", "alias-bomb"]);

/** What was found in one document, or the one thing that matters: that it is a template. */
function asProblems(context: Context, found: readonly Found[]): readonly Problem[] {
  const [first] = found.filter(({ code }) => !OF_SIZE.has(code));
  const told = found.slice(0, MAX_PROBLEMS);
  if (first === undefined) return told.map((one) => problem(context, one));
  const { lines } = context;
  const template = explainTemplate(first.offset, lines, first.code === "duplicate-key");
  if (template !== undefined) return [problem(context, template)];
  const doubt = templateDoubt(first.offset, lines);
  return told.map((one) => {
    if (one !== first || doubt === undefined) return problem(context, one);
    return problem(context, {
      ...one,
      hint: one.hint === undefined ? doubt : `${one.hint}; ${doubt}`,
    });
  });
}

function scannedDocument(root: Located, index: number): ScannedDocument {
  return { index, value: root.value, places: packPlaces(root) };
}

function answer(
  { lines }: Context,
  documents: readonly ScannedDocument[],
  problems: readonly Problem[],
): ScannedYaml {
  return { text: lines.text, documents, problems };
}

function problem(context: Context, found: Found): Problem {
  const { lines, file } = context;
  const position = lines.positionAt(found.offset);
  if (context.hasSecret && isOfSecret(position.line, lines)) {
    const { code } = found;
    return {
      severity: "error",
      code,
      file,
      position,
      path: [],
      ...unquoted(code, position.line),
    };
  }
  return {
    severity: "error",
    code: found.code,
    file,
    position,
    sourceLine: lines.lineText(position.line),
    path: [],
    message: found.message,
    ...(found.wanted === undefined ? {} : { wanted: found.wanted }),
    ...(found.hint === undefined ? {} : { hint: found.hint }),
    ...(found.relatedOffset === undefined
      ? {}
      : { related: { file, position: lines.positionAt(found.relatedOffset) } }),
  };
}
