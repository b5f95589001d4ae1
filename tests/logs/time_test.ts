import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { formatTime, msToNs, nsToMs, parseTime, parseWhen } from "../../mod/logs/mod.ts";

describe("parseTime()", () => {
  const valid: [string, string][] = [
    ["1970-01-01T00:00:00Z", "0"],
    ["2022-02-10T15:26:01.289208227Z", "1644506761289208227"],
    ["2022-02-10T15:26:01.2892466Z", "1644506761289246600"],
    ["2022-02-10T17:26:01.2892466+02:00", "1644506761289246600"],
    ["2022-02-10T09:56:01.5-05:30", "1644506761500000000"],
    ["2024-02-29T23:59:59Z", "1709251199000000000"],
    ["1969-12-31T23:59:59.9Z", "-100000000"],
    ["2000-03-01t00:00:00z", "951868800000000000"],
  ];
  for (const [text, wanted] of valid) {
    it(`reads ${text}`, () => assert.equal(parseTime(text), BigInt(wanted)));
  }
  const invalid = [
    "",
    "2022-02-10",
    "2022-02-10 15:26:01Z",
    "2022-02-10T15:26:01",
    "2022-02-10T15:26:01.289",
    "2022-02-10T15:26:01+0200",
    "2022-02-10T15:26:01Z ",
    "2022-02-1xT15:26:01Z",
    "yesterday at about ten",
  ];
  for (const text of invalid) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.equal(parseTime(text), undefined));
  }

  it("agrees with Date for every day of eight years", () => {
    for (let ms = Date.UTC(1998, 0, 1); ms < Date.UTC(2006, 0, 1); ms += 86_400_000) {
      assert.equal(parseTime(new Date(ms).toISOString()), BigInt(ms) * 1_000_000n);
    }
  });
});

describe("parseWhen()", () => {
  const nowMs = Date.UTC(2026, 1, 10, 12);
  it("takes a duration before now", () => {
    assert.equal(parseWhen("1h30m", nowMs), msToNs(Date.UTC(2026, 1, 10, 10, 30)));
  });
  it("takes an RFC 3339 time", () => {
    assert.equal(parseWhen("2026-02-10T15:26:01Z", nowMs), parseTime("2026-02-10T15:26:01Z"));
  });

  const now = new Date(nowMs);
  const [year, month, day] = [now.getFullYear(), now.getMonth(), now.getDate()];
  const local = (...parts: [number, number, number, number?, number?, number?]) =>
    new Date(...parts).getTime();
  const valid: readonly (readonly [string, number])[] = [
    ["1w", nowMs - 604_800_000],
    ["-1h", nowMs - 3_600_000],
    ["2 hours ago", nowMs - 7_200_000],
    ["1 day ago", nowMs - 86_400_000],
    ["now", nowMs],
    ["today", local(year, month, day)],
    ["yesterday", local(year, month, day - 1)],
    ["04:25", local(year, month, day, 4, 25)],
    ["4:25:13", local(year, month, day, 4, 25, 13)],
    ["2026-02-10", local(2026, 1, 10)],
    ["2026-02-10 04:25", local(2026, 1, 10, 4, 25)],
    ["2026-02-10 04:25:13", local(2026, 1, 10, 4, 25, 13)],
    ["2026-02-10T04:25:13", local(2026, 1, 10, 4, 25, 13)],
    ["2026-02-10 04:25:13.5", local(2026, 1, 10, 4, 25, 13) + 500],
  ];
  for (const [text, wantedMs] of valid) {
    it(`takes "${text}" as this machine's clock has it`, () =>
      assert.equal(parseWhen(text, nowMs), msToNs(wantedMs)));
  }

  for (
    const text of [
      "",
      " ",
      "soon",
      "10",
      "2026-02-30",
      "2026-13-01",
      "25:00",
      "04:61",
      "4h 25",
      "2026-02-10 04",
      "yesterday 04:25",
    ]
  ) {
    it(`refuses "${text}"`, () => assert.equal(parseWhen(text, nowMs), undefined));
  }
});

describe("formatTime()", () => {
  it("writes nine digits in UTC", () => {
    assert.equal(formatTime(1_644_506_761_289_246_600n, "utc"), "2022-02-10T15:26:01.289246600Z");
    assert.equal(formatTime(-1n, "utc"), "1969-12-31T23:59:59.999999999Z");
  });
  it("writes local time with its offset, which reads as the same time", () => {
    const text = formatTime(1_644_506_761_289_246_600n, "local");
    assert.match(text, /^2022-02-1[01]T\d\d:\d\d:01\.289246600[+-]\d\d:\d\d$/);
    assert.equal(parseTime(text), 1_644_506_761_289_246_600n);
  });
});

describe("nsToMs()", () => {
  it("is undone by msToNs() for whole milliseconds", () => {
    assert.equal(nsToMs(msToNs(1_644_506_761_289)), 1_644_506_761_289);
  });
});
