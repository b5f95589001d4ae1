import stringWidth from "fast-string-width";

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** With the lines of a tree. */
const NARROW = /^[\x20-\x7e\u2500-\u257f]*$/;
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Columns a text takes on a terminal: wide characters count two, combining marks none. */
export function displayWidth(text: string): number {
  return NARROW.test(text) ? text.length : stringWidth(text);
}

/**
 * Text that came from elsewhere (a kubelet's message, an annotation), safe for
 * one terminal line: control characters, line breaks and direction overrides
 * are written as escapes, so that nothing can move the cursor or hide a row.
 */
export function oneLine(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return text;
  return text.replace(
    CONTROL,
    (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A text that takes at most `width` columns, with `…` for what is left out at one end. */
export function cutText(text: string, width: number, cut: "start" | "end" = "end"): string {
  if (displayWidth(text) <= width) return text;
  const chars = [...text];
  const kept: string[] = [];
  let used = 1;
  while (chars.length > 0) {
    const char = (cut === "end" ? chars.shift() : chars.pop()) ?? "";
    used += displayWidth(char);
    if (used > width) break;
    kept.push(char);
  }
  return cut === "end" ? `${kept.join("").trimEnd()}…` : `…${kept.reverse().join("").trimStart()}`;
}
