import { UsageError } from "../../core/mod.ts";
import type { JsonPathTemplate, Operand, Operator, Part, Step } from "./jsonpath_syntax.ts";

const FIELD_END = /[\s.,[\]$@{}]/;
const FILTER_FIELD_END = /[\s.,[\]$@{}()=!<>~&|]/;
const ESCAPES: Readonly<Record<string, string>> = {
  n: "\n",
  t: "\t",
  r: "\r",
  a: "\x07",
  b: "\b",
  f: "\f",
  v: "\v",
};

/**
 * Reads a template in kubectl's JSONPath dialect: text, `{.field}`, `{['key']}`,
 * `{[0]}`, `{[0:2]}`, `{[*]}`, `{..field}`, `{[a,b]}`, `{[?(@.a=="b")]}`,
 * `{range .items[*]}…{end}` and `{"quoted\n"}`. A text without braces that
 * begins like a path (`.items`) is read as one.
 *
 * Source of the dialect: https://kubernetes.io/docs/reference/kubectl/jsonpath/
 *
 * @throws {UsageError} with the 1-based position of what is wrong.
 */
export function parseJsonPath(source: string): JsonPathTemplate {
  const bare = /^[.$[]/.test(source) && !source.includes("{");
  const parser = new Parser(bare ? `{${source}}` : source, source, bare ? 1 : 0);
  return { source, parts: parser.template() };
}

/** A recursive descent over one template; lives for one parse. */
class Parser {
  readonly #text: string;
  readonly #source: string;
  readonly #shift: number;
  #at = 0;

  constructor(text: string, source: string, shift: number) {
    this.#text = text;
    this.#source = source;
    this.#shift = shift;
  }

  template(): readonly Part[] {
    /** Open `range`s: where each began, its path and the parts collected so far. */
    const open: { at: number; steps: readonly Step[]; body: Part[] }[] = [];
    const top: Part[] = [];
    while (this.#at < this.#text.length) {
      const parts = open.at(-1)?.body ?? top;
      const brace = this.#text.indexOf("{", this.#at);
      const textEnd = brace < 0 ? this.#text.length : brace;
      if (textEnd > this.#at) {
        parts.push({ kind: "text", text: this.#text.slice(this.#at, textEnd) });
      }
      this.#at = textEnd;
      if (brace < 0) break;

      this.#at += 1;
      this.#blanks();
      const start = this.#at;
      const keyword = /^(range|end)(?![\w-])/.exec(this.#text.slice(start))?.[1];
      if (keyword === "range") {
        this.#at += keyword.length;
        open.push({ at: start, steps: this.#path(FIELD_END), body: [] });
      } else if (keyword === "end") {
        this.#at += keyword.length;
        const range = open.pop();
        if (range === undefined) this.#fail('"end" without a "range" before it', start);
        (open.at(-1)?.body ?? top).push({ kind: "range", steps: range.steps, body: range.body });
      } else if (this.#peek() === '"' || this.#peek() === "'") {
        parts.push({ kind: "text", text: this.#quoted() });
      } else {
        parts.push({ kind: "path", steps: this.#path(FIELD_END) });
      }
      this.#blanks();
      this.#expect("}");
    }
    const unclosed = open.at(-1);
    if (unclosed !== undefined) this.#fail('"range" without an "end" after it', unclosed.at);
    return top;
  }

  /** `$` and `@` both mean the current value, as in kubectl. */
  #path(fieldEnd: RegExp): Step[] {
    const steps: Step[] = [];
    for (;;) {
      if (fieldEnd === FIELD_END) this.#blanks();
      const char = this.#peek();
      if (char === "@" || char === "$") this.#at += 1;
      else if (char === "[") steps.push(...this.#bracket());
      else if (this.#text.startsWith("..", this.#at)) {
        this.#at += 2;
        if (this.#peek() === ".") this.#fail("more than two dots in a row");
        steps.push({ kind: "recursive" });
        if (this.#peek() !== "[") steps.push(this.#field(fieldEnd));
      } else if (char === ".") {
        this.#at += 1;
        // "{.}" is the whole value, "{.[0]}" its first element.
        if (!/[}[\s)]/.test(this.#peek())) steps.push(this.#field(fieldEnd));
      } else if (char === "" || /[}=!<>~&|)\s]/.test(char)) return steps;
      else if (/\w/.test(char)) {
        this.#fail(`a field name begins with a dot; write ".${this.#word()}"`);
      } else this.#fail(`unexpected ${JSON.stringify(char)}`);
    }
  }

  #field(end: RegExp): Step {
    const start = this.#at;
    let name = "";
    while (this.#at < this.#text.length && !end.test(this.#peek())) {
      if (this.#peek() === "\\") this.#at += 1;
      name += this.#peek();
      this.#at += 1;
    }
    if (name === "") this.#fail("a field name is missing", start);
    return name === "*" ? { kind: "wildcard" } : { kind: "field", name };
  }

  #bracket(): Step[] {
    const at = this.#at;
    if (this.#text.startsWith("[?(", at)) return [this.#filter()];
    this.#at += 1;
    const branches: Step[] = [];
    do {
      this.#blanks();
      branches.push(this.#subscript());
      this.#blanks();
    } while (this.#take(","));
    this.#expect("]");
    return branches.length === 1 ? branches : [{ kind: "union", branches }];
  }

  #subscript(): Step {
    const at = this.#at;
    const char = this.#peek();
    if (char === '"' || char === "'") return { kind: "field", name: this.#quoted() };
    if (this.#take("*")) return { kind: "wildcard" };
    const match = /^(-?\d*)(?::(-?\d*))?(?::(-?\d*))?/.exec(this.#text.slice(at));
    const [whole = "", start = "", end, step = ""] = match ?? [];
    if (whole === "" || whole === "-") {
      this.#fail("an index, a slice, a quoted key, * or ?( ) is missing between the brackets");
    }
    this.#at += whole.length;
    if (end === undefined) return { kind: "index", index: Number(start), at: at + 1 - this.#shift };
    const stepBy = step === "" ? 1 : Number(step);
    if (!(stepBy > 0)) this.#fail(`the step of a slice must be at least 1, current is ${step}`, at);
    return {
      kind: "slice",
      start: start === "" ? undefined : Number(start),
      end: end === "" ? undefined : Number(end),
      step: stepBy,
      at: at + 1 - this.#shift,
    };
  }

  #filter(): Step {
    const at = this.#at + 1 - this.#shift;
    this.#at += 3;
    const left = this.#operand();
    this.#blanks();
    const operatorAt = this.#at;
    const operator = /^[=!<>~&|]+/.exec(this.#text.slice(this.#at))?.[0];
    if (operator === undefined) {
      this.#expect(")]");
      return { kind: "filter", left, at };
    }
    if (!isOperator(operator)) {
      this.#fail(`unknown operator "${operator}"; wanted ==, !=, <, <=, > or >=`, operatorAt);
    }
    this.#at += operator.length;
    const right = this.#operand();
    this.#blanks();
    if (/[&|]/.test(this.#peek())) this.#fail("a filter has one comparison; chain two filters");
    this.#expect(")]");
    return { kind: "filter", left, compare: { operator, right }, at };
  }

  #operand(): Operand {
    this.#blanks();
    const char = this.#peek();
    if (char === '"' || char === "'") return { kind: "literal", value: this.#quoted() };
    const literal = /^(?:true|false|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)(?![\w.])/
      .exec(this.#text.slice(this.#at))?.[0];
    if (literal !== undefined) {
      this.#at += literal.length;
      const value = literal === "true" ? true : literal === "false" ? false : Number(literal);
      return { kind: "literal", value };
    }
    const start = this.#at;
    const steps = this.#path(FILTER_FIELD_END);
    if (this.#at === start) this.#fail("a path, a quoted text, a number, true or false is missing");
    return { kind: "path", steps };
  }

  #quoted(): string {
    const start = this.#at;
    const quote = this.#peek();
    this.#at += 1;
    let value = "";
    for (;;) {
      const char = this.#peek();
      if (char === "") this.#fail("a quoted text without its closing quote", start);
      this.#at += 1;
      if (char === quote) return value;
      if (char !== "\\") {
        value += char;
        continue;
      }
      const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(this.#text.slice(this.#at));
      if (code !== null) {
        value += String.fromCharCode(parseInt(code[1] ?? code[2] ?? "", 16));
        this.#at += code[0].length;
      } else {
        value += ESCAPES[this.#peek()] ?? this.#peek();
        this.#at += 1;
      }
    }
  }

  #peek(): string {
    return this.#text[this.#at] ?? "";
  }

  #word(): string {
    return /^[\w-]*/.exec(this.#text.slice(this.#at))?.[0] ?? "";
  }

  #take(wanted: string): boolean {
    const found = this.#text.startsWith(wanted, this.#at);
    if (found) this.#at += wanted.length;
    return found;
  }

  #blanks(): void {
    while (/\s/.test(this.#peek())) this.#at += 1;
  }

  #expect(wanted: string): void {
    if (this.#take(wanted)) return;
    const char = this.#peek();
    const found = char === "" || (this.#shift > 0 && this.#at === this.#text.length - 1)
      ? "the end"
      : JSON.stringify(char);
    this.#fail(`wanted "${wanted}", found ${found}`);
  }

  #fail(what: string, at = this.#at): never {
    const position = Math.min(at - this.#shift, this.#source.length) + 1;
    throw new UsageError(
      `Cannot read JSONPath ${JSON.stringify(this.#source)}: ${what} (position ${position})`,
      { hint: "For example: -o jsonpath='{.items[*].metadata.name}'" },
    );
  }
}

function isOperator(text: string): text is Operator {
  return ["==", "!=", "<", "<=", ">", ">="].includes(text);
}
