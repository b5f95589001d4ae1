import process from "node:process";

/**
 * For `describe` and `it`: why a test is skipped that gives files to others, or reads what it may not as itself;
 * false for root. With `PODSTEAD_NO_SKIP=1`, as in CI, nothing is skipped.
 */
export const UNLESS_ROOT: false | string =
  process.getuid?.() === 0 || process.env.PODSTEAD_NO_SKIP === "1"
    ? false
    : "only root can give files to others and read all modes";
