/** What stands for the value of an environment variable. */
const HIDDEN = "(hidden)";

/**
 * A copy without the values of containers' environment variables, in any list named
 * `env`, whatever object it is in; and without the lines of files that problems
 * quote, which may be those of a Secret.
 */
export function withoutEnvValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEnvValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => key !== "sourceLine").map(([key, member]) => [
      key,
      key === "env" && Array.isArray(member) ? member.map(withoutValue) : withoutEnvValues(member),
    ]),
  );
}

function withoutValue(variable: unknown): unknown {
  if (typeof variable !== "object" || variable === null || !("value" in variable)) return variable;
  return { ...variable, value: HIDDEN };
}
