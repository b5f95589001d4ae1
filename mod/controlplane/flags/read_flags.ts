/** Finds the flags that Go sources define with pflag, or with Go's own flag package. */

/** Flags by name. */
export interface ReadFlags {
  readonly flags: Set<string>;
  readonly deprecated: Set<string>;
}

/** A call that defines a flag. `String` and the like have namesakes in loggers. */
const CALL = /\.(\w+VarP?|VarP?)\(|\b(?:flag|pflag|fs)\.(Bool|BoolP|String|Int|Int64|Duration)\(/g;
const CONSTANT = /\b(\w+)\s*=\s*"([a-z][a-z0-9-]+)"/g;
const MARKED = /MarkDeprecated\(\s*("[^"]*"|\w+)/g;
const DEPRECATED =
  /"\s*deprecated\b|\bdeprecated\b[^"]*decommission|to be (?:decommissioned|deprecated)/i;
/** The two back ends of the API server's audit, whose flags are made by a pattern. */
const AUDIT = ["log", "webhook"];

/** Reads texts together: a constant of one may name a flag of another. */
export function readFlags(texts: readonly string[]): ReadFlags {
  const constants = new Map(
    texts.flatMap((text) => [...text.matchAll(CONSTANT)].map(([, name, value]) => [name, value])),
  );
  const flags = new Set<string>();
  const deprecated = new Set<string>();
  for (const text of texts) {
    for (const match of text.matchAll(CALL)) {
      const parts = argumentsAt(text, match.index + match[0].length);
      // Those with a variable have it before the name.
      const at = match[1] === undefined ? 0 : 1;
      const usage = parts.slice(at + 1).join(" ");
      for (const name of namesOf(parts[at] ?? "", constants)) {
        flags.add(name);
        if (DEPRECATED.test(usage)) deprecated.add(name);
      }
    }
    for (const [, name = ""] of text.matchAll(MARKED)) {
      for (const flag of namesOf(name, constants)) deprecated.add(flag);
    }
  }
  return { flags, deprecated };
}

function namesOf(
  expression: string,
  constants: ReadonlyMap<string | undefined, string | undefined>,
): readonly string[] {
  const pattern = /^fmt\.Sprintf\("(audit-%s[^"]*)"/.exec(expression)?.[1];
  if (pattern !== undefined) return AUDIT.map((backend) => pattern.replace("%s", backend));
  const literal = /^"([a-zA-Z][\w.-]*)"$/.exec(expression)?.[1] ?? constants.get(expression);
  return literal === undefined ? [] : [literal.replaceAll("_", "-")];
}

/** The arguments of a call, from behind its opening parenthesis. */
function argumentsAt(text: string, start: number): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let from = start;
  for (let at = start; at < text.length; at += 1) {
    const letter = text.charAt(at);
    if (letter === '"' || letter === "`") at = endOfQuote(text, at);
    else if ("([{".includes(letter)) depth += 1;
    else if (")]}".includes(letter)) {
      if (depth === 0) return [...found, text.slice(from, at).trim()];
      depth -= 1;
    } else if (letter === "," && depth === 0) {
      found.push(text.slice(from, at).trim());
      from = at + 1;
    }
  }
  return found;
}

/** The index of a literal's closing quote. */
function endOfQuote(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at += 1) {
    if (text.charAt(at) === "\\" && quote === '"') at += 1;
    else if (text.charAt(at) === quote) return at;
  }
  return text.length;
}
