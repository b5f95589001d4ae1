import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { isHiddenFromService } from "../../mod/explain/hidden_paths.ts";

describe("isHiddenFromService()", () => {
  const service = { SYSTEMD_EXEC_PID: "42" };
  const cases: readonly (readonly [string, Readonly<Record<string, string>>, boolean])[] = [
    ["/tmp/data", service, true],
    ["/var/tmp", service, true],
    ["/dev/fuse", service, true],
    ["/home/user/web", service, true],
    ["/tmpfiles", service, false],
    ["/var/lib/web", service, false],
    ["/tmp/data", {}, false],
    ["/tmp/data", { SYSTEMD_EXEC_PID: "41" }, false],
  ];
  for (const [path, env, hidden] of cases) {
    it(`is ${hidden} for ${path} with ${JSON.stringify(env)}`, () => {
      assert.equal(isHiddenFromService(path, { pid: 42, env }), hidden);
    });
  }
});
