import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { hiddenElsewhere, type HidingPlaces } from "../../../mod/agent/absence/elsewhere.ts";
import type { PodOutcome } from "../../../mod/agent/mod.ts";

const web = { namespace: "default", name: "web", source: { file: "/p/web.yaml", line: 1 } };
const lastly = (state: PodOutcome["state"], pending = false): HidingPlaces["lastOutcomes"] => [{
  ...web,
  id: "default-web",
  change: "unchanged",
  ...(state === undefined ? {} : { state }),
  hash: "h",
  errors: [],
  warnings: [],
  reason: "in words that another release may choose otherwise",
  ...(pending ? { lookAgainMs: 500 } : {}),
}];

/** Whether the pod may be in another file. */
function isHidden(
  brokenText: string | null,
  { hadErrors, last = lastly("Served"), path = "/p/other.yaml" }: {
    readonly hadErrors: boolean;
    readonly last?: HidingPlaces["lastOutcomes"];
    readonly path?: string;
  },
): boolean {
  const files = [{ path, brokenText, hadErrors }];
  return hiddenElsewhere({ files, unnamed: [], lastOutcomes: last })(web) !== undefined;
}

describe("hiddenElsewhere()", () => {
  it("finds a pod in a broken text that names it as a whole word, however old the mistake", () => {
    for (const hadErrors of [true, false]) {
      assert.ok(isHidden("metadata: {name: web\n", { hadErrors }));
      assert.ok(!isHidden("metadata: {name: web-2}\nx: the-web\n", { hadErrors }));
    }
    assert.ok(!isHidden("name: web", { hadErrors: false, path: web.source.file }), "its own file");
  });

  it("takes a text that cannot be searched for its place only if both came in one reload", () => {
    assert.ok(isHidden(null, { hadErrors: false }));
    assert.ok(!isHidden(null, { hadErrors: true }));
    assert.ok(!isHidden(null, { hadErrors: true, last: lastly("Kept", true) }));
  });

  it("keeps what was kept while that lasts, whatever the reason was called", () => {
    assert.ok(isHidden(null, { hadErrors: true, last: lastly("Kept") }));
  });
});
