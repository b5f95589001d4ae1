import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { isHiddenFromService } from "../../mod/agent/hidden_paths.ts";

describe("isHiddenFromService()", () => {
  const service = { INVOCATION_ID: "0123" };
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
    ["/tmp/data", service, true],
    ["/var/tmp", service, true],
    ["/dev/fuse", service, true],
    ["/home/user/web", service, true],
    ["/tmpfiles", service, false],
    ["/var/lib/web", service, false],
    ["/tmp/data", {}, false],
  ];
  for (const [path, env, hidden] of cases) {
    it(`is ${hidden} for ${path} ${env === service ? "in a service" : "by hand"}`, () => {
      assert.equal(isHiddenFromService(path, env), hidden);
    });
  }
});
