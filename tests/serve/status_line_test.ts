import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ReloadOutcome } from "../../mod/agent/mod.ts";
import { statusLine } from "../../mod/serve/status_line.ts";

type Pod = ReloadOutcome["pods"][number];

const outcome = (changes: Partial<ReloadOutcome>): ReloadOutcome => ({
  result: "applied",
  trigger: "signal",
  revision: 3,
  at: "2026-01-01T00:00:00.000Z",
  durationMs: 1,
  pods: [],
  problems: [],
  needRestart: [],
  served: { pods: 2, bytes: 100, etag: '"x"' },
  ...changes,
});
const pod = (id: string, state: NonNullable<Pod["state"]>, errors: Pod["errors"] = []): Pod => ({
  id,
  namespace: "default",
  name: id,
  change: "none",
  state,
  source: { file: "a.yaml", line: 1 },
  hash: "0",
  errors,
  warnings: [],
});

describe("statusLine()", () => {
  const cases: readonly (readonly [string, Partial<ReloadOutcome>])[] = [
    ["2 pods served, revision 3, last reload applied", {}],
    ["2 pods served, revision 3", { result: "unchanged" }],
    ["1 pod served, revision 3", {
      result: "unchanged",
      served: { pods: 1, bytes: 1, etag: '"x"' },
    }],
    [
      "2 pods served, 1 refused (default-web: spec.containers: Required value), revision 3, last reload partial",
      {
        result: "partial",
        pods: [
          pod("default-ok", "Served"),
          pod("default-web", "Rejected", [
            { field: "spec.containers", type: "Required value", detail: "", line: 1, column: 1 },
          ]),
        ],
      },
    ],
    ["2 pods served, 1 held back (etcd), revision 3", {
      result: "unchanged",
      pods: [pod("etcd", "Held")],
    }],
    ["2 pods served, revision 3, last reload rejected, c.yaml: Not YAML", {
      result: "rejected",
      problems: [
        { severity: "warning", code: "w", file: "w.yaml", path: [], message: "Nothing" },
        { severity: "error", code: "syntax", file: "c.yaml", path: [], message: "Not YAML" },
      ],
    }],
  ];
  for (const [line, changes] of cases) {
    it(`is "${line}"`, () => assert.equal(statusLine(outcome(changes)), line));
  }
});
