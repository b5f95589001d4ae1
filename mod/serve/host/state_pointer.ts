/** Where the state of a config was last: found again when the config cannot be read. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { errorText } from "../../core/mod.ts";
import { readRegularText, writeFileAtomic } from "../../os/mod.ts";

/** A path in it, and no more. */
const MAX_BYTES = 8_192;

/** Remembers the state directory of each config that names its own. */
export class StatePointer {
  readonly #directory: string;
  readonly #path: string;

  /** @param directory of all pointers, at a place that no config changes */
  constructor(directory: string, configPath: string) {
    const name = createHash("sha256").update(configPath).digest("hex").slice(0, 16);
    this.#directory = directory;
    this.#path = join(directory, name);
  }

  /** The state directory of the last start; undefined if none is known. */
  async read(): Promise<string | undefined> {
    try {
      const text = (await readRegularText(this.#path, MAX_BYTES)).trim();
      return text.startsWith("/") ? text : undefined;
    } catch {
      return undefined; // it was never written; a start then reads the config first
    }
  }

  /**
   * Remembers a state directory, and forgets those that are gone.
   *
   * @returns why that could not be done; undefined if it was
   */
  async write(stateDir: string): Promise<string | undefined> {
    try {
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      if (await this.read() !== stateDir) await writeFileAtomic(this.#path, `${stateDir}\n`, 0o600);
      await this.#sweep();
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  }

  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      const path = join(this.#directory, name);
      const target = await readRegularText(path, MAX_BYTES).catch(() => ""); // not ours
      if (target.startsWith("/") && !existsSync(target.trim())) {
        await unlink(path).catch(() => undefined); // another agent was quicker
      }
    }
  }
}

/** Where pointers are: with the default state for root, in the user's own state for anyone else. */
export function pointerDirectory(env: Readonly<Record<string, string | undefined>>): string {
  if (process.getuid?.() === 0) return "/var/lib/podstead/pointers";
  const state = env["XDG_STATE_HOME"] ?? join(env["HOME"] ?? "/tmp", ".local", "state");
  return join(state, "podstead", "pointers");
}
