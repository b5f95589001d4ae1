import { cutText, displayWidth } from "./width.ts";

/**
 * Breaks a text at its blanks so that it fits a terminal; what does not fit is
 * cut, with an ellipsis. A word that is longer than a line is broken where the
 * line ends.
 *
 * @param columns the terminal's width; undefined for no terminal: one line, uncut
 * @param indent columns that stand before each line, and are not in the result
 */
export function wrapText(
  text: string,
  columns: number | undefined,
  indent: number,
  maxLines: number,
): readonly string[] {
  if (columns === undefined) return [text];
  const width = Math.max(10, columns - indent);
  const lines: string[] = [];
  let line = "";
  const words = text.split(" ").flatMap((word) => pieces(word, width));
  for (const [index, word] of words.entries()) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (displayWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (lines.length === maxLines - 1) {
      return [...lines, cutText([line, ...words.slice(index)].join(" "), width)];
    }
    lines.push(line);
    line = word;
  }
  return [...lines, line];
}

function pieces(word: string, width: number): readonly string[] {
  if (displayWidth(word) <= width) return [word];
  const found: string[] = [];
  let piece = "";
  for (const char of word) {
    if (displayWidth(piece + char) > width) {
      found.push(piece);
      piece = "";
    }
    piece += char;
  }
  return [...found, piece];
}
