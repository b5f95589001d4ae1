import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { PodOutcome, ReloadOutcome } from "../../../../mod/api/contract/mod.ts";
import { plainStyle } from "../../../../mod/text/mod.ts";
import { reloadPlanReport } from "../../../../mod/cli/commands/change/reload_plan.ts";
import { reloadReport } from "../../../../mod/cli/commands/change/reload_report.ts";

function added(name: string, change: Partial<PodOutcome> = {}): PodOutcome {
  return {
    id: `default-${name}`,
    namespace: "default",
    name,
    change: "added",
    state: "Served",
    servingRevision: 1,
    source: { file: "config.yaml", line: 3 },
    hash: "h1",
    errors: [],
    warnings: [],
    ...change,
  };
}

const OUTCOME: ReloadOutcome = {
  result: "applied",
  trigger: "request",
  revision: 1,
  at: "2026-01-01T00:00:00.000Z",
  durationMs: 3,
  pods: [
    added("app", { waitsFor: ["default/db"] }),
    added("db"),
    added("web", { waitsFor: ["default/app", "default/db", "kube-system/dns"] }),
  ],
  problems: [],
  needRestart: [],
  served: { pods: 1, bytes: 10, etag: '"e"' },
};

describe("reloadReport()", () => {
  it("says of an added pod that it waits, and for whom", () => {
    assert.deepEqual(reloadReport(OUTCOME, plainStyle).split("\n").slice(1), [
      "  + default/app: waits until default/db is ready",
      "  + default/db",
      "  + default/web: waits until default/app, default/db and kube-system/dns are ready",
      "",
    ]);
  });
});

describe("reloadPlanReport()", () => {
  it("says of an added pod that it would wait, and for whom", () => {
    assert.deepEqual(reloadPlanReport(OUTCOME, plainStyle).split("\n").slice(1), [
      "  + default/app: add, waits until default/db is ready",
      "  + default/db: add",
      "  + default/web: add, waits until default/app, default/db and kube-system/dns are ready",
      "",
    ]);
  });
});
