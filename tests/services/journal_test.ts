import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { journalArguments, parseEntry } from "../../mod/services/journal.ts";
import { parseProperties } from "../../mod/services/list.ts";
import { unitName } from "../../mod/services/unit_name.ts";

describe("journalArguments()", () => {
  const base = [
    "--output=json",
    "--output-fields=MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT",
    "--no-pager",
  ];
  const cases: readonly (readonly [Parameters<typeof journalArguments>[1], readonly string[]])[] = [
    [{ follow: false }, []],
    [{ follow: true }, ["--follow", "--lines=all"]],
    [{ follow: true, tail: 0 }, ["--follow", "--lines=0"]],
    [{ follow: false, tail: 20 }, ["--lines=20"]],
    [
      { follow: false, sinceNs: 1_700_000_000_123_456_789n, untilNs: 1_700_000_001_000_000_000n },
      ["--since=@1700000000.123456", "--until=@1700000001.000000"],
    ],
  ];
  for (const [query, wanted] of cases) {
    it(`asks for ${wanted.join(" ") || "everything"}`, () => {
      assert.deepEqual(journalArguments(["kubelet.service"], query), [
        ...base,
        "--quiet",
        "--unit=kubelet.service",
        ...wanted,
      ]);
    });
  }
});

describe("parseEntry()", () => {
  it("reads a line of a service", () => {
    assert.deepEqual(
      parseEntry(
        '{"__REALTIME_TIMESTAMP":"1700000000123456","_SYSTEMD_UNIT":"kubelet.service","PRIORITY":"3","MESSAGE":"é\\nb"}',
      ),
      { timeUs: 1_700_000_000_123_456n, unit: "kubelet.service", priority: 3, message: "é\nb" },
    );
  });
  it("names the unit that systemd speaks of, not systemd's own", () => {
    assert.equal(
      parseEntry('{"UNIT":"kubelet.service","_SYSTEMD_UNIT":"init.scope","MESSAGE":"Started"}')
        ?.unit,
      "kubelet.service",
    );
  });
  it("reads messages that are bytes, and those that are missing", () => {
    assert.equal(parseEntry('{"MESSAGE":[104,105,255]}')?.message, "hi\ufffd");
    assert.equal(parseEntry('{"MESSAGE":null}')?.message, "");
    assert.equal(parseEntry(""), undefined);
  });
});

describe("unitName()", () => {
  it("adds the suffix that is left out", () => {
    assert.equal(unitName("kubelet"), "kubelet.service");
    assert.equal(unitName("podstead.service"), "podstead.service");
    assert.equal(unitName("dbus.socket"), "dbus.socket");
  });
});

describe("parseProperties()", () => {
  it("keeps what follows the first equals sign", () => {
    assert.deepEqual(parseProperties("Id=a.service\nStatusText=x=y\n\n"), {
      Id: "a.service",
      StatusText: "x=y",
    });
  });
});
