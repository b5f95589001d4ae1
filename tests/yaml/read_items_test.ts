import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { isJsonObject } from "../../mod/core/mod.ts";
import { ReadItems, type ScannedYaml, scanSimpleYaml } from "../../mod/yaml/mod.ts";
import { realisticPod } from "../support/realistic_pod.ts";

/** A node config with these pods, and something behind them. */
function config(seeds: readonly number[]): string {
  const pods = stringify(seeds.map(realisticPod), { aliasDuplicateObjects: false });
  const indented = pods.trimEnd().split("\n").map((line) => `    ${line}`).join("\n");
  return `# Of the node\nmachine:\n  pods:\n${indented}\nagent:\n  replace: kubelet\n`;
}

function podsOf(scanned: ScannedYaml | undefined): readonly unknown[] {
  const value = scanned?.documents[0]?.value ?? null;
  const machine = isJsonObject(value) ? value.machine ?? null : null;
  const pods = isJsonObject(machine) ? machine.pods : undefined;
  return Array.isArray(pods) ? pods : assert.fail("There are no pods");
}

/** Something that a person does to a line, or an editor to a file that it has half written. */
const EDITS: Readonly<Record<string, (line: string) => readonly string[]>> = {
  delete: () => [],
  double: (line) => [line, line],
  deeper: (line) => [` ${line}`],
  shallower: (line) => [line.replace(/^ /, "")],
  text: (line) => [`${line}x`],
  comment: (line) => [line, "# remark"],
  literal: (line) => [line.replace(/: .*$/, ": |"), `${/^ */.exec(line)?.[0]}    some`, "", "text"],
  document: (line) => [line, "---"],
  blank: (line) => [line, "   "],
};

describe("ReadItems", () => {
  it("gives the same object for each item that an edit has not touched, wherever it stands now", () => {
    const items = new ReadItems();
    const before = podsOf(scanSimpleYaml(config([0, 1, 2, 3]), "c", items));
    const after = podsOf(scanSimpleYaml(config([7, 0, 2, 5, 1, 9]), "c", items));
    assert.deepEqual(after, podsOf(scanSimpleYaml(config([7, 0, 2, 5, 1, 9]), "c")));
    assert.equal(after[1], before[0]);
    assert.equal(after[2], before[2]);
    assert.equal(after[4], before[1]);
  });

  it("gives two objects for an item that stands there twice", () => {
    const items = new ReadItems();
    for (let reading = 0; reading < 2; reading++) {
      const [one, other] = podsOf(scanSimpleYaml(config([0, 0, 1]), "c", items));
      assert.deepEqual(one, other);
      assert.notEqual(one, other);
    }
  });

  it("changes nothing of what is read, nor of its places, whatever an edit does", () => {
    const edit = fc.tuple(fc.constantFrom(...Object.keys(EDITS)), fc.nat());
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 12 }), (edits) => {
        const items = new ReadItems();
        let lines: readonly string[] = config([0, 1, 2, 3, 4]).split("\n");
        scanSimpleYaml(lines.join("\n"), "c", items);
        for (const [name, place] of edits) {
          const at = place % lines.length;
          const edited = EDITS[name]?.(lines[at] ?? "") ?? [];
          const next = [...lines.slice(0, at), ...edited, ...lines.slice(at + 1)];
          const text = next.join("\n");
          const alone = scanSimpleYaml(text, "c");
          assert.deepEqual(scanSimpleYaml(text, "c", items), alone);
          // As a person who takes a mistake back.
          if (alone !== undefined) lines = next;
        }
      }),
      { numRuns: 30 },
    );
  });
});
