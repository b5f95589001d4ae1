/** Whether a message has a pattern in it, however many parts it comes in. */
import { Buffer } from "node:buffer";
import { errorText, UsageError } from "../core/mod.ts";

/**
 * How much of a message is looked at, in bytes: a longer one is selected, or not,
 * by its beginning, so that nothing of it has to be kept.
 */
export const MATCHED_BYTES = 1024 * 1024;

/** What a message must contain (or, inverted, must not). */
export interface LogPattern {
  /** A regular expression in RE2's syntax, without slashes. */
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

/** A message that is matched as it arrives, so that it need not be kept. */
export interface PartialMatch {
  /** Continues with a part; its bytes are not kept. */
  add(part: Buffer): void;
  /** Whether as much has come as is looked at: what follows changes nothing. */
  readonly isFull: boolean;
  /** Whether the message is selected; to be asked once, at its end. */
  selected(): boolean;
}

/** Characters that mean more than themselves in a regular expression. */
const SPECIAL = /[\\^$.*+?()[\]{}|]/;

/**
 * Makes the test of a pattern, whose time grows with the length of a message and
 * no faster: patterns come from anyone who may read logs, and are matched in the
 * agent. One without special characters is compared as bytes.
 *
 * @throws {UsageError} if it is not a regular expression.
 */
export async function compilePattern(grep: LogPattern): Promise<Matcher> {
  const wanted = grep.invert !== true;
  if (grep.ignoreCase !== true && !SPECIAL.test(grep.pattern)) {
    return literalMatcher(Buffer.from(grep.pattern), wanted);
  }
  const { RE2JS } = await import("re2js"); // most logs are read without a pattern
  try {
    const flags = grep.ignoreCase === true ? RE2JS.CASE_INSENSITIVE : 0;
    const expression = RE2JS.compile(grep.pattern, flags);
    return regExpMatcher((message) => expression.test(message), wanted);
  } catch (error) {
    throw new UsageError(
      `Cannot use pattern ${JSON.stringify(grep.pattern)}: ${errorText(error)}`,
      {
        cause: error,
        hint: "Put a backslash before each character that is meant as it stands; " +
          "look-around and back-references are not supported, because they take no bounded time",
      },
    );
  }
}

function literalMatcher(literal: Buffer, wanted: boolean): Matcher {
  return {
    selects: (message) => beginningOf(message).includes(literal) === wanted,
    begin: () => {
      // An empty one is in every message, one without any part too.
      let found = literal.length === 0;
      let left = MATCHED_BYTES;
      // What may be the beginning of the literal at the end of what has come.
      let rest = Buffer.alloc(0);
      return {
        add(whole) {
          const part = whole.subarray(0, left);
          left -= whole.length;
          if (found || part.length === 0) return;
          const border = Buffer.concat([rest, part.subarray(0, literal.length - 1)]);
          found = border.includes(literal) || part.includes(literal);
          const end = part.length >= literal.length ? part : Buffer.concat([rest, part]);
          rest = Buffer.from(end.subarray(Math.max(0, end.length - literal.length + 1)));
        },
        get isFull() {
          return left < 0;
        },
        selected: () => found === wanted,
      };
    },
  };
}

function regExpMatcher(test: (message: Buffer) => boolean, wanted: boolean): Matcher {
  return {
    selects: (message) => test(beginningOf(message)) === wanted,
    begin: () => {
      const parts: Buffer[] = [];
      let left = MATCHED_BYTES;
      return {
        add(part) {
          if (left > 0) parts.push(Buffer.from(part.subarray(0, left)));
          left -= part.length;
        },
        get isFull() {
          return left < 0;
        },
        selected: () => test(Buffer.concat(parts)) === wanted,
      };
    },
  };
}

function beginningOf(message: Buffer): Buffer {
  return message.length > MATCHED_BYTES ? message.subarray(0, MATCHED_BYTES) : message;
}
