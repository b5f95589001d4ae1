import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { decodeScan, encodeScan, type ScannedYaml, scanYaml } from "../../mod/yaml/mod.ts";

/** As it arrives: each piece somewhere in a buffer. */
function transferred(scan: ScannedYaml): ScannedYaml {
  const decoder = decodeScan();
  for (const piece of encodeScan(scan)) {
    decoder.take(Buffer.concat([Buffer.from("x"), piece]).subarray(1));
  }
  return decoder.end();
}

describe("encodeScan() and decodeScan()", () => {
  it("bring over what was read: values, order of keys, places, problems", () => {
    const texts = [
      "",
      "# nothing\n",
      "a: [1, 2.5, -0x1f, 9007199254740993, null, true]\nb: {z: 1, a: 2, __proto__: {x: y}}\n",
      "a: &x {b: c}\nd: [*x, *x]\n---\n- e: |\n    text\n---\nf: 'ö €😀'\n",
      "a: [\n---\nb: 1\n",
      '{"kind": "Pod", "n": 12345678901234567890}',
    ];
    for (const text of texts) {
      const scan = scanYaml(text, "f.yaml");
      assert.deepEqual(transferred(scan), scan, text);
    }
  });

  it("cut a long text into pieces, and no character in two", () => {
    for (const start of ["", "a", "ab"]) {
      const text = `# ${start}${"😀€é".repeat(300_000)}\nkind: Pod\n`;
      const scan = scanYaml(text, "f.yaml");
      for (const piece of encodeScan(scan)) assert.ok(piece.length < 2_000_000, `${piece.length}`);
      assert.deepEqual(transferred(scan), scan);
    }
  });

  it("cut what is large into pieces, wherever it is large", () => {
    const long = "x".repeat(70_000);
    const values = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom<unknown>(1, "text", long, null, true),
        fc.array(tie("value"), { maxLength: 4 }),
        fc.dictionary(fc.constantFrom("a", "b", "1", long), tie("value"), { maxKeys: 4 }),
      ),
    }));
    fc.assert(
      fc.property(fc.array(values.value, { maxLength: 3 }), (items) => {
        const text = JSON.stringify({ items });
        const scan = scanYaml(text, "f.json");
        for (const piece of encodeScan(scan)) {
          assert.ok(piece[0] === 1 || piece[0] === 10 || piece.length < 200_000);
        }
        assert.deepEqual(transferred(scan), scan);
      }),
      { numRuns: 40 },
    );
  });
});
