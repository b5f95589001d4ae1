/** Indentation of a document for people, as kubectl prints JSON. */
const INDENT = "    ";

/**
 * One valid JSON document, indented, with a line feed at its end. A `bigint`
 * is written as the integer that it is; `undefined` members are left out.
 */
export function formatJson(value: unknown): string {
  return `${write(value, "\n")}\n`;
}

/** One value as one line of NDJSON, with its line feed; for watching and logs. */
export function formatJsonLine(value: unknown): string {
  return `${write(value, "")}\n`;
}

/** `lineBreak` is a line feed with the indentation reached, or empty for one line. */
function write(value: unknown, lineBreak: string): string {
  if (typeof value === "bigint") return value.toString();
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = lineBreak === "" ? "" : lineBreak + INDENT;
  const members = Array.isArray(value)
    ? value.map((item: unknown) => write(item, inner))
    : Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) =>
        `${JSON.stringify(key)}:${lineBreak === "" ? "" : " "}${write(member, inner)}`
      );
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (members.length === 0) return open + close;
  return open + inner + members.join(`,${inner}`) + lineBreak + close;
}
