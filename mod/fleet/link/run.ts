/** Commands of the node's own podstead, for what only the node itself can look at. */
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { Duplex, PassThrough } from "node:stream";
import { isJsonObject, type JsonValue, parseJson } from "../../core/mod.ts";
import { compiledExecutable } from "../../os/executable.ts";

/** What may be run: commands that look, at what the agent does not tell. */
const ALLOWED: ReadonlySet<string> = new Set(["services", "logs", "doctor", "version"]);

/** Support goes to standard output alone: another `-o` would write a file there. Of a fleet, its status. */
function isAllowed([command = "", ...more]: readonly string[]): boolean {
  if (command === "fleet") return more[0] === "status";
  if (command !== "support") return ALLOWED.has(command);
  const [flag, file, timeout = "--timeout=1ms", ...rest] = more;
  return flag === "-o" && file === "-" && /^--timeout=\d+ms$/.test(timeout) && rest.length === 0;
}

const PREFIX = "run:";

/** Of what a command says on standard error, the end is kept, in bytes. */
const KEPT_STDERR = 1024;

/** The target of a channel: what a command of podstead on the node prints. */
export function runTarget(args: readonly string[]): string {
  return PREFIX + JSON.stringify({ args });
}

/** The arguments in a target; undefined for another target, and for what may not be run. */
function argumentsIn(target: string): readonly string[] | undefined {
  if (!target.startsWith(PREFIX)) return undefined;
  let value: JsonValue;
  try {
    value = parseJson(target.slice(PREFIX.length));
  } catch {
    return undefined;
  }
  const args = isJsonObject(value) && Array.isArray(value.args) ? value.args : [];
  const texts = args.filter((arg) => typeof arg === "string");
  return texts.length === args.length && isAllowed(texts) ? texts : undefined;
}

/**
 * Runs the command of a target. What it prints can be read; it is broken off with its last message
 * if it fails. To end with 1 is no failure of a command that has printed something: it is what
 * `doctor` says of a node that is not well.
 *
 * @param socket the admin socket of the node's agent
 * @returns undefined for an invalid target
 */
export function runHere(target: string, socket: string): Duplex | undefined {
  const args = argumentsIn(target);
  if (args === undefined) return undefined;
  const child = spawn(compiledExecutable() ?? "podstead", [...args, `--socket=${socket}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let said = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-KEPT_STDERR);
  });
  const duplex = new Duplex({
    allowHalfOpen: true,
    read: () => void child.stdout?.resume(),
    write: (_chunk, _encoding, done) => done(), // it is asked for nothing
    destroy(error, done) {
      child.kill();
      done(error);
    },
  });
  let printed = false;
  child.stdout?.on("data", (chunk: Buffer) => {
    printed = true;
    if (!duplex.push(chunk)) child.stdout?.pause();
  });
  child.once("error", (error) => duplex.destroy(error));
  child.once("close", (code: number | null) => {
    if (code === 0 || (code === 1 && printed)) duplex.push(null);
    else duplex.destroy(new Error(messageIn(said) ?? `podstead ended with ${code} there`));
  });
  return duplex;
}

/** What a failed command says, without the word error and without its hint. */
function messageIn(said: string): string | undefined {
  return /^error: (.+)$/m.exec(said)?.[1];
}

/** What a node says that does not run a command, as text; undefined for everything else. */
export function olderNode(why: string, version: string): string | undefined {
  const args = /^There is no "(run:.*)" here$/.exec(why)?.[1]?.slice(PREFIX.length);
  const command = args === undefined ? undefined : /^\{"args":\["([a-z]+)"/.exec(args)?.[1];
  if (command === undefined) return undefined;
  return `podstead ${version} there cannot do "${command}" for others: update it`;
}

/**
 * The operator's end of a channel that is only read.
 *
 * @param inWords what to say instead of why it broke off
 */
export function readingEnd(
  inWords: (why: string) => string | undefined = () => undefined,
): { readonly socket: Duplex; readonly output: PassThrough } {
  const output = new PassThrough();
  const socket = new Duplex({
    allowHalfOpen: true,
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      if (output.write(chunk)) done();
      else output.once("drain", () => done());
    },
    final(done) {
      output.end();
      done();
    },
    destroy(error, done) {
      const why = error?.message ?? "The connection to the node ended";
      output.destroy(new Error(inWords(why) ?? why));
      done(null);
    },
  });
  output.once("close", () => socket.destroy());
  return { socket, output };
}
