/** What stands for the value of an environment variable. */
const HIDDEN = "(hidden)";

/** What variables and the headers of probes (`Authorization`) stand under. */
const NAMED_VALUES: ReadonlySet<string> = new Set(["env", "httpHeaders"]);

/**
 * The line of a file that a problem quotes; and the copy of itself, with all values, that
 * `kubectl apply` leaves in an object, and who exports one from a cluster takes along.
 */
const LEFT_OUT: ReadonlySet<string> = new Set([
  "sourceLine",
  "kubectl.kubernetes.io/last-applied-configuration",
]);

/**
 * A copy without the values of containers' environment variables and of headers, in
 * whatever object they are and in whatever form they were declared; and without the
 * lines of files that problems quote, which may be those of a Secret.
 */
export function withoutEnvValues(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEnvValues);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => !LEFT_OUT.has(key)).map(([key, member]) => [
      key,
      NAMED_VALUES.has(key) ? withoutVariables(member) : withoutEnvValues(member),
    ]),
  );
}

/** Whatever was declared as `env`: a pod that is refused is shown as it was declared. */
function withoutVariables(env: unknown): unknown {
  if (Array.isArray(env)) return env.map(withoutValue);
  if (typeof env !== "object" || env === null) return env === null ? null : HIDDEN;
  return Object.fromEntries(Object.keys(env).map((name) => [name, HIDDEN]));
}

function withoutValue(variable: unknown): unknown {
  if (typeof variable === "string") return withoutAssigned(variable); // `- NAME=value`
  if (typeof variable !== "object" || variable === null || Array.isArray(variable)) return HIDDEN;
  return Object.fromEntries(
    Object.entries(variable).map(([key, member]) => {
      if (key === "name" && typeof member === "string") {
        return [key, member.includes("=") ? withoutAssigned(member) : member];
      }
      return [key, key === "valueFrom" && typeof member === "object" ? member : HIDDEN];
    }),
  );
}

/** `NAME=(hidden)` of `NAME=value`, which is no name. */
function withoutAssigned(text: string): string {
  const at = text.indexOf("=");
  return at < 0 ? HIDDEN : `${text.slice(0, at)}=${HIDDEN}`;
}
