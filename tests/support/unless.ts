import { describe, it } from "@std/testing/bdd";

/** Why tests are skipped; false or undefined where they run. */
export type SkipReason = string | false | undefined;

/** A `describe` that is skipped for a reason, which its title then says. */
export function describeUnless(reason: SkipReason, title: string, body: () => void): void {
  describe(titleOf(title, reason), { skip: Boolean(reason) }, body);
}

/** An `it` that is skipped for a reason, which its title then says. */
export function itUnless(
  reason: SkipReason,
  title: string,
  body: () => void | Promise<void>,
): void {
  it(titleOf(title, reason), { skip: Boolean(reason) }, body);
}

function titleOf(title: string, reason: SkipReason): string {
  return reason ? `${title} (skipped: ${reason})` : title;
}
