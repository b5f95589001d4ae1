import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const read = (path: string) =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), "utf8");

/** The first cells of the table under a heading of the page. */
function namesUnder(heading: string): readonly string[] {
  const section = read("docs/troubleshooting.md").split(`\n## ${heading}\n`)[1]?.split("\n## ")[0];
  return [...(section ?? "").matchAll(/^\| `([a-z-]+)`/gm)].map(([, name]) => name ?? "");
}

describe("docs/troubleshooting.md", () => {
  it("has every cause, and no other", () => {
    const type = read("mod/explain/evidence.ts").split("export type CauseCode =")[1]?.split(";")[0];
    const codes = [...(type ?? "").matchAll(/"([a-z-]+)"/g)].map(([, code]) => code ?? "");
    assert.ok(codes.length > 30);
    assert.deepEqual(
      namesUnder("Causes").toSorted(),
      codes.toSorted(),
      'the table "Causes" needs one row for each code',
    );
  });

  it("has every check, in the order in which they are made", () => {
    const checks = [...read("mod/doctor/diagnose.ts").matchAll(/^ {2}\["([a-z-]+)", check/gm)]
      .map(([, name]) => name ?? "");
    assert.ok(checks.length > 20);
    assert.deepEqual(
      namesUnder("What the doctor checks"),
      checks,
      'the table "What the doctor checks" needs one row for each check',
    );
  });
});
