import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseLabelSelector, selectsLabels, UsageError } from "../../mod/core/mod.ts";

const PODS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  web: { app: "web", tier: "front", rank: "3" },
  api: { app: "api", tier: "back", "example.org/team": "a" },
  empty: { app: "" },
  none: {},
};

/** A selector → the pods that it chooses. */
const CHOOSES: readonly (readonly [selector: string, pods: readonly string[]])[] = [
  ["app=web", ["web"]],
  ["app==web", ["web"]],
  ["app = web", ["web"]],
  ["app!=web", ["api", "empty", "none"]],
  ["app=", ["empty"]],
  ["app!=", ["web", "api", "none"]],
  ["app", ["web", "api", "empty"]],
  ["!app", ["none"]],
  ["! app", ["none"]],
  ["app in (web,api)", ["web", "api"]],
  ["app in ( web , api )", ["web", "api"]],
  ["app in (web)", ["web"]],
  ["app in ()", ["empty"]],
  ["app notin (web,api)", ["empty", "none"]],
  ["app in (web,api),tier!=back", ["web"]],
  ["tier,app notin (api)", ["web"]],
  ["app=web,tier=front", ["web"]],
  ["app=web,app=api", []],
  ["example.org/team=a", ["api"]],
  ["rank>2", ["web"]],
  ["rank>3", []],
  ["rank < 4", ["web"]],
  ["app>1", []],
  ["toString", []],
  ["in", []],
];

const REFUSED = [
  "",
  "app=web,",
  "app=web,,tier",
  "app in (web",
  "app in web)",
  "app in",
  "app within (web)",
  "app=web api",
  "app=a=b",
  "=web",
  "app ! = web",
  "-app",
  "app/",
  "rank>high",
  "(app=web)",
];

describe("parseLabelSelector()", () => {
  for (const [selector, wanted] of CHOOSES) {
    it(`reads "${selector}" as kubectl does`, () => {
      const conditions = parseLabelSelector(selector);
      const chosen = Object.keys(PODS).filter((name) =>
        selectsLabels(conditions, PODS[name] ?? {})
      );
      assert.deepEqual(chosen, wanted);
    });
  }

  for (const selector of REFUSED) {
    it(`refuses "${selector}", and shows what can be written`, () => {
      assert.throws(
        () => parseLabelSelector(selector),
        (thrown: unknown) =>
          thrown instanceof UsageError && thrown.hint?.includes("app in (web,api)") === true,
      );
    });
  }
});
