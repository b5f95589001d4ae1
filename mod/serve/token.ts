import { readFile } from "node:fs/promises";
import { errorText } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";

/**
 * The bearer token that the kubelet must bring: the file's content without
 * surrounding white space. It is read anew on each reload.
 */
export class ManifestToken {
  #token: string | undefined;
  #required = false;

  /** Undefined when none is wanted; a token that nobody can have when the file is unusable. */
  get current(): string | undefined {
    return this.#required ? this.#token ?? UNKNOWN_TOKEN : undefined;
  }

  /**
   * Reads the file. A file that is unreadable or empty keeps the last token: to
   * serve without one would show pods to everybody, and a wrong one shuts the
   * kubelet out, which keeps its pods.
   *
   * @returns what is wrong with the file, in words
   */
  async read(file: string | null, log: Logger): Promise<string | undefined> {
    this.#required = file !== null;
    if (file === null) return undefined;
    try {
      const token = (await readFile(file, "utf8")).trim();
      if (token === "") throw new Error("the file is empty");
      this.#token = token;
      return undefined;
    } catch (error) {
      const reason = `Cannot read the manifest token: ${errorText(error)}`;
      log.error(reason, { file, hint: "Until it can be read, the last token stays in force" });
      return reason;
    }
  }
}

/** No request can bring it: it is made anew for each process and never shown. */
const UNKNOWN_TOKEN = crypto.randomUUID();
