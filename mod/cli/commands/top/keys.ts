/** Keys of a terminal, out of the bytes that they send. */

const ESCAPE = "\u001b";

/** Sequences of xterm, the Linux console, tmux and screen (console_codes(4), terminfo). */
const SEQUENCES: Readonly<Record<string, string>> = {
  "[A": "up",
  "[B": "down",
  OA: "up",
  OB: "down",
  "[H": "home",
  "[F": "end",
  OH: "home",
  OF: "end",
  "[1~": "home",
  "[4~": "end",
  "[7~": "home",
  "[8~": "end",
  "[5~": "page-up",
  "[6~": "page-down",
};

const CONTROLS: Readonly<Record<string, string>> = {
  "\r": "enter",
  "\n": "enter",
  "\u007f": "backspace",
  "\b": "backspace",
  "\u0003": "ctrl-c",
  "\u0004": "ctrl-c", // the end of the input ends it as well
};

/**
 * The keys in what a terminal sent at once: names of those that have one, characters otherwise.
 * A sequence that is not known is no key; a lone escape is one.
 */
export function readKeys(text: string): readonly string[] {
  const keys: string[] = [];
  for (let at = 0; at < text.length;) {
    const rest = text.slice(at);
    if (rest.startsWith(ESCAPE)) {
      // deno-lint-ignore no-control-regex -- escape sequences are what it reads
      const [whole = ESCAPE, body = ""] = /^\u001b(\[[0-9;?]*[ -/]*[@-~]|O[@-~])/.exec(rest) ?? [];
      const key = whole === ESCAPE ? "escape" : SEQUENCES[body];
      if (key !== undefined) keys.push(key);
      at += whole.length;
      continue;
    }
    const [char = ""] = rest;
    const key = CONTROLS[char] ?? (char >= " " ? char : undefined);
    if (key !== undefined) keys.push(key);
    at += char.length;
  }
  return keys;
}
