import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { onCalendar } from "../../mod/workloads/calendar.ts";
import { findProgram } from "../support/programs.ts";

const CASES: readonly (readonly [schedule: string, calendar: string | undefined])[] = [
  ["0 3 * * *", "*-*-* 03:00:00"],
  ["*/5 * * * *", "*-*-* *:00/5:00"],
  ["0 */6 * * *", "*-*-* 00/6:00:00"],
  ["30 8-17 * * 1-5", "Mon..Fri *-*-* 08..17:30:00"],
  ["0 0 1,15 * *", "*-*-01,15 00:00:00"],
  ["0 0 1 jan *", "*-01-01 00:00:00"],
  ["0 0 1 */3 ?", "*-01/3-01 00:00:00"],
  ["10-40/10 * * * SUN,wed", "Sun,Wed *-*-* *:10..40/10:00"],
  ["0 0 * * 7", "Sun *-*-* 00:00:00"],
  ["0 0 * * 0-6", "Sun,Mon..Sat *-*-* 00:00:00"],
  ["5/15 * * * *", "*-*-* *:05/15:00"],
  ["@daily", "daily"],
  ["@weekly", "Sun *-*-* 00:00:00"],
  ["0 0 13 * 5", undefined],
  ["0 0 * * */2", undefined],
  ["60 * * * *", undefined],
  ["* * *", undefined],
  ["a b c d e", undefined],
  ["1-x * * * *", undefined],
  ["", undefined],
  ["@reboot", undefined],
  ["constructor", undefined],
];

describe("onCalendar()", () => {
  for (const [schedule, calendar] of CASES) {
    it(`makes of "${schedule}" ${calendar ?? "nothing"}`, () => {
      assert.equal(onCalendar(schedule), calendar);
    });
  }

  it("adds the time zone", () => {
    assert.equal(onCalendar("0 3 * * *", "Europe/Berlin"), "*-*-* 03:00:00 Europe/Berlin");
  });

  const systemd = findProgram("systemd-analyze");
  it("writes what systemd reads", { skip: systemd === undefined }, () => {
    const calendars = CASES.flatMap(([, calendar]) => calendar === undefined ? [] : [calendar]);
    // It ends with an error if one of them is none.
    execFileSync(systemd ?? "", ["calendar", ...calendars], { stdio: "pipe" });
  });
});
