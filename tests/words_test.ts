/** What is written is plain English: words that a newcomer stumbles over are kept out. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Words that are not written, and what is written instead. */
const WORDS: readonly (readonly [word: RegExp, instead: string])[] = [
  [/\bmend(?:ed|s|ing)?\b/i, "fix"],
  [/\b(?:cannot|could not) be had\b/i, "cannot be pulled, found, read"],
  [/\bgo(?:ing|es)? on with\b/i, "continue with"],
  [/\b(?:somebody|nobody|whoever)\b/i, "who it is: the caller, another process, no source"],
  [/\banew\b/i, "again"],
  [/\bin force\b/i, "current"],
  [/\bstands? in (?:the|its|their) way\b/i, "conflicts with"],
  [/\bwhere there (?:is|are) none\b/i, "if there is none"],
];

const texts = [
  ...readdirSync(join(ROOT, "docs")).filter((name) => name.endsWith(".md")).map((name) =>
    `docs/${name}`
  ),
  "README.md",
  ...readdirSync(join(ROOT, "mod"), { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file)).map((file) => `mod/${file}`),
];

/** The lines of a page; of a source those that are comments, or hold a text for people. */
function linesForPeople(file: string): readonly string[] {
  const lines = readFileSync(join(ROOT, file), "utf8").split("\n");
  if (file.endsWith(".md")) return lines;
  // The name of a thing, such as a user, is no word of a sentence.
  return lines.map((line) => isComment(line) ? line.replace(/`[^`]*`/g, "") : line)
    .filter((line) => isComment(line) || /["`]/.test(line));
}

function isComment(line: string): boolean {
  return /^\s*(?:\/\*|\*|\/\/)|\s\/\/ /.test(line);
}

describe("texts for users and comments", () => {
  for (const [word, instead] of WORDS) {
    it(`say ${instead}, and not ${word.source}`, () => {
      const wrong = texts.flatMap((file) =>
        linesForPeople(file).filter((line) => word.test(line)).map((line) =>
          `${file}: ${line.trim()}`
        )
      );
      assert.deepEqual(wrong, []);
    });
  }
});
