/** Characters that a word processor or a web page puts where a keyboard's own are meant. */

/** One such character in a text. */
export interface EditorCharacter {
  /** 0-based place in the text, in UTF-16 code units. */
  readonly index: number;
  readonly kind: "quote" | "dash" | "space" | "invisible" | "punctuation";
  /** `U+201C (left double quotation mark)` */
  readonly name: string;
  /** What is meant: `"`, `-`, a space, nothing. */
  readonly instead: string;
}

type Row = readonly [code: number, kind: EditorCharacter["kind"], name: string, instead: string];

const ROWS: readonly Row[] = [
  [0x00a0, "space", "no-break space", " "],
  [0x00ab, "quote", "left-pointing double angle quotation mark", '"'],
  [0x00ad, "invisible", "soft hyphen", ""],
  [0x00b4, "quote", "acute accent", "'"],
  [0x00bb, "quote", "right-pointing double angle quotation mark", '"'],
  [0x1680, "space", "ogham space mark", " "],
  [0x180e, "invisible", "mongolian vowel separator", ""],
  [0x2000, "space", "en quad", " "],
  [0x2001, "space", "em quad", " "],
  [0x2002, "space", "en space", " "],
  [0x2003, "space", "em space", " "],
  [0x2004, "space", "three-per-em space", " "],
  [0x2005, "space", "four-per-em space", " "],
  [0x2006, "space", "six-per-em space", " "],
  [0x2007, "space", "figure space", " "],
  [0x2008, "space", "punctuation space", " "],
  [0x2009, "space", "thin space", " "],
  [0x200a, "space", "hair space", " "],
  [0x200b, "invisible", "zero width space", ""],
  [0x200c, "invisible", "zero width non-joiner", ""],
  [0x200d, "invisible", "zero width joiner", ""],
  [0x200e, "invisible", "left-to-right mark", ""],
  [0x200f, "invisible", "right-to-left mark", ""],
  [0x2010, "dash", "hyphen", "-"],
  [0x2011, "dash", "non-breaking hyphen", "-"],
  [0x2012, "dash", "figure dash", "-"],
  [0x2013, "dash", "en dash", "-"],
  [0x2014, "dash", "em dash", "--"],
  [0x2015, "dash", "horizontal bar", "--"],
  [0x2018, "quote", "left single quotation mark", "'"],
  [0x2019, "quote", "right single quotation mark", "'"],
  [0x201a, "quote", "single low-9 quotation mark", "'"],
  [0x201b, "quote", "single high-reversed-9 quotation mark", "'"],
  [0x201c, "quote", "left double quotation mark", '"'],
  [0x201d, "quote", "right double quotation mark", '"'],
  [0x201e, "quote", "double low-9 quotation mark", '"'],
  [0x201f, "quote", "double high-reversed-9 quotation mark", '"'],
  [0x2024, "punctuation", "one dot leader", "."],
  [0x2026, "punctuation", "horizontal ellipsis", "..."],
  [0x2028, "space", "line separator", " "],
  [0x2029, "space", "paragraph separator", " "],
  [0x202f, "space", "narrow no-break space", " "],
  [0x2032, "quote", "prime", "'"],
  [0x2033, "quote", "double prime", '"'],
  [0x2039, "quote", "single left-pointing angle quotation mark", "'"],
  [0x203a, "quote", "single right-pointing angle quotation mark", "'"],
  [0x205f, "space", "medium mathematical space", " "],
  [0x2060, "invisible", "word joiner", ""],
  [0x2212, "dash", "minus sign", "-"],
  [0x3000, "space", "ideographic space", " "],
  [0xfe58, "dash", "small em dash", "-"],
  [0xfe63, "dash", "small hyphen-minus", "-"],
  [0xfeff, "invisible", "zero width no-break space", ""],
  [0xff02, "quote", "fullwidth quotation mark", '"'],
  [0xff07, "quote", "fullwidth apostrophe", "'"],
  [0xff0c, "punctuation", "fullwidth comma", ","],
  [0xff0d, "dash", "fullwidth hyphen-minus", "-"],
  [0xff1a, "punctuation", "fullwidth colon", ":"],
];

const BY_CODE: ReadonlyMap<number, Row> = new Map(ROWS.map((row) => [row[0], row]));
const ANY = new RegExp(
  `[${ROWS.map(([code]) => `\\u${code.toString(16).padStart(4, "0")}`).join("")}]`,
  "g",
);

/** Every such character of a text, in order. */
export function* editorCharacters(text: string): Generator<EditorCharacter> {
  for (const { 0: character, index } of text.matchAll(ANY)) {
    const [code, kind, name, instead] = BY_CODE.get(character.charCodeAt(0))!;
    const number = code.toString(16).toUpperCase().padStart(4, "0");
    yield { index, kind, name: `U+${number} (${name})`, instead };
  }
}

/** What to type: `type " instead`, `type a space instead` or `delete it`. */
export function typeInstead({ instead, name }: EditorCharacter): string {
  if (instead === "") return `Delete the character ${name}; it is invisible`;
  const wanted = instead === " " ? "a space" : instead;
  return `Replace ${name} with ${wanted}; an editor or a web page has put it there`;
}
