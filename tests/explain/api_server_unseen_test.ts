import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { apiServerUnseen } from "../../mod/explain/api_server_unseen.ts";

const NOW = new Date(2026, 10, 30, 14, 0, 30).getTime();
const line = (level: string, second: number, text: string) =>
  `${level}1130 14:00:${String(second).padStart(2, "0")}.000000     812 kubelet.go:1] ${text}`;
const WAITS = line("I", 1, '"Waiting for node sync before watching apiserver pods"');
const WATCHES = line("I", 9, '"Watching apiserver"');
const REFUSED = line(
  "E",
  8,
  String
    .raw`"Unable to register node with API server" err="Post \"https://10.0.0.1:6443/api/v1/nodes\": dial tcp 10.0.0.1:6443: connect: connection refused" node="node-1"`,
);
const OTHER = line("E", 10, '"Unable to write event" err="connection refused"');

describe("apiServerUnseen()", () => {
  for (
    const [what, log, said] of [
      ["nothing without a word of it", [OTHER], undefined],
      ["that it waits since its start", [WAITS, OTHER], /waits for its API server/],
      [
        "what it was refused",
        [WAITS, REFUSED, OTHER],
        /cannot register .*: Post "https:.*connection refused$/,
      ],
      ["the same when its start has left the end of the log", [REFUSED], /cannot register/],
      ["nothing once it watches", [WAITS, REFUSED, WATCHES, OTHER], undefined],
      ["its newest start", [WAITS, WATCHES, WAITS], /waits/],
    ] as const
  ) {
    it(`tells ${what}`, () => {
      const found = apiServerUnseen(log, NOW);
      if (said === undefined) assert.equal(found, undefined);
      else assert.match(found ?? "", said);
    });
  }

  it("tells nothing of what was long ago", () => {
    assert.equal(apiServerUnseen([REFUSED], NOW + 600_000), undefined);
  });
});
