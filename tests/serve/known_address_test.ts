import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { JsonObject } from "../../mod/core/mod.ts";
import { knownAddress } from "../../mod/serve/host/known_address.ts";

describe("knownAddress()", () => {
  const before: JsonObject = { node: { name: "n", address: "10.0.0.5" } };
  const cases: readonly (readonly [string, string, JsonObject | undefined, string])[] = [
    ["keeps what the interfaces have", "10.0.0.9", before, "10.0.0.9"],
    ["takes the last known one while there is none", "127.0.0.1", before, "10.0.0.5"],
    ["has nothing else at the first start", "127.0.0.1", undefined, "127.0.0.1"],
    ["does without what an older state lacks", "127.0.0.1", { node: {} }, "127.0.0.1"],
  ];
  for (const [title, current, settings, wanted] of cases) {
    it(title, () => assert.equal(knownAddress(current, settings), wanted));
  }
});
