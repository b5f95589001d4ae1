/** Whether a message has a pattern in it, however many parts it comes in. */
import { Buffer } from "node:buffer";
import { errorText, UsageError } from "../core/mod.ts";

/** What a message must contain (or, inverted, must not). */
export interface LogPattern {
  /** A JavaScript regular expression, without slashes. */
  readonly pattern: string;
  readonly ignoreCase?: boolean;
  readonly invert?: boolean;
}

/** A pattern that is ready for use. */
export interface Matcher {
  /** Whether a message that is there as a whole is selected. */
  selects(message: Buffer): boolean;
  /** Begins with a message that comes in parts. */
  begin(): PartialMatch;
}

/** A message that is looked at as it comes, so that nobody has to keep it for that. */
export interface PartialMatch {
  /** Goes on with a part; its bytes are not kept. */
  add(part: Buffer): void;
  /** Whether the message is selected; to be asked once, at its end. */
  selected(): boolean;
}

/** Characters that mean more than themselves in a regular expression. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/;

/**
 * Makes the test of a pattern. One without special characters is compared as
 * bytes, which is several times as fast.
 *
 * @throws {UsageError} when it is not a regular expression.
 */
export function compilePattern(grep: LogPattern): Matcher {
  const wanted = grep.invert !== true;
  if (grep.ignoreCase !== true && !SPECIAL.test(grep.pattern)) {
    return literalMatcher(Buffer.from(grep.pattern), wanted);
  }
  try {
    return regExpMatcher(new RegExp(grep.pattern, grep.ignoreCase === true ? "i" : ""), wanted);
  } catch (error) {
    throw new UsageError(
      `Cannot use pattern ${JSON.stringify(grep.pattern)}: ${errorText(error)}`,
      { cause: error, hint: "Put a backslash before each character that is meant as it stands" },
    );
  }
}

function literalMatcher(literal: Buffer, wanted: boolean): Matcher {
  return {
    selects: (message) => message.includes(literal) === wanted,
    begin: () => {
      // An empty one is in every message, one without any part too.
      let found = literal.length === 0;
      // What may be the beginning of the literal at the end of what has come.
      let rest = Buffer.alloc(0);
      return {
        add(part) {
          if (found) return;
          const border = Buffer.concat([rest, part.subarray(0, literal.length - 1)]);
          found = border.includes(literal) || part.includes(literal);
          const end = part.length >= literal.length ? part : Buffer.concat([rest, part]);
          rest = Buffer.from(end.subarray(Math.max(0, end.length - literal.length + 1)));
        },
        selected: () => found === wanted,
      };
    },
  };
}

function regExpMatcher(expression: RegExp, wanted: boolean): Matcher {
  return {
    selects: (message) => expression.test(message.toString("utf8")) === wanted,
    begin: () => {
      // A character may be cut in two by the end of a part.
      const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
      let text = "";
      return {
        add: (part) => void (text += decoder.decode(part, { stream: true })),
        selected: () => expression.test(text + decoder.decode()) === wanted,
      };
    },
  };
}
