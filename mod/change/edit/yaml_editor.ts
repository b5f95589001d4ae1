/**
 * Turns the change of one value in a YAML text into the smallest edits of the
 * text. Comments, order, quotes and blanks of everything else stay.
 */
import { isAlias, isCollection, isMap, isPair, isScalar, isSeq, Lexer } from "yaml";
import type { Node, Pair, YAMLMap, YAMLSeq } from "yaml";
import { canonicalJson, getOwn, isJsonObject } from "../../core/mod.ts";
import type { JsonObject, JsonValue } from "../../core/mod.ts";
import { alignLists } from "./align_lists.ts";
import { renderBlock, renderInBrackets, renderInline, type YamlStyle } from "./render_value.ts";
import { columnOf, lineStart, nextLine, type TextEdit } from "./text_edit.ts";

/** A change that has no small edit: the text is written in a way that this code leaves alone. */
export class NoSmallEdit extends Error {
  override readonly name = "NoSmallEdit";
}

/** Collects the edits of one text. */
export class YamlEditor {
  readonly edits: TextEdit[] = [];
  readonly #text: string;
  readonly #style: YamlStyle;

  constructor(text: string, style: YamlStyle) {
    this.#text = text;
    this.#style = style;
  }

  /**
   * Edits `node`, which means `before`, so that it means `after`.
   *
   * @param column the column at which a block in place of it may begin
   * @param keyEnd where the key of the value ends, for a member of a mapping
   * @throws {NoSmallEdit} if there is no such edit
   */
  change(
    node: Node | null,
    before: JsonValue,
    after: JsonValue,
    column: number,
    keyEnd?: number,
  ): void {
    if (canonicalJson(before) === canonicalJson(after)) return;
    if (isMap(node) && isJsonObject(before) && isJsonObject(after) && hasKeys(after)) {
      return node.flow === true
        ? this.#changeInBrackets(node, before, after, column)
        : this.#changeMap(node, before, after);
    }
    if (isSeq(node) && Array.isArray(before) && Array.isArray(after) && after.length > 0) {
      return node.flow === true
        ? this.#changeInBrackets(node, before, after, column)
        : this.#changeList(node, before, after);
    }
    this.#replace(node, after, column, keyEnd);
  }

  /** Members of `{ }` and `[ ]` are edited one by one where none comes or goes. */
  #changeInBrackets(
    node: YAMLMap | YAMLSeq,
    before: JsonObject | readonly JsonValue[],
    after: JsonObject | readonly JsonValue[],
    column: number,
  ): void {
    const keys = Object.keys(before);
    const same = canonicalJson(keys) === canonicalJson(Object.keys(after)) &&
      keys.length === node.items.length;
    if (!same) {
      const [start = 0, end = 0] = node.range ?? [];
      if (hasComment(this.#text.slice(start, end))) {
        throw new NoSmallEdit("A comment stands inside brackets");
      }
      return this.#replace(node, after, column);
    }
    for (const [at, item] of node.items.entries()) {
      const key = isPair(item) ? keyOf(item) : String(at);
      const member = nodeOf(isPair(item) ? item.value : item);
      this.change(member, memberOf(before, key), memberOf(after, key), column);
    }
  }

  #changeMap(map: YAMLMap, before: JsonObject, after: JsonObject): void {
    const pairs = map.items.map((pair) => ({ pair, key: keyOf(pair) }));
    const column = columnOf(this.#text, startOf(pairs[0]?.pair));
    for (const [at, { pair, key }] of pairs.entries()) {
      if (key === "<<") continue;
      const value = getOwn(after, key);
      if (value === undefined) this.#removePair(map, at);
      else {
        this.change(
          nodeOf(pair.value),
          getOwn(before, key) ?? null,
          value,
          column + this.#style.indent,
          isScalar(pair.key) ? pair.key.range?.[1] : undefined,
        );
      }
    }
    const known = new Set(pairs.map(({ key }) => key));
    const added = Object.entries(after).filter(([key, value]) =>
      !known.has(key) && canonicalJson(value) !== canonicalJson(getOwn(before, key) ?? null)
    );
    if (Object.keys(before).some((key) => !known.has(key) && getOwn(after, key) === undefined)) {
      throw new NoSmallEdit("A key that comes from a merge (<<) cannot be taken out");
    }
    if (added.length === 0) return;
    const last = pairs.at(-1)?.pair;
    const text = renderBlock(Object.fromEntries(added), column, this.#style);
    this.#insertLines(this.#contentEnd(last), " ".repeat(column) + text);
  }

  #changeList(list: YAMLSeq, before: readonly JsonValue[], after: readonly JsonValue[]): void {
    const dashes = list.items.map((item) => this.#dashOf(nodeOf(item), list));
    const column = columnOf(this.#text, dashes[0] ?? 0);
    let end: number | undefined;
    for (const step of alignLists(before, after)) {
      if (step.kind === "insert") {
        const text = renderBlock([after[step.after] ?? null], column, {
          ...this.#style,
          indentLists: true,
        });
        const at = end ?? this.#lineOf(dashes[0] ?? 0);
        this.#insertLines(at, " ".repeat(column) + text);
        continue;
      }
      const item = nodeOf(list.items[step.before]);
      const dash = dashes[step.before] ?? 0;
      end = this.#contentEnd(item);
      if (step.kind === "keep") {
        const value = after[step.after] ?? null;
        this.change(item, before[step.before] ?? null, value, column + 2);
      } else this.edits.push({ start: this.#lineOf(dash), end, text: "" });
    }
  }

  #removePair(map: YAMLMap, at: number): void {
    const pair = map.items[at];
    const start = startOf(pair);
    const end = this.#contentEnd(pair);
    const line = lineStart(this.#text, start);
    if (this.#text.slice(line, start).trim() === "") {
      this.edits.push({ start: line, end, text: "" });
      return;
    }
    // The first key of a list item, behind its dash: the next key takes its place.
    const next = map.items[at + 1];
    if (next === undefined) throw new NoSmallEdit("The last key of a list item is taken out");
    const nextStart = startOf(next);
    if (this.#text.slice(end, nextStart).trim() !== "") {
      throw new NoSmallEdit("A comment stands between two keys of a list item");
    }
    this.edits.push({ start, end: nextStart, text: "" });
  }

  /** Writes a whole value in the place of a node. */
  #replace(node: Node | null, after: JsonValue, column: number, keyEnd?: number): void {
    const range = node?.range;
    if (node === null || range === null || range === undefined) {
      throw new NoSmallEdit("A value has no place in the text");
    }
    if (!isAlias(node) && node.anchor !== undefined) {
      throw new NoSmallEdit(`The value is shared by the anchor "&${node.anchor}"`);
    }
    const [start] = range;
    const isBlock = isCollection(node) && node.flow !== true;
    const end = isCollection(node) ? this.#endOfContent(node) : range[1];
    const old = this.#text.slice(start, end);
    const lineBreak = old.endsWith("\n") ? "\n" : "";
    if (isInFlow(this.#text, node) || isCollection(node) && !isBlock && isBlockWorthy(after)) {
      this.edits.push({ start, end, text: renderInBrackets(after, /^[{[] /.test(old)) });
    } else if (isBlockWorthy(after)) {
      const own = isBlock ? columnOf(this.#text, start) : column;
      const block = renderBlock(after, own, this.#style);
      const from = isBlock ? start : this.#withoutBlanks(start);
      const text = isBlock ? block : `\n${" ".repeat(own)}${block}`;
      this.edits.push({ start: from, end, text: text + lineBreak });
    } else if (isBlock && keyEnd !== undefined && hasComment(this.#text.slice(keyEnd, start))) {
      // The comments between key and value stay where they are.
      const colon = this.#text.indexOf(":", keyEnd) + 1;
      this.edits.push({ start: colon, end: colon, text: ` ${renderInline(after)}` });
      const line = lineStart(this.#text, start);
      this.edits.push({ start: line, end: this.#contentEnd(node), text: "" });
    } else {
      const from = isBlock ? this.#behindKey(start) : start;
      const glued = from === end || from !== start || /\S$/.test(this.#text.slice(0, from));
      const blank = glued && !/\s$/.test(this.#text.slice(0, from)) ? " " : "";
      this.edits.push({ start: from, end, text: blank + renderInline(after) + lineBreak });
    }
  }

  /** Behind the key whose block begins at an offset, with no comment between. */
  #behindKey(start: number): number {
    let at = start;
    while (at > 0 && /\s/.test(this.#text[at - 1] ?? "")) at--;
    if (this.#text[at - 1] === ":" || this.#text[at - 1] === "-") return at;
    throw new NoSmallEdit("A comment stands between a key and its value");
  }

  #insertLines(at: number, text: string): void {
    const breakBefore = at > 0 && this.#text[at - 1] !== "\n";
    this.edits.push({ start: at, end: at, text: breakBefore ? `\n${text}` : `${text}\n` });
  }

  /** Where the blanks before an offset begin, so that none stay at the end of a line. */
  #withoutBlanks(offset: number): number {
    let at = offset;
    while (at > 0 && this.#text[at - 1] === " ") at--;
    return at;
  }

  /** The beginning of the line of a list's dash, when nothing else stands before it. */
  #lineOf(dash: number): number {
    const line = lineStart(this.#text, dash);
    if (this.#text.slice(line, dash).trim() !== "") {
      throw new NoSmallEdit("A list begins behind something else on its line");
    }
    return line;
  }

  #dashOf(item: Node | null, list: YAMLSeq): number {
    const first = list.range?.[0];
    const start = item?.range?.[0];
    if (first === undefined || start === undefined) throw new NoSmallEdit("A list item is empty");
    const column = columnOf(this.#text, first);
    for (
      let line = lineStart(this.#text, start);
      line >= 0;
      line = lineStart(this.#text, line - 1)
    ) {
      if (this.#text[line + column] === "-" && line + column < start) return line + column;
      if (line <= first) break;
    }
    throw new NoSmallEdit("The dash of a list item was not found");
  }

  /** The offset of the line after the last line of a node or pair. */
  #contentEnd(part: unknown): number {
    const end = this.#endOfContent(part);
    return end > 0 && this.#text[end - 1] === "\n" ? end : nextLine(this.#text, end);
  }

  /** Where the last scalar of a node or pair ends, without the comments that follow. */
  #endOfContent(part: unknown): number {
    if (isPair(part)) {
      const { key, value } = part;
      const end = value === null || value === undefined ? 0 : this.#endOfContent(value);
      return Math.max(end, this.#endOfContent(key));
    }
    if ((isMap(part) || isSeq(part)) && part.flow !== true && part.items.length > 0) {
      return this.#endOfContent(part.items.at(-1));
    }
    const range = isCollection(part) || isScalar(part) || isAlias(part) ? part.range : undefined;
    if (range === undefined || range === null) throw new NoSmallEdit("A value has no place");
    return range[1];
  }
}

function hasKeys(value: JsonObject): boolean {
  return Object.keys(value).length > 0;
}

/** Whether a value is written over several lines. */
function isBlockWorthy(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isJsonObject(value) && hasKeys(value);
}

/** Nodes inside `{ }` or `[ ]` are followed by a comma or bracket; block scalars never are. */
function isInFlow(text: string, node: Node): boolean {
  const end = node.range?.[2] ?? 0;
  return /^\s*[,}\]]/.test(text.slice(end, end + 80));
}

function keyOf(pair: Pair): string {
  if (isScalar(pair.key)) return String(pair.key.value);
  throw new NoSmallEdit("A key is no plain text");
}

function startOf(pair: Pair | undefined): number {
  const key = pair?.key;
  if (isScalar(key) && key.range) return key.range[0];
  throw new NoSmallEdit("A key has no place in the text");
}

/** A member as a node; what a parsed document holds is a node or nothing. */
function nodeOf(value: unknown): Node | null {
  return isMap(value) || isSeq(value) || isScalar(value) || isAlias(value) ? value : null;
}

function memberOf(value: JsonObject | readonly JsonValue[], key: string): JsonValue {
  return isJsonObject(value) ? getOwn(value, key) ?? null : value[Number(key)] ?? null;
}

/** Whether a text has a comment; a `#` in a scalar is none. */
function hasComment(text: string): boolean {
  return [...new Lexer().lex(text)].some((token) => token.startsWith("#"));
}
