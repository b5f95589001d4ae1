import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { pickRow } from "../../mod/explain/mod.ts";
import { joinStatus, NEVER_READ, type PodStatusRow } from "../../mod/status/mod.ts";
import { desired, input } from "../status/samples.ts";

function rows(...names: readonly string[]): readonly PodStatusRow[] {
  return joinStatus(input({
    desired: names.map((name) => desired({ id: `default-${name}`, name })),
    kubelet: NEVER_READ,
    runtime: { value: [], atMs: Date.now() },
  }));
}

describe("pickRow()", () => {
  const known = rows("web", "web-api", "db");
  for (
    const [reference, id] of [
      ["default/web-node-1", "default/web-node-1"],
      ["web", "default/web-node-1"],
      ["default-web", "default/web-node-1"],
      ["default/web-api", "default/web-api-node-1"],
      ["web-a", "default/web-api-node-1"],
      ["d", undefined],
      ["db", "default/db-node-1"],
    ] as const
  ) {
    it(`takes ${reference} for ${id ?? "more than one"}`, () => {
      if (id === undefined) {
        assert.throws(() => pickRow(known, reference, "node-1"), { code: "ambiguous" });
      } else {
        assert.equal(pickRow(known, reference, "node-1").id, id);
      }
    });
  }

  it("names the nearest of what there is", () => {
    assert.throws(() => pickRow(known, "wbe-api", "node-1"), {
      code: "not-found",
      hint: 'Did you mean "web-api"?',
    });
  });
});
