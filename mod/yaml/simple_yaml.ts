/**
 * The YAML that people write for Kubernetes, read ten times as fast as the whole
 * language: block mappings and lists, plain and quoted texts and flow collections
 * of one line, `|` blocks, comments, `---`. Everything else, and everything that
 * may be a mistake, is left to the library: this reader never reports, it gives
 * up. What it does read it reads exactly as the library (a property test holds
 * that), so which of the two read a text cannot be told.
 *
 * Why two: a reload reads every source, and commands read the config before they answer.
 * Measured on Bun 1.4.5, two cores of x86-64, pods of 25 lines, in milliseconds:
 *
 * | pods | this reader, first time | library, first time | this, warm | library, warm |
 * |------|-------------------------|---------------------|------------|---------------|
 * | 1    | 5                       | 51                  | 0.1        | 0.5           |
 * | 20   | 7                       | 61                  | 1.0        | 17            |
 * | 500  | 73                      | 383                 | 13         | 127           |
 */
import { packPlaces } from "./places.ts";
import type { ReadItems } from "./read_items.ts";
import { resolveScalar } from "./scalar.ts";
import { objectOf } from "./tree.ts";
import type { Located, LocatedMember } from "./tree.ts";

/** Thrown to give up; it never leaves this file. */
const NOT_SIMPLE = new Error("Not simple YAML");

function giveUp(): never {
  throw NOT_SIMPLE;
}

/** One line; `end` is before its end of line. */
interface Line {
  readonly start: number;
  readonly end: number;
  /** Number of spaces before the first other character. */
  readonly indent: number;
  /** True if nothing or only a comment stands. */
  readonly empty: boolean;
}

// A text without any of what makes a plain scalar or key special.
const KEY = /[A-Za-z_][A-Za-z0-9_./-]*(?= *:(?: |$|\r?\n))/y;
const QUOTED_KEY = /(?:"[^"\\\r\n\t]*"|'[^'\r\n\t]*')(?= *:(?: |$|\r?\n))/y;
const SINGLE_QUOTED = /'(?:[^'\r\n\t]|'')*'/y;
const DOUBLE_QUOTED = /"(?:[^"\\\r\n\t]|\\["\\/bfnrt])*"/y;
const PLAIN_START = /[A-Za-z0-9_./~+(<=$^;\u00a1-\ud7ff]|-(?=[^ \r\n])/y;
// Words that a plain key may not be, because they are no text.
const NO_TEXT = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const FLOW_PLAIN = /[A-Za-z0-9_./~+$-](?:[^,[\]{}#:\r\n\t"'&*!|>%@`?]|:(?=[^ ,[\]{}\r\n]))*/y;
const FLOW_KEY = /[A-Za-z_][A-Za-z0-9_./-]*(?= *: )/y;
const FLOW_QUOTED_KEY = /(?:"[^"\\\r\n\t]*"|'[^'\r\n\t]*')(?= *: )/y;
const TRAILING_SPACES = / +$/;
// What the line index and the library may see as an end of line, or not at all.
const ODD = /[\u0085\u2028\u2029\ufeff]|\r(?!\n)/;

/** An item of a list that has fewer characters is read as quickly as it is found again. */
const ITEM_CHARS = 512;

/**
 * Reads the documents of a text, or returns undefined if it is not simple,
 * nested deeper than `maxDepth`, or wrong in any way.
 *
 * @param items those of an earlier text of the same file, which are not read again
 */
export function parseSimpleYaml(
  text: string,
  maxDepth: number,
  items?: ReadItems,
): readonly Located[] | undefined {
  if (ODD.test(text)) return undefined;
  try {
    items?.begin();
    const documents = new SimpleReader(text, maxDepth, items).documents();
    items?.end();
    return documents;
  } catch (error) {
    if (error === NOT_SIMPLE) return undefined;
    throw error;
  }
}

class SimpleReader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #lines: readonly Line[];
  /** The line that is read. */
  #at = 0;
  /** One past the last line of the document. */
  #end = 0;
  /** Those that are known; undefined inside of one. */
  #items: ReadItems | undefined;

  constructor(text: string, maxDepth: number, items: ReadItems | undefined) {
    this.#text = text;
    this.#maxDepth = maxDepth;
    this.#items = items;
    this.#lines = splitLines(text);
  }

  documents(): readonly Located[] {
    const documents: Located[] = [];
    const lines = this.#lines;
    let first = 0;
    // Before the first `---` there may be nothing but comments, and no document.
    let begun = false;
    for (let index = 0; index <= lines.length; index++) {
      const line = lines[index];
      if (line !== undefined && !this.#isMarker(line)) continue;
      const filled = lines.slice(first, index).some((one) => !one.empty);
      if (filled) {
        this.#at = first;
        this.#end = index;
        documents.push(this.#document());
      } else if (begun) giveUp();
      begun = true;
      first = index + 1;
    }
    return documents;
  }

  #isMarker(line: Line): boolean {
    const { start, end } = line;
    const head = this.#text.slice(start, Math.min(start + 3, end));
    if (head === "..." || head.startsWith("%")) giveUp();
    if (head !== "---") return false;
    if (!this.#restIsEmpty(start + 3, end)) giveUp();
    return true;
  }

  #document(): Located {
    const line = this.#next();
    if (line === undefined) return giveUp();
    const root = this.#node(line.indent, 1);
    if (this.#next() !== undefined) giveUp();
    return root;
  }

  /** The next line that is not empty, which becomes the current one. */
  #next(): Line | undefined {
    for (; this.#at < this.#end; this.#at++) {
      const line = this.#lines[this.#at]!;
      if (!line.empty) return line;
    }
    return undefined;
  }

  #node(indent: number, depth: number): Located {
    const line = this.#lines[this.#at]!;
    const start = line.start + indent;
    return this.#isDash(start, line.end) ? this.#list(indent, depth) : this.#mapping(indent, depth);
  }

  #isDash(at: number, end: number): boolean {
    return this.#text[at] === "-" && (at + 1 === end || this.#text[at + 1] === " ");
  }

  /** A mapping whose keys are at `indent`; its first key is on the current line. */
  #mapping(indent: number, depth: number): Located {
    if (depth >= this.#maxDepth) giveUp();
    const members = new Map<string, LocatedMember>();
    const offset = this.#lines[this.#at]!.start + indent;
    let line: Line | undefined = this.#lines[this.#at];
    for (let first = true; line !== undefined; first = false) {
      if (!first) {
        if (line.indent < indent) break;
        if (line.indent > indent) giveUp();
        // A list at this indentation ends the mapping only inside of a list.
        if (this.#isDash(line.start + indent, line.end)) break;
      }
      const keyOffset = line.start + indent;
      const { key, end } = this.#key(keyOffset);
      if (members.has(key)) giveUp();
      const colon = this.#skipSpaces(end);
      const node = this.#value(this.#skipSpaces(colon + 1), line, indent, depth, true);
      members.set(key, { keyOffset, node });
      line = this.#next();
    }
    return { value: objectOf(members), offset, members, sizeChars: 0 };
  }

  /** A list whose dashes are at `indent`; its first dash is on the current line. */
  #list(indent: number, depth: number): Located {
    if (depth >= this.#maxDepth) giveUp();
    const items: Located[] = [];
    const offset = this.#lines[this.#at]!.start + indent;
    let line: Line | undefined = this.#lines[this.#at];
    for (let first = true; line !== undefined; first = false) {
      const dash = line.start + indent;
      if (!first) {
        if (line.indent < indent) break;
        if (line.indent > indent) giveUp();
        if (!this.#isDash(dash, line.end)) break;
      }
      items.push(this.#rememberedItem(line, indent, depth));
      line = this.#next();
    }
    return { value: items.map((item) => item.value), offset, items, sizeChars: 0 };
  }

  /** The item that begins on the current line; a long one is read once, and then known. */
  #rememberedItem(line: Line, indent: number, depth: number): Located {
    const known = this.#items;
    const next = known === undefined ? undefined : this.#lineAfter(indent);
    // The last item of a document may depend on how the text ends.
    if (known === undefined || next === undefined) return this.#item(line, indent, depth);
    const start = line.start;
    const end = this.#lines[next]!.start;
    if (end - start < ITEM_CHARS) return this.#item(line, indent, depth);
    const { key, item } = known.find({ lines: this.#text.slice(start, end), indent, depth });
    if (item !== undefined) {
      this.#at = next;
      const shift = start - item.start;
      const { value, places } = item;
      return { value, offset: item.offset + shift, packed: { places, shift }, sizeChars: 0 };
    }
    this.#items = undefined;
    const read = this.#item(line, indent, depth);
    this.#items = known;
    const { value, offset } = read;
    known.add(key, { value, offset, places: packPlaces(read), start });
    return read;
  }

  /** The first line behind the current item of a list whose dashes are at `indent`. */
  #lineAfter(indent: number): number | undefined {
    for (let index = this.#at + 1; index < this.#end; index++) {
      const line = this.#lines[index]!;
      if (!line.empty && line.indent <= indent) return index;
    }
    return undefined;
  }

  #item(line: Line, indent: number, depth: number): Located {
    const start = this.#skipSpaces(line.start + indent + 1);
    const column = start - line.start;
    if (start < line.end && this.#isDash(start, line.end)) return this.#list(column, depth + 1);
    if (this.#tryKey(start) !== undefined) return this.#mapping(column, depth + 1);
    return this.#value(start, line, indent, depth, false);
  }

  #key(offset: number): { readonly key: string; readonly end: number } {
    return this.#tryKey(offset) ?? giveUp();
  }

  #tryKey(offset: number): { readonly key: string; readonly end: number } | undefined {
    const plain = this.#match(KEY, offset);
    if (plain !== undefined) {
      if (NO_TEXT.test(plain)) giveUp();
      return { key: plain, end: offset + plain.length };
    }
    const quoted = this.#match(QUOTED_KEY, offset);
    if (quoted === undefined) return undefined;
    return { key: quoted.slice(1, -1), end: offset + quoted.length };
  }

  /**
   * The value that begins at `at` on `line`, behind a key or a dash at `indent`.
   * Afterwards the current line is behind it.
   */
  #value(at: number, line: Line, indent: number, depth: number, ofKey: boolean): Located {
    const { end } = line;
    if (this.#restIsEmpty(at, end)) {
      this.#at += 1;
      const next = this.#next();
      if (next !== undefined && next.indent > indent) return this.#node(next.indent, depth + 1);
      if (
        ofKey && next !== undefined && next.indent === indent &&
        this.#isDash(next.start + indent, next.end)
      ) return this.#list(indent, depth + 1);
      return { value: null, offset: at, sizeChars: 0 };
    }
    const first = this.#text[at];
    if (first === "|") return this.#literal(at, line, indent);
    const located = first === "[" || first === "{"
      ? this.#flowLine(at, end, depth)
      : this.#lineScalar(at, end);
    this.#at += 1;
    const next = this.#next();
    if (next !== undefined && next.indent > indent) giveUp();
    return located;
  }

  #lineScalar(at: number, end: number): Located {
    const quoted = this.#quoted(at);
    if (quoted !== undefined) {
      if (!this.#restIsEmpty(at + quoted.source.length, end)) giveUp();
      return { value: quoted.value, offset: at, sizeChars: 0 };
    }
    if (this.#match(PLAIN_START, at) === undefined) giveUp();
    let source = this.#text.slice(at, end);
    const comment = source.indexOf(" #");
    if (comment !== -1) source = source.slice(0, comment);
    source = source.replace(TRAILING_SPACES, "");
    if (source.includes(": ") || source.endsWith(":") || source.includes("\t")) giveUp();
    return this.#plain(source, at);
  }

  #plain(source: string, offset: number): Located {
    const resolved = resolveScalar(source, true, undefined);
    if (!resolved.ok) return giveUp();
    return { value: resolved.value, offset, sizeChars: 0 };
  }

  #quoted(at: number): { readonly source: string; readonly value: string } | undefined {
    const first = this.#text[at];
    if (first === "'") {
      const source = this.#match(SINGLE_QUOTED, at) ?? giveUp();
      return { source, value: source.slice(1, -1).replaceAll("''", "'") };
    }
    if (first !== '"') return undefined;
    const source = this.#match(DOUBLE_QUOTED, at) ?? giveUp();
    const inside = source.slice(1, -1);
    // The escapes that the pattern lets through mean the same in JSON.
    return { source, value: inside.includes("\\") ? JSON.parse(source) : inside };
  }

  #flowLine(at: number, end: number, depth: number): Located {
    const { node, after } = this.#flow(at, depth + 1);
    if (!this.#restIsEmpty(after, end)) giveUp();
    return node;
  }

  #flow(at: number, depth: number): { readonly node: Located; readonly after: number } {
    if (depth >= this.#maxDepth) giveUp();
    const open = this.#text[at];
    if (open === "[") return this.#flowList(at, depth);
    if (open === "{") return this.#flowMapping(at, depth);
    const quoted = this.#quoted(at);
    if (quoted !== undefined) {
      const node = { value: quoted.value, offset: at, sizeChars: 0 };
      return { node, after: at + quoted.source.length };
    }
    const source = this.#match(FLOW_PLAIN, at) ?? giveUp();
    if (/^-+(?: |$)/.test(source)) giveUp();
    return {
      node: this.#plain(source.replace(TRAILING_SPACES, ""), at),
      after: at + source.length,
    };
  }

  #flowList(start: number, depth: number): { readonly node: Located; readonly after: number } {
    const items: Located[] = [];
    let at = this.#skipSpaces(start + 1);
    if (this.#text[at] !== "]") {
      for (;;) {
        const { node, after } = this.#flow(at, depth + 1);
        items.push(node);
        at = this.#skipSpaces(after);
        if (this.#text[at] === "]") break;
        if (this.#text[at] !== ",") giveUp();
        at = this.#skipSpaces(at + 1);
      }
    }
    const value = items.map((item) => item.value);
    return { node: { value, offset: start, items, sizeChars: 0 }, after: at + 1 };
  }

  #flowMapping(start: number, depth: number): { readonly node: Located; readonly after: number } {
    const members = new Map<string, LocatedMember>();
    let at = this.#skipSpaces(start + 1);
    if (this.#text[at] !== "}") {
      for (;;) {
        const keyOffset = at;
        const plain = this.#match(FLOW_KEY, at);
        const source = plain ?? this.#match(FLOW_QUOTED_KEY, at) ?? giveUp();
        if (plain !== undefined && NO_TEXT.test(plain)) giveUp();
        const key = plain ?? source.slice(1, -1);
        if (members.has(key)) giveUp();
        const colon = this.#skipSpaces(at + source.length);
        const { node, after } = this.#flow(this.#skipSpaces(colon + 1), depth + 1);
        members.set(key, { keyOffset, node });
        at = this.#skipSpaces(after);
        if (this.#text[at] === "}") break;
        if (this.#text[at] !== ",") giveUp();
        at = this.#skipSpaces(at + 1);
      }
    }
    return {
      node: { value: objectOf(members), offset: start, members, sizeChars: 0 },
      after: at + 1,
    };
  }

  /** A `|` or `|-` block behind a key or a dash at `indent`. */
  #literal(at: number, line: Line, indent: number): Located {
    const header = this.#text[at + 1] === "-" ? 2 : 1;
    if (!this.#restIsEmpty(at + header, line.end)) giveUp();
    const parts: string[] = [];
    let blockIndent: number | undefined;
    let index = this.#at + 1;
    for (; index < this.#end; index++) {
      const one = this.#lines[index]!;
      const blank = one.start + one.indent === one.end;
      if (blank) {
        // Before the first text, blanks may say how deep the block is: rare, and odd.
        if (blockIndent === undefined && one.indent > 0) giveUp();
        parts.push(this.#text.slice(one.start + Math.min(blockIndent ?? 0, one.indent), one.end));
        continue;
      }
      if (one.indent <= indent) break;
      blockIndent ??= one.indent;
      if (one.indent < blockIndent) giveUp();
      parts.push(this.#text.slice(one.start + blockIndent, one.end));
    }
    // The last line of a file may lack its end of line; then the block does, too.
    const last = this.#lines.at(-1);
    const unended = index === this.#lines.length && last !== undefined && last.start !== last.end;
    if (blockIndent === undefined || unended) giveUp();
    while (parts.at(-1)?.trim() === "") {
      if (parts.at(-1) !== "") giveUp();
      parts.pop();
    }
    this.#at = index;
    const next = this.#next();
    if (next !== undefined && next.indent > indent) giveUp();
    const value = parts.join("\n") + (header === 1 ? "\n" : "");
    return { value, offset: at, sizeChars: 0 };
  }

  #match(pattern: RegExp, at: number): string | undefined {
    pattern.lastIndex = at;
    return pattern.exec(this.#text)?.[0];
  }

  #skipSpaces(at: number): number {
    let index = at;
    while (this.#text[index] === " ") index += 1;
    return index;
  }

  /** True if nothing follows but spaces and a comment set off by one. */
  #restIsEmpty(at: number, end: number): boolean {
    const next = this.#skipSpaces(at);
    if (next >= end) return true;
    return this.#text[next] === "#" && (next > at || this.#text[at - 1] === " ");
  }
}

function splitLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  for (let start = 0; start <= text.length;) {
    const found = text.indexOf("\n", start);
    const stop = found === -1 ? text.length : found;
    const end = text[stop - 1] === "\r" && stop > start ? stop - 1 : stop;
    let indent = 0;
    while (start + indent < end && text[start + indent] === " ") indent += 1;
    const first = start + indent < end ? text[start + indent] : undefined;
    lines.push({ start, end, indent, empty: first === undefined || first === "#" });
    start = stop + 1;
  }
  return lines;
}
