/** Takes secrets out of what leaves the node: by their place in a document, and wherever else they stand. */
import { Buffer } from "node:buffer";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/mod.ts";
import { isSealed } from "../pods/mod.ts";

/** What stands for a value that is left out. */
export const HIDDEN = "(hidden)";

/** Shorter values are not looked for in text: `true` and `8080` stand everywhere. */
const MIN_SECRET_LENGTH = 5;
/** Values of the environment are mostly harmless words, so that more is asked of them. */
const MIN_ENV_LENGTH = 8;
/** How many values are looked for at most: each costs a search of every text. */
const MAX_VALUES = 2_000;

/** Keys whose text is a secret, such as `adminPassword`; not those of files and names. */
const SECRET_KEY =
  /(?:password|passwd|passphrase|token|secret|credential|private-?_?key|api-?_?key|access-?_?key|^auth$|authorization)/i;
const NAMES_A_PLACE =
  /(?:file|path|dir|directory|name|namespace|ref|kind|type|mode|url|endpoint)s?$/i;

/** Whether the text under a key is a secret by the key's name. */
export function isSecretKey(key: string | undefined): boolean {
  return key !== undefined && SECRET_KEY.test(key) && !NAMES_A_PLACE.test(key);
}

/** Lists of `{name, value}` whose values are left out. */
const NAMED_VALUES: ReadonlySet<string> = new Set(["env", "httpHeaders"]);

/** `password: `, `--token=`, `"apiKey":`; of `secret` only what is no prose. */
const ASSIGNED =
  "((?:(?:password|passwd|passphrase|token|api[-_]?key|access[-_]?key)[\"']?\\s*[=:]\\s*|secret=))";

/** Forms of secrets that can be told without knowing them. */
const FORMS: readonly (readonly [form: RegExp, instead: string])[] = [
  [
    /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
    HIDDEN,
  ],
  [/\bAGE-SECRET-KEY-1[0-9A-Z]+/gi, HIDDEN],
  [/\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN], // a JSON Web Token
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/(\w:\/\/[^\s:/@]*:)[^\s@/]+@/g, `$1${HIDDEN}@`], // a password in a URL
  ...(['"', "'"].map((quote): readonly [RegExp, string] => [
    new RegExp(`${ASSIGNED}${quote}[^${quote}\n]*${quote}`, "gi"),
    `$1${quote}${HIDDEN}${quote}`,
  ])),
  [new RegExp(`${ASSIGNED}(?!\\(hidden)[^\\s"',;&)\\]}]+`, "gi"), `$1${HIDDEN}`],
  // The line of a file that a problem quotes.
  [/^( {2,}\d+ \|).*$/gm, `$1 ${HIDDEN}`],
];

/** Knows the secrets of a node, and takes them out of documents and texts. */
export class Redactor {
  readonly #values = new Set<string>();
  #ordered: readonly string[] | undefined;

  /** Whether it has seen more values than it looks for. */
  get isFull(): boolean {
    return this.#values.size >= MAX_VALUES;
  }

  /** Remembers a value that must stand nowhere; what it is in base64, and each of its lines, too. */
  learn(value: string, minLength = MIN_SECRET_LENGTH): void {
    const lines = value.includes("\n") ? value.split("\n").map((line) => line.trim()) : [];
    for (const one of [value, value.trim(), ...lines]) {
      const isKnown = this.#values.has(one) || one.startsWith(HIDDEN);
      if (isKnown || one.length < minLength || this.#values.size >= MAX_VALUES) continue;
      const encoded = Buffer.from(one).toString("base64");
      this.#values.add(one);
      // Of a last group that is not full, the last character depends on what follows.
      this.#values.add(encoded.endsWith("=") ? encoded.replace(/.=+$/, "") : encoded);
      this.#values.add(JSON.stringify(one).slice(1, -1));
      this.#ordered = undefined;
    }
  }

  /** A document without its secrets, which it also remembers: learn from all before any is written. */
  document(value: JsonValue): JsonValue {
    if (typeof value === "string") return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.document(item));
    if (!isJsonObject(value)) return value;
    return this.#object(value);
  }

  #object(object: JsonObject): JsonObject {
    const kind = typeof object["kind"] === "string" ? object["kind"] : "";
    const type = isJsonObject(object["metadata"]) ? object["metadata"]["type"] : undefined;
    const isOf = (wanted: string) =>
      kind === wanted ||
      (typeof type === "string" && type.toLowerCase().startsWith(wanted.toLowerCase()));
    const isSecret = isOf("Secret");
    const isData = isSecret || isOf("ConfigMap");
    const entries = Object.entries(object).filter(([key]) => key !== "sourceLine").map(
      ([key, value]): [string, JsonValue] => {
        if (isData && /^(?:data|stringData|binaryData)$/.test(key)) {
          return [key, this.#data(value, isSecret && key === "data" ? "base64" : "text", isSecret)];
        }
        // As a resource has it: the object is its spec.
        if (isData && key === "spec" && isJsonObject(value)) {
          return [key, this.#object({ ...value, kind: isSecret ? "Secret" : "ConfigMap" })];
        }
        if (NAMED_VALUES.has(key) && Array.isArray(value)) {
          return [key, value.map((item) => this.#named(item))];
        }
        if (key === "env" && isJsonObject(value)) return [key, this.#data(value, "text", false)];
        if (key.endsWith("last-applied-configuration")) return [key, HIDDEN];
        if (typeof value === "string" && this.#isSecretText(key, value)) {
          this.learn(value);
          return [key, HIDDEN];
        }
        return [key, this.document(value)];
      },
    );
    return Object.fromEntries(entries);
  }

  #isSecretText(key: string, value: string): boolean {
    if (value === "" || value.startsWith(HIDDEN)) return false;
    const encoded = value.startsWith("LS0t") &&
      Buffer.from(value, "base64").toString("latin1").includes("PRIVATE KEY");
    return encoded || isSecretKey(key);
  }

  /** Each value as its size; sealed ones stay, for they say nothing. */
  #data(data: JsonValue, form: "base64" | "text", isSecret: boolean): JsonValue {
    if (!isJsonObject(data)) return data === null ? null : HIDDEN;
    return Object.fromEntries(
      Object.entries(data).map(([key, value]): [string, JsonValue] => {
        if (typeof value !== "string") return [key, HIDDEN];
        if (/^\(hidden\b/.test(value)) return [key, value];
        const plain = form === "base64" ? Buffer.from(value, "base64").toString("utf8") : value;
        if (isSealed(form === "base64" ? value : Buffer.from(value).toString("base64"))) {
          return [key, value];
        }
        if (isSecret) this.#learnNested(plain);
        return [key, `(hidden, ${Buffer.byteLength(plain)} bytes)`];
      }),
    );
  }

  /** A login of a registry is JSON with the password inside. */
  #learnNested(plain: string): void {
    this.learn(plain);
    if (!/^\s*\{/.test(plain)) return;
    try {
      this.document(JSON.parse(plain));
    } catch {
      // It only looked like JSON.
    }
  }

  #named(item: JsonValue): JsonValue {
    if (!isJsonObject(item) || typeof item["value"] !== "string") return this.document(item);
    const name = typeof item["name"] === "string" ? item["name"] : "";
    this.learn(item["value"], isSecretKey(name) ? MIN_SECRET_LENGTH : MIN_ENV_LENGTH);
    return { ...item, value: HIDDEN };
  }

  /** A text without the values that are known, and without what looks like a secret. */
  text(text: string): string {
    this.#ordered ??= [...this.#values].sort((one, other) => other.length - one.length);
    let result = text;
    for (const value of this.#ordered) {
      if (result.includes(value)) result = result.replaceAll(value, HIDDEN);
    }
    for (const [form, instead] of FORMS) result = result.replace(form, instead);
    return result;
  }

  /** What a program printed as text; lines that are JSON are documents. */
  output(text: string): string {
    const lines = text.split("\n").map((line) => {
      const value = parsed(line);
      return value === undefined ? line : JSON.stringify(this.document(value));
    });
    return this.text(lines.join("\n"));
  }

  /**
   * What a program printed as JSON: one document, or one on each line. Of one that was cut short
   * nothing is left, for it cannot be told what is an environment in it.
   */
  jsonOutput(text: string): string {
    const whole = parsed(text);
    if (whole !== undefined) return `${JSON.stringify(this.document(whole), null, 2)}\n`;
    return text.split("\n").flatMap((line) => {
      const value = parsed(line);
      return value === undefined ? [] : [`${JSON.stringify(this.document(value))}\n`];
    }).join("");
  }
}

/** An object or array; undefined for any other text. */
function parsed(text: string): JsonValue | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
