/** Opens sealed values, and keeps them in memory and on a tmpfs only. */
import { Buffer } from "node:buffer";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorText, isJsonObject, type JsonValue } from "../core/mod.ts";
import { MAX_OWN_BYTES, readRegularText, writeFileAtomic } from "../os/mod.ts";
import { openValue } from "./age.ts";
import { type FoundIdentities, type IdentityPlaces, readIdentities } from "./identities.ts";

/** A value in base64, or why there is none, as the end of a sentence. */
export type Unsealed = { readonly value: string } | { readonly fault: string };

/** Where values are opened with, and where they are kept for the next start. */
export interface UnsealPlaces extends IdentityPlaces {
  /** The directory of volumes, on a tmpfs; undefined to keep nothing. */
  readonly volumesDirectory?: string;
}

/** Where opened values are kept. */
export function unsealedFileBeside(volumesDirectory: string): string {
  return join(dirname(volumesDirectory), "unsealed.json");
}

/**
 * The sealed values of a node, opened. What was opened once stays usable for pods that are served,
 * also without the identity and over a restart of the agent: those pods must not change.
 */
export class Unsealer {
  /** Sealed to plain, both in base64. */
  #opened = new Map<string, string>();
  #faults = new Map<string, string>();
  /** What the values were opened with. */
  #identities: FoundIdentities | undefined;
  /** What is on file, so that it is written only when it changes. */
  #kept: string | undefined;

  /**
   * Opens values, and forgets all others. Never rejects.
   *
   * @param values in base64, sealed or not
   * @returns what is wrong with the copy on the tmpfs; undefined if nothing is
   */
  async prepare(values: Iterable<string>, places: UnsealPlaces): Promise<string | undefined> {
    const wanted = new Set(values);
    if (wanted.size === 0 && this.#opened.size === 0) {
      return await this.#keep(places.volumesDirectory); // without looking for an identity
    }
    if (this.#kept === undefined && places.volumesDirectory !== undefined) {
      await this.#recall(unsealedFileBeside(places.volumesDirectory));
    }
    const faults = new Map<string, string>();
    const opened = new Map<string, string>();
    const found = await readIdentities(places).catch((error: Error) => error);
    const isSame = !(found instanceof Error) && this.#identities !== undefined &&
      found.identities.join() === this.#identities.identities.join();
    for (const sealed of wanted) {
      const known = this.#opened.get(sealed);
      if (known !== undefined) opened.set(sealed, known);
      if (found instanceof Error) faults.set(sealed, errorText(found));
      else if (known === undefined || !isSame) {
        const text = Buffer.from(sealed, "base64").toString("utf8");
        const result = await openValue(text, found.identities);
        if ("fault" in result) faults.set(sealed, result.fault);
        else opened.set(sealed, Buffer.from(result.value).toString("base64"));
      } else {
        const fault = this.#faults.get(sealed);
        if (fault !== undefined) faults.set(sealed, fault);
      }
    }
    this.#identities = found instanceof Error ? undefined : found;
    [this.#opened, this.#faults] = [opened, faults];
    return await this.#keep(places.volumesDirectory);
  }

  /** Whether a value can be opened now: what a new version of a pod is judged by. */
  check(sealed: string): Unsealed {
    const fault = this.#faults.get(sealed);
    return fault === undefined ? this.open(sealed) : { fault };
  }

  /** A value that was opened at any time: what is served goes by it. */
  open(sealed: string): Unsealed {
    const value = this.#opened.get(sealed);
    if (value !== undefined) return { value };
    return { fault: this.#faults.get(sealed) ?? "it was not opened yet" };
  }

  async #recall(path: string): Promise<void> {
    try {
      const text = await readRegularText(path, MAX_OWN_BYTES);
      const value: JsonValue = JSON.parse(text);
      this.#kept = text;
      for (const [sealed, plain] of Object.entries(isJsonObject(value) ? value : {})) {
        if (typeof plain === "string") this.#opened.set(sealed, plain);
      }
    } catch {
      this.#kept = ""; // none yet, or of no use: the identity opens them again
    }
  }

  async #keep(volumesDirectory: string | undefined): Promise<string | undefined> {
    if (volumesDirectory === undefined) return undefined;
    const path = unsealedFileBeside(volumesDirectory);
    const text = this.#opened.size === 0 ? "" : JSON.stringify(Object.fromEntries(this.#opened));
    if (text === this.#kept) return undefined;
    try {
      if (text === "") await rm(path, { force: true });
      else {
        await mkdir(dirname(path), { recursive: true });
        await writeFileAtomic(path, text, 0o600);
      }
      this.#kept = text;
      return undefined;
    } catch (error) {
      return errorText(error);
    }
  }
}
