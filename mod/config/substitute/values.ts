/** What the placeholders of a node stand for. */
import { Buffer } from "node:buffer";
import { errorText } from "../../core/mod.ts";
import { FileRefused } from "../../os/mod.ts";
import type { ConfigFs } from "../files.ts";
import type { Placeholder } from "./placeholder.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Where values come from. */
export interface ValueSources {
  readonly node: { readonly name: string; readonly address: string };
  /** The variables that may be named. */
  readonly substituteEnv: readonly string[];
  /** Gives the environment; asked only if a variable is named. */
  readonly env: () => Environment | Promise<Environment>;
  readonly fs: Pick<ConfigFs, "readFile">;
}

/** A value, or why there is none. */
export type Value =
  | { readonly value: string }
  | { readonly fault: string; readonly wanted?: string; readonly hint?: string };

/** A file with more is no value of a pod. */
const MAX_FILE_BYTES = 64 * 1024;

const KNOWN = "${node.name}, ${node.address}, ${env.NAME} or ${file:/PATH}";

/** What a placeholder stands for. Never throws, and quotes no file. */
export async function valueOf(
  { text, name }: Placeholder,
  { node, substituteEnv, env, fs }: ValueSources,
): Promise<Value> {
  if (name === undefined) {
    return { fault: `"${text}" has no closing brace`, wanted: KNOWN, ...escapeOf(text) };
  }
  if (name === "node.name") return { value: node.name };
  if (name === "node.address") return { value: node.address };
  if (name.startsWith("env.")) return await variable(name.slice("env.".length), substituteEnv, env);
  if (name.startsWith("file:")) return await fileText(name.slice("file:".length), fs);
  return { fault: `"${text}" names nothing that is known`, wanted: KNOWN, ...escapeOf(text) };
}

async function variable(
  name: string,
  allowed: readonly string[],
  env: ValueSources["env"],
): Promise<Value> {
  if (!allowed.includes(name)) {
    return {
      fault: `The variable "${name}" is not in agent.substituteEnv`,
      ...(allowed.length === 0 ? {} : { wanted: `one of ${allowed.join(", ")}` }),
      hint: "Add it there, if pods may know it",
    };
  }
  const variables = await env();
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value !== undefined) return { value };
  return {
    fault: `The variable "${name}" is not set`,
    hint: `Set it for the service: systemctl edit podstead, [Service], Environment=${name}=…`,
  };
}

async function fileText(path: string, fs: ValueSources["fs"]): Promise<Value> {
  const refuse = (why: string, hint = "Name a small text file of this node"): Value => ({
    fault: `The file "${path}" cannot be taken: ${why}`,
    hint,
  });
  if (!path.startsWith("/")) return refuse("its path does not begin with /");
  let bytes: Uint8Array;
  try {
    bytes = (await fs.readFile(path, MAX_FILE_BYTES)).bytes;
  } catch (error) {
    if (error instanceof FileRefused) {
      return refuse(
        error.why === "size" ? `it has more than ${MAX_FILE_BYTES} bytes` : "it is not a file",
      );
    }
    const { code } = error as NodeJS.ErrnoException; // of node:fs
    return refuse(
      code === "ENOENT"
        ? "there is no such file"
        : code === "EACCES"
        ? "permission denied"
        : errorText(error),
      "Make it, or correct the path",
    );
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(bytes));
    return text.includes("\0")
      ? refuse("it contains a NUL")
      : { value: text.replace(/\r?\n$/, "") };
  } catch {
    return refuse("it is not UTF-8");
  }
}

function escapeOf(text: string): { readonly hint: string } {
  return { hint: `For the text itself write "$${text}"` };
}
