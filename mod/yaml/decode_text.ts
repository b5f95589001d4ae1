import { formatBytes } from "../core/mod.ts";
import type { Problem } from "../core/mod.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import type { YamlLimits } from "./limits.ts";

/** The text of a file, or why it is none. */
export type DecodedText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: Problem };

type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "utf-32le" | "utf-32be";

/**
 * Turns the bytes of a file into text: UTF-8, or UTF-16 and UTF-32 in either
 * order, with a byte order mark or without (YAML 1.2 §5.2: the first character
 * is ASCII, so its zero bytes tell the encoding). The mark is no part of the text.
 *
 * @returns a problem for a file over `maxBytes`, for bytes that are no text in
 * the encoding, and for NUL bytes.
 */
export function decodeText(
  bytes: Uint8Array,
  file: string,
  limits: Partial<YamlLimits> = {},
): DecodedText {
  const maxBytes = limits.maxBytes ?? DEFAULT_LIMITS.maxBytes;
  if (bytes.length > maxBytes) {
    return { ok: false, problem: tooLarge(file, bytes.length, maxBytes) };
  }
  const encoding = detect(bytes);
  const text = encoding.startsWith("utf-32")
    ? decodeUtf32(bytes, encoding === "utf-32le")
    : decode(bytes, encoding);
  if (text === undefined) return { ok: false, problem: undecodable(bytes, file, encoding) };
  const nul = text.indexOf("\0");
  if (nul !== -1) {
    return {
      ok: false,
      problem: {
        ...place(text.slice(0, nul)),
        severity: "error",
        code: "nul-byte",
        file,
        path: [],
        message: "The file has a NUL byte, so it is no text file or was cut while written",
        wanted: "YAML or JSON text",
        hint: "Write the file again; after a power cut, take it from a backup",
      },
    };
  }
  return { ok: true, text };
}

/** The problem of a file that is larger than any useful config. */
export function tooLarge(file: string, sizeBytes: number, maxBytes: number): Problem {
  return {
    severity: "error",
    code: "file-too-large",
    file,
    path: [],
    message: `The file has ${formatBytes(sizeBytes)}, which is too large`,
    wanted: `at most ${formatBytes(maxBytes)}, the most that a kubelet takes`,
    hint: "Is it the right file? Data belongs into a volume, not into the config",
  };
}

function detect(bytes: Uint8Array): Encoding {
  const [a, b, c, d] = bytes;
  if (bytes.length >= 4) {
    if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return "utf-32be";
    if (a === 0xff && b === 0xfe && c === 0 && d === 0) return "utf-32le";
    if (a === 0 && b === 0 && c === 0 && d !== 0) return "utf-32be";
    if (a !== 0 && b === 0 && c === 0 && d === 0) return "utf-32le";
  }
  if (a === 0xfe && b === 0xff) return "utf-16be";
  if (a === 0xff && b === 0xfe) return "utf-16le";
  // Two characters in a row must look alike, or it is UTF-8 with a stray NUL byte.
  if (bytes.length >= 4) {
    if (a === 0 && b !== 0 && c === 0 && d !== 0) return "utf-16be";
    if (a !== 0 && b === 0 && c !== 0 && d === 0) return "utf-16le";
  }
  return "utf-8";
}

function decode(bytes: Uint8Array, encoding: Encoding): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    // The decoder says only that it failed; `undecodable` finds the place.
    return undefined;
  }
}

function decodeUtf32(bytes: Uint8Array, littleEndian: boolean): string | undefined {
  if (bytes.length % 4 !== 0) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const point = view.getUint32(at, littleEndian);
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    if (at === 0 && point === 0xfeff) continue;
    parts.push(String.fromCodePoint(point));
  }
  return parts.join("");
}

function undecodable(bytes: Uint8Array, file: string, encoding: Encoding): Problem {
  const name = encoding.toUpperCase().replace(/(LE|BE)$/, "");
  return {
    ...(encoding === "utf-8" ? place(validUtf8Prefix(bytes)) : {}),
    severity: "error",
    code: "invalid-encoding",
    file,
    path: [],
    message: `The file is not valid ${name} text`,
    wanted: "text in UTF-8",
    hint: `Save it as UTF-8, for example: iconv -f latin1 -t utf-8`,
  };
}

/** The text before the first byte that is not UTF-8. */
function validUtf8Prefix(bytes: Uint8Array): string {
  // With `stream`, an incomplete character at the end is no error: so the
  // longest prefix that does not fail ends right before the bad byte.
  const fits = (length: number) => {
    try {
      return new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, length), {
        stream: true,
      });
    } catch {
      return undefined;
    }
  };
  let low = 0;
  let high = bytes.length;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (fits(middle) === undefined) high = middle - 1;
    else low = middle;
  }
  return fits(low) ?? "";
}

/** Position and source line right after `before`, the text up to a bad byte. */
function place(before: string): Pick<Problem, "position" | "sourceLine"> {
  const lines = before.split("\n");
  const last = lines.at(-1) ?? "";
  return { position: { line: lines.length, column: last.length + 1 }, sourceLine: last };
}
