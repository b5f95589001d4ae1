/** Reads JSON with positions, and says in words where text that looks like it is none. */
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
  const duplicates: JsonDuplicate[] = [];
  let at = 0;

  const fail = (message: string, hint?: string, offset = at): never => {
    throw new JsonSyntax({
      code: "json-syntax",
      offset,
      message,
      hint: hint ?? "Look for a missing comma, quote or bracket here and in the line above",
    });
  };
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const skip = () => {
    match(SPACE);
    if (text.startsWith("//", at) || text.startsWith("/*", at) || text[at] === "#") {
      fail("JSON has no comments", "Remove the comment, or write the file as YAML");
    }
  };
  const shown = () => {
    if (at >= text.length) return "the end of the file";
    const word = peekWord();
    return `"${word ?? String.fromCodePoint(text.codePointAt(at) ?? 0)}"`;
  };
  const peekWord = () => {
    WORD.lastIndex = at;
    return WORD.exec(text)?.[0];
  };

  const string = (what: string): string => {
    const start = at;
    const token = match(STRING);
    if (token !== undefined) return JSON.parse(token);
    if (text[at] === "'") fail(`${what} stands in single quotes`, "JSON knows double quotes only");
    if (text[at] !== '"') {
      fail(`${what} in double quotes is wanted, found ${shown()}`);
    }
    // Inside a string that does not end properly: find out what stopped it.
    at += 1;
    while (at < text.length && text[at] !== '"') {
      if (text[at] === "\\") {
        if (!/^\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at, at + 6))) {
          fail(`"${text.slice(at, at + 2)}" is no JSON escape`, 'A backslash is written as "\\\\"');
        }
        at += 2;
      } else if (text.charCodeAt(at) < 0x20) {
        break;
      } else at += 1;
    }
    return fail("A string is not closed", "Add the missing double quote", start);
  };

  const number = (): JsonValue => {
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(text);
    if (found === null) return fail(`A value is wanted, found ${shown()}`);
    if (/[\w.]/.test(text[at + found[0].length] ?? "")) {
      fail(`"${/^[-+.\w]+/.exec(text.slice(at, at + 40))?.[0]}" is no JSON number`);
    }
    at += found[0].length;
    const [token, fraction, exponent] = found;
    if (fraction === undefined && exponent === undefined) {
      // As in the kubelet's decoder: an integer of 64 bits, else a float.
      const integer = token.length <= 20 ? BigInt(token) : undefined;
      if (integer !== undefined && integer >= -(2n ** 63n) && integer < 2n ** 64n) {
        return toJsonInteger(integer);
      }
    }
    const value = Number(token);
    return Number.isFinite(value) ? value : fail(`"${token}" is too large for a number`);
  };

  const object = (offset: number, depth: number): Located => {
    const members = new Map<string, LocatedMember>();
    let sizeChars = 2;
    at += 1;
    skip();
    if (text[at] === "}") at += 1;
    else {
      for (;;) {
        skip();
        if (text[at] === "}") {
          fail("A comma stands before the closing brace", "Remove the trailing comma");
        }
        const keyOffset = at;
        const key = string("A key");
        skip();
        if (text[at] !== ":") fail(`A colon is wanted after the key "${key}", found ${shown()}`);
        at += 1;
        const node = value(depth + 1);
        const first = members.get(key);
        if (first !== undefined) {
          duplicates.push({ key, offset: keyOffset, firstOffset: first.keyOffset });
        }
        members.set(key, { keyOffset, node });
        sizeChars += key.length + 4 + node.sizeChars;
        skip();
        if (text[at] === ",") {
          at += 1;
          continue;
        }
        if (text[at] === "}") {
          at += 1;
          break;
        }
        fail(
          `A comma or a closing brace is wanted after the value of "${key}", found ${shown()}`,
          at >= text.length ? "The file may be cut off" : undefined,
        );
      }
    }
    return { value: objectOf(members), offset, members, sizeChars };
  };

  const array = (offset: number, depth: number): Located => {
    const items: Located[] = [];
    let sizeChars = 2;
    at += 1;
    skip();
    if (text[at] === "]") at += 1;
    else {
      for (;;) {
        skip();
        if (text[at] === "]") {
          fail("A comma stands before the closing bracket", "Remove the trailing comma");
        }
        const node = value(depth + 1);
        items.push(node);
        sizeChars += node.sizeChars + 1;
        skip();
        if (text[at] === ",") {
          at += 1;
          continue;
        }
        if (text[at] === "]") {
          at += 1;
          break;
        }
        fail(
          `A comma or a closing bracket is wanted after item ${items.length}, found ${shown()}`,
          at >= text.length ? "The file may be cut off" : undefined,
        );
      }
    }
    return { value: items.map((item) => item.value), offset, items, sizeChars };
  };

  const leaf = (value: JsonValue, offset: number): Located => ({
    value,
    offset,
    sizeChars: at - offset,
  });

  const value = (depth: number): Located => {
    skip();
    const offset = at;
    if (depth > maxDepth) {
      throw new JsonSyntax({
        code: "too-deep",
        offset,
        message: `Values are nested more than ${maxDepth} deep`,
      });
    }
    switch (text[at]) {
      case "{":
        return object(offset, depth);
      case "[":
        return array(offset, depth);
      case '"':
        return leaf(string("A value"), offset);
      default: {
        for (
          const [word, constant] of [["true", true], ["false", false], ["null", null]] as const
        ) {
          if (peekWord() === word) {
            at += word.length;
            return leaf(constant, offset);
          }
        }
        const word = peekWord();
        if (word !== undefined) {
          fail(`"${word}" is no JSON value`, "Put text in double quotes");
        }
        return leaf(number(), offset);
      }
    }
  };

  try {
    const root = value(1);
    skip();
    if (at < text.length) fail(`Nothing is wanted after the closing brace, found ${shown()}`);
    return { ok: true, root, duplicates };
  } catch (error) {
    if (error instanceof JsonSyntax) return { ok: false, failure: error.failure };
    throw error;
  }
}
