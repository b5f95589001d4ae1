/** A JSON value as YAML text that the kubelet's decoder reads back as the same value. */
import { Document } from "yaml";
import type { JsonValue } from "../../core/mod.ts";

/** How the file around writes its YAML. */
export interface YamlStyle {
  /** Blanks of one level. */
  readonly indent: number;
  /** Whether a list stands deeper than its key. */
  readonly indentLists: boolean;
}

/**
 * A value as block YAML: its first line stands where the caller puts it, the
 * others are indented by `column`. Without a line break at its end.
 */
export function renderBlock(value: JsonValue, column: number, style: YamlStyle): string {
  // YAML 1.1 is what the kubelet reads: text such as "yes" and "0777" gets its quotes.
  const text = new Document(value, { version: "1.1", aliasDuplicateObjects: false }).toString({
    indent: style.indent,
    indentSeq: style.indentLists,
    lineWidth: 0,
    directives: false,
  }).replace(/\n$/, "");
  const pad = " ".repeat(column);
  return text.split("\n").map((line, at) => at === 0 || line === "" ? line : pad + line).join("\n");
}

/** A value on one line, for a scalar's place or inside brackets. */
export function renderInline(value: JsonValue): string {
  if (typeof value === "string") {
    const block = renderBlock(value, 0, { indent: 2, indentLists: true });
    return /^[|>]|\n/.test(block) ? JSON.stringify(value) : block;
  }
  return JSON.stringify(value);
}

/**
 * A value in `{ }` or `[ ]`, or inside of such, on one line.
 *
 * @param padded whether blanks stand behind the opening brace
 */
export function renderInBrackets(value: JsonValue, padded: boolean): string {
  const document = new Document(undefined, { version: "1.1" });
  document.contents = document.createNode([value], { flow: true, aliasDuplicateObjects: false });
  const text = document.toString({
    directives: false,
    lineWidth: 0,
    // A text of several lines stays on one, with \n in it.
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    flowCollectionPadding: padded,
  });
  return text.trim().replace(/^\[\s*|\s*\]$/g, "");
}

/** Reads off a text how its lists and levels are indented. */
export function styleOf(text: string): YamlStyle {
  let indentLists: boolean | undefined;
  let indent: number | undefined;
  let parent: number | undefined;
  for (const line of text.split("\n")) {
    const [, blanks = "", dash, content = ""] = /^( *)(- )?(.*)$/.exec(line) ?? [];
    if (content === "" || content.startsWith("#")) continue;
    const column = blanks.length;
    if (parent !== undefined && column >= parent) {
      if (dash !== undefined) indentLists ??= column > parent;
      else if (column > parent) indent ??= column - parent;
    }
    parent = /:\s*(#.*)?$/.test(content) ? column + (dash?.length ?? 0) : undefined;
    if (indentLists !== undefined && indent !== undefined) break;
  }
  return { indent: indent ?? 2, indentLists: indentLists ?? true };
}
