/** The commands that a page of docs shows, so that a test runs what people will paste. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

/**
 * The commands of a page's blocks of shell, each as its words.
 *
 * @param page from the root of the repository, such as `docs/fleet.md`
 * @param part of the page: before or after a heading of the second level
 */
export function commandsOf(
  page: string,
  part: { readonly before: string } | { readonly after: string },
): readonly (readonly string[])[] {
  const whole = readFileSync(new URL(`../../${page}`, import.meta.url), "utf8");
  const heading = "before" in part ? part.before : part.after;
  const [before = "", after] = whole.split(`\n## ${heading}\n`);
  assert.ok(after !== undefined, `${page} has no heading "${heading}"`);
  const text = "before" in part ? before : after;
  return [...text.matchAll(/^ *```sh\n([^]*?)^ *```$/gm)].flatMap(([, block = ""]) =>
    block.replaceAll(/\\\n/g, " ").trim().split("\n").map((line) => line.trim().split(/ +/))
  );
}
