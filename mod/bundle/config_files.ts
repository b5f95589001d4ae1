/** The config as it may leave the node. */
import { Buffer } from "node:buffer";
import { stringify } from "yaml";
import { holdsSecret, parseYaml } from "../yaml/mod.ts";
import { HIDDEN, isSecretKey, type Redactor } from "./redactor.ts";

/**
 * A YAML file without its secrets and comments. Of one that cannot be read as YAML every line
 * keeps its key and loses its value: what broke it may be a secret.
 */
export function redactedConfig(text: string, file: string, redactor: Redactor): string {
  const { documents, problems } = parseYaml(text, file);
  if (problems.some(({ severity }) => severity === "error")) {
    return `# This file is not valid YAML, so values are left out\n${
      withoutValues(text, redactor)
    }`;
  }
  const written = documents.map(({ value }) => stringify(redactor.document(value)));
  return `# Written again, without comments and secrets\n${written.join("---\n")}`;
}

/** A key and its value, as far as one line has them. */
const LINE = /^(\s*(?:- +)*(?:["']?[\w./-]+["']?:)?)(.*)$/;
const LINE_KEY = /^\s*(?:- +)*["']?([\w./-]+)["']?:/;
const BORDER = /^(?:---|\.\.\.)(?:\s|$)/;
/** Keys of a Secret whose values are no secret. */
const PLAIN_KEY = /^(?:apiVersion|kind|name|namespace|type|metadata|immutable)$/;

/** Also remembers what may be a secret in it. */
function withoutValues(text: string, redactor: Redactor): string {
  const lines = text.split("\n");
  return lines.map((line, at) => {
    if (line.trim() === "" || BORDER.test(line)) return line;
    const [, before = "", rest = ""] = LINE.exec(line) ?? [];
    if (rest.trim() === "") return line;
    const ofSecret = holdsSecret(documentAround(lines, at));
    for (const { key, value } of valuesOf(line, rest)) {
      const isSecret = ofSecret
        ? key === undefined || !PLAIN_KEY.test(key)
        : key === "value" || isSecretKey(key);
      if (!isSecret) continue;
      redactor.learn(value);
      redactor.learn(Buffer.from(value, "base64").toString("utf8"));
    }
    return `${before} ${HIDDEN}`;
  }).join("\n");
}

/** A key and its value in a line, also within `{}`. */
const PAIR = /["']?([\w./-]+)["']?:\s+("[^"]*"|'[^']*'|[^\s,}\]#][^,}\]]*)/g;

/** Whatever may be a value in a line: as a whole, without its comment, and in pairs. */
function valuesOf(
  line: string,
  rest: string,
): readonly { readonly key?: string; readonly value: string }[] {
  const key = LINE_KEY.exec(line)?.[1];
  const whole = [rest, rest.replace(/\s+#.*$/, ""), rest.replace(/^.*?\s#\s*/, "")];
  return [
    ...whole.map((value) => ({ ...(key === undefined ? {} : { key }), value })),
    ...[...line.matchAll(PAIR)].flatMap(([, key = "", value = ""]) =>
      [value, value.replace(/\s+#.*$/, "")].map((one) => ({ key, value: one }))
    ),
  ].map((pair) => ({ ...pair, value: pair.value.trim().replace(/^(["'])(.*)\1$/, "$2") }));
}

function documentAround(lines: readonly string[], at: number): string {
  let [first, end] = [at, at + 1];
  while (first > 0 && !BORDER.test(lines[first] ?? "")) first -= 1;
  while (end < lines.length && !BORDER.test(lines[end] ?? "")) end += 1;
  return lines.slice(first, end).join("\n");
}
