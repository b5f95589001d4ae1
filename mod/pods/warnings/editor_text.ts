/** Quotes, dashes and blanks that an editor made of those that were typed. */
import { editorCharacters, typeInstead } from "../../core/mod.ts";
import type { EditorCharacter } from "../../core/mod.ts";
import type { WarningRule } from "./rule.ts";
import { visitStrings } from "./visit_strings.ts";

/** Texts for people, in which such characters are right. */
const PROSE = new Set(["annotations", "managedFields", "message", "status"]);

/** Rules on characters that only look like what was meant. */
export const EDITOR_TEXT_RULES: readonly WarningRule[] = [{
  name: "editor-character",
  type: "Discouraged",
  fields: [],
  about:
    "Curly quotes, dashes other than `-`, no-break and invisible blanks, made by an editor or " +
    "a web page, in a key or a value: programs do not take them for what they look like.",
  hint: "Type the character of the keyboard",
  find({ declared }, report) {
    visitStrings(declared, PROSE, (path, text) => {
      for (const character of editorCharacters(text)) {
        if (!isMistake(text, character)) continue;
        report(
          path,
          `holds ${character.name} ${placeIn(text, character)}, which is not what it looks like`,
          typeInstead(character),
        );
        return; // one line for a text
      }
    });
  },
}];

/** Whether a character stands for one that means something to a program; in prose it does not. */
function isMistake(text: string, { kind, index }: EditorCharacter): boolean {
  const before = text.slice(0, index);
  const after = text.slice(index + 1);
  const isProse = /\s/.test(text.trim()) && text.includes("\n");
  switch (kind) {
    case "dash": // an option, or a part of a name; not a dash between two words
      return !/\s$/.test(before) || !/^\s/.test(after);
    case "quote": // not the apostrophe of a word
      return !(/\p{L}$/u.test(before) && /^\p{L}/u.test(after)) && !isProse;
    case "punctuation":
      return !/\s/.test(text.trim());
    default:
      return true;
  }
}

function placeIn(text: string, { index, kind }: EditorCharacter): string {
  if (kind === "space" || kind === "invisible") {
    return index === 0
      ? "at its beginning"
      : index === text.length - 1
      ? "at its end"
      : `after "${text.slice(Math.max(0, index - 20), index)}"`;
  }
  const end = /^\S*/.exec(text.slice(index))?.[0].length ?? 1;
  return `in "${text.slice(Math.max(0, index - 20), index + Math.min(end, 20))}"`;
}
