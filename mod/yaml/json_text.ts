/** Reads JSON with positions, and says where text that looks like it is none. */
import type { JsonValue } from "../core/mod.ts";
import { toJsonInteger } from "./scalar.ts";
import { objectOf } from "./tree.ts";
import type { Located, LocatedMember } from "./tree.ts";

/** What came out of a JSON text. */
export type JsonResult =
  | {
    readonly ok: true;
    readonly root: Located;
    readonly duplicates: readonly JsonDuplicate[];
  }
  | { readonly ok: false; readonly failure: JsonFailure };

/** A key that stands twice in one object. */
export interface JsonDuplicate {
  readonly key: string;
  readonly offset: number;
  readonly firstOffset: number;
}

/** The first place at which a text is no JSON. */
export interface JsonFailure {
  readonly code: "json-syntax" | "too-deep";
  readonly offset: number;
  readonly message: string;
  readonly hint?: string;
}

class JsonSyntax extends Error {
  readonly failure: JsonFailure;
  constructor(failure: JsonFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?/y;
// JSON forbids exactly these inside strings (RFC 8259 §7).
// deno-lint-ignore no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\r\n]*/y;
const WORD = /[A-Za-z_$'][\w$'.-]*/y;

/** Reads one JSON value that fills the whole text; of duplicate keys the last one counts. */
export function parseJsonText(text: string, maxDepth: number): JsonResult {
  try {
    return { ok: true, ...new JsonReader(text, maxDepth).read() };
  } catch (error) {
    if (error instanceof JsonSyntax) return { ok: false, failure: error.failure };
    throw error;
  }
}

/** Goes through one text, from its beginning to its end. */
class JsonReader {
  readonly #text: string;
  readonly #maxDepth: number;
  readonly #duplicates: JsonDuplicate[] = [];
  #at = 0;

  constructor(text: string, maxDepth: number) {
    this.#text = text;
    this.#maxDepth = maxDepth;
  }

  /** @throws {JsonSyntax} at the first place that is no JSON */
  read(): { readonly root: Located; readonly duplicates: readonly JsonDuplicate[] } {
    const root = this.#value(1);
    this.#skip();
    if (this.#at < this.#text.length) {
      this.#fail(`Nothing is wanted after the closing brace, found ${this.#shown()}`);
    }
    return { root, duplicates: this.#duplicates };
  }

  #fail(message: string, hint?: string, offset = this.#at): never {
    throw new JsonSyntax({
      code: "json-syntax",
      offset,
      message,
      hint: hint ?? "Look for a missing comma, quote or bracket here and in the line above",
    });
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skip() {
    this.#match(SPACE);
    if (
      this.#text.startsWith("//", this.#at) || this.#text.startsWith("/*", this.#at) ||
      this.#text[this.#at] === "#"
    ) {
      this.#fail("JSON has no comments", "Remove the comment, or write the file as YAML");
    }
  }

  #shown() {
    if (this.#at >= this.#text.length) return "the end of the file";
    const word = this.#peekWord();
    return `"${word ?? String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0)}"`;
  }

  #peekWord() {
    WORD.lastIndex = this.#at;
    return WORD.exec(this.#text)?.[0];
  }

  #string(what: string): string {
    const start = this.#at;
    const token = this.#match(STRING);
    if (token !== undefined) return JSON.parse(token);
    if (this.#text[this.#at] === "'") {
      this.#fail(`${what} stands in single quotes`, "JSON knows double quotes only");
    }
    if (this.#text[this.#at] !== '"') {
      this.#fail(`${what} in double quotes is wanted, found ${this.#shown()}`);
    }
    // Inside a string that does not end properly: find out what stopped it.
    this.#at += 1;
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      if (this.#text[this.#at] === "\\") {
        if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(this.#text.slice(this.#at, this.#at + 6))) {
          this.#fail(
            `"${this.#text.slice(this.#at, this.#at + 2)}" is no JSON escape`,
            'A backslash is written as "\\\\"',
          );
        }
        this.#at += 2;
      } else if (this.#text.charCodeAt(this.#at) < 0x20) {
        break;
      } else this.#at += 1;
    }
    return this.#fail("A string is not closed", "Add the missing double quote", start);
  }

  #number(): JsonValue {
    NUMBER.lastIndex = this.#at;
    const found = NUMBER.exec(this.#text);
    if (found === null) return this.#fail(`A value is wanted, found ${this.#shown()}`);
    if (/[\w.]/.test(this.#text[this.#at + found[0].length] ?? "")) {
      this.#fail(
        `"${/^[-+.\w]+/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0]}" is no JSON number`,
      );
    }
    this.#at += found[0].length;
    const [token, fraction, exponent] = found;
    if (fraction === undefined && exponent === undefined) {
      // As in the kubelet's decoder: an integer of 64 bits, else a float.
      const integer = token.length <= 20 ? BigInt(token) : undefined;
      if (integer !== undefined && integer >= -(2n ** 63n) && integer < 2n ** 64n) {
        return toJsonInteger(integer);
      }
    }
    const value = Number(token);
    return Number.isFinite(value) ? value : this.#fail(`"${token}" is too large for a number`);
  }

  #object(offset: number, depth: number): Located {
    const members = new Map<string, LocatedMember>();
    let sizeChars = 2;
    this.#at += 1;
    this.#skip();
    if (this.#text[this.#at] === "}") this.#at += 1;
    else {
      for (;;) {
        this.#skip();
        if (this.#text[this.#at] === "}") {
          this.#fail("A comma stands before the closing brace", "Remove the trailing comma");
        }
        const keyOffset = this.#at;
        const key = this.#string("A key");
        this.#skip();
        if (this.#text[this.#at] !== ":") {
          this.#fail(`A colon is wanted after the key "${key}", found ${this.#shown()}`);
        }
        this.#at += 1;
        const node = this.#value(depth + 1);
        const first = members.get(key);
        if (first !== undefined) {
          this.#duplicates.push({ key, offset: keyOffset, firstOffset: first.keyOffset });
        }
        members.set(key, { keyOffset, node });
        sizeChars += key.length + 4 + node.sizeChars;
        this.#skip();
        if (this.#text[this.#at] === ",") {
          this.#at += 1;
          continue;
        }
        if (this.#text[this.#at] === "}") {
          this.#at += 1;
          break;
        }
        this.#fail(
          `A comma or a closing brace is wanted after the value of "${key}", found ${this.#shown()}`,
          this.#at >= this.#text.length ? "The file may be cut off" : undefined,
        );
      }
    }
    return { value: objectOf(members), offset, members, sizeChars };
  }

  #array(offset: number, depth: number): Located {
    const items: Located[] = [];
    let sizeChars = 2;
    this.#at += 1;
    this.#skip();
    if (this.#text[this.#at] === "]") this.#at += 1;
    else {
      for (;;) {
        this.#skip();
        if (this.#text[this.#at] === "]") {
          this.#fail("A comma stands before the closing bracket", "Remove the trailing comma");
        }
        const node = this.#value(depth + 1);
        items.push(node);
        sizeChars += node.sizeChars + 1;
        this.#skip();
        if (this.#text[this.#at] === ",") {
          this.#at += 1;
          continue;
        }
        if (this.#text[this.#at] === "]") {
          this.#at += 1;
          break;
        }
        this.#fail(
          `A comma or a closing bracket is wanted after item ${items.length}, found ${this.#shown()}`,
          this.#at >= this.#text.length ? "The file may be cut off" : undefined,
        );
      }
    }
    return { value: items.map((item) => item.value), offset, items, sizeChars };
  }

  #leaf(value: JsonValue, offset: number): Located {
    return { value, offset, sizeChars: this.#at - offset };
  }

  #value(depth: number): Located {
    this.#skip();
    const offset = this.#at;
    if (depth > this.#maxDepth) {
      throw new JsonSyntax({
        code: "too-deep",
        offset,
        message: `Values are nested more than ${this.#maxDepth} deep`,
      });
    }
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object(offset, depth);
      case "[":
        return this.#array(offset, depth);
      case '"':
        return this.#leaf(this.#string("A value"), offset);
      default: {
        for (
          const [word, constant] of [["true", true], ["false", false], ["null", null]] as const
        ) {
          if (this.#peekWord() === word) {
            this.#at += word.length;
            return this.#leaf(constant, offset);
          }
        }
        const word = this.#peekWord();
        if (word !== undefined) {
          this.#fail(`"${word}" is no JSON value`, "Put text in double quotes");
        }
        return this.#leaf(this.#number(), offset);
      }
    }
  }
}
