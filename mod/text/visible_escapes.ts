/** Log lines on a terminal: what would steer the terminal is shown, not obeyed. */

const ESCAPE = 0x1b;
const LETTER_M = 0x6d;
/** First of the two bytes of U+0080 to U+009F, which steer a terminal as ESC does. */
const C1_FIRST = 0xc2;
/** The longest colour sequence that is let through, in bytes. */
const MAX_SEQUENCE = 32;

/** Filters what is written to a terminal, chunk by chunk. */
export interface EscapeFilter {
  /** The chunk with control characters made visible; the same bytes if there are none. */
  filter(chunk: Uint8Array): Uint8Array;
  /** What was held back because it could have been the beginning of a colour. */
  end(): Uint8Array;
}

/**
 * Makes control characters visible, as `^[` and the like: a container's log must not move the
 * cursor, set the title or write to the clipboard of who reads it. Line breaks and tabs stay,
 * and colours (`ESC [ … m`), except the one that hides text.
 */
export function createEscapeFilter(): EscapeFilter {
  let held: Uint8Array = new Uint8Array(0);
  return {
    filter(chunk) {
      const bytes = held.length === 0 ? chunk : concat([held, chunk]);
      held = new Uint8Array(0);
      if (!bytes.some(isControl)) return bytes;
      const parts: Uint8Array[] = [];
      let from = 0;
      for (let at = 0; at < bytes.length; at++) {
        const byte = bytes[at] ?? 0;
        if (!isControl(byte)) continue;
        const isCut = byte === C1_FIRST && at + 1 === bytes.length;
        const length = isCut ? undefined : byte === ESCAPE ? colourLength(bytes, at) : 0;
        if (length === undefined) { // cut by the end of the chunk
          parts.push(bytes.subarray(from, at));
          held = bytes.slice(at);
          return concat(parts);
        }
        if (length > 0) {
          at += length - 1;
          continue;
        }
        const next = bytes[at + 1] ?? 0;
        const isC1 = byte === C1_FIRST && next >= 0x80 && next <= 0x9f;
        if (byte === C1_FIRST && !isC1) continue;
        parts.push(bytes.subarray(from, at), isC1 ? visibleC1(next) : visible(byte));
        if (isC1) at++;
        from = at + 1;
      }
      parts.push(bytes.subarray(from));
      return concat(parts);
    },
    end() {
      const rest = held;
      held = new Uint8Array(0);
      return concat(
        [...rest].map((byte) =>
          isControl(byte) && byte !== C1_FIRST ? visible(byte) : Uint8Array.of(byte)
        ),
      );
    },
  };
}

/** Everything that may steer a terminal, and the first byte of what may: U+0080 to U+00BF. */
function isControl(byte: number): boolean {
  return (byte < 0x20 && byte !== 0x0a && byte !== 0x09) || byte === 0x7f || byte === C1_FIRST;
}

/** How long the colour sequence at `at` is; 0 for no such, undefined if it may go on. */
function colourLength(bytes: Uint8Array, at: number): number | undefined {
  if (at + 1 >= bytes.length) return undefined;
  if (bytes[at + 1] !== 0x5b) return 0;
  for (let end = at + 2; end < at + MAX_SEQUENCE; end++) {
    const byte = bytes[end];
    if (byte === undefined) return undefined;
    if (byte === LETTER_M) {
      const parameters = new TextDecoder().decode(bytes.subarray(at + 2, end)).split(";");
      return parameters.some((one) => Number(one) === 8) ? 0 : end + 1 - at;
    }
    const isParameter = (byte >= 0x30 && byte <= 0x39) || byte === 0x3b;
    if (!isParameter) return 0;
  }
  return 0;
}

/** `^[` for ESC, `^?` for DEL, as cat -v shows them. */
function visible(byte: number): Uint8Array {
  return new TextEncoder().encode(byte === 0x7f ? "^?" : `^${String.fromCharCode(byte + 0x40)}`);
}

/** `M-^[` for U+009B, as cat -v shows it. */
function visibleC1(second: number): Uint8Array {
  return new TextEncoder().encode(`M-^${String.fromCharCode(second - 0x40)}`);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
