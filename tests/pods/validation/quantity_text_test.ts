import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseQuantity, QuantityError } from "../../../mod/pods/quantity.ts";
import { kubeletQuantityText } from "../../../mod/pods/validation/quantity_text.ts";

const CASES: readonly (readonly [declared: string, text: string])[] = [
  ["0", "0"],
  ["0Gi", "0"],
  ["1", "1"],
  ["1000m", "1"],
  ["1.0", "1"],
  ["0.5", "500m"],
  ["2.5", "2500m"],
  ["1000k", "1M"],
  ["1100", "1100"],
  ["10000", "10k"],
  ["1e3", "1e3"],
  ["12e6", "12e6"],
  ["1e4", "10e3"],
  ["1Ki", "1Ki"],
  ["1024Ki", "1Mi"],
  ["1536Ki", "1536Ki"],
  ["1.5Gi", "1536Mi"],
  ["0.5Ki", "512"],
  ["100n", "100n"],
  ["-1000m", "-1"],
  ["01", "01"],
  ["+1", "+1"],
  ["8", "8"],
  ["08", "08"],
  ["8Ki", "8Ki"],
  ["08Ki", "8Ki"],
  ["-1024Ki", "-1Mi"],
  ["-1.0Ki", "-1Ki"],
  ["2048Gi", "2Ti"],
  ["2048Ti", "2Pi"],
  ["2048Pi", "2Ei"],
];

describe("kubeletQuantityText()", () => {
  for (const [declared, text] of CASES) {
    it(`writes ${declared} as ${text}`, () => {
      const quantity = parseQuantity(declared);
      assert.ok(!(quantity instanceof QuantityError));
      assert.equal(kubeletQuantityText(quantity), text);
    });
  }
});
