import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { journalArguments } from "../../../mod/cli/commands/logs/service_logs.ts";

describe("journalArguments()", () => {
  it("asks another node for the same, as JSON", () => {
    const args = journalArguments({
      services: ["kubelet", "containerd"],
      follow: true,
      selection: {
        tail: 5,
        sinceNs: 1_767_225_600_000_000_001n,
        grep: { pattern: "-x y", ignoreCase: true, invert: false },
      },
      output: { format: "raw" },
    });
    assert.deepEqual(args, [
      ...["logs", "--unit=kubelet", "--unit=containerd", "-o", "json", "--follow", "--tail=5"],
      ...["--since=2026-01-01T00:00:00.000000001Z", "--grep=-x y", "--ignore-case"],
    ]);
  });
});
