/** Items of long lists as they were read before: of a file of many pods, an edit changes one. */
import { createHash } from "node:crypto";
import type { JsonValue } from "../core/mod.ts";
import type { Places } from "./places.ts";

/** An item of a list, as it was read. */
export interface ReadItem {
  /** The same object each time: values that were read are never changed. */
  readonly value: JsonValue;
  /** Of its value, in the text that it was read from. */
  readonly offset: number;
  /** Its places in that text. */
  readonly places: Places;
  /** Where its first line began in that text. */
  readonly start: number;
}

/** What an item is read from: the same text at the same place of a document is the same value. */
export interface ItemText {
  /** Its lines, whole. */
  readonly lines: string;
  readonly indent: number;
  readonly depth: number;
}

/** Remembers the items of one file from one reading to the next. */
export class ReadItems {
  #known = new Map<string, ReadItem>();
  #read = new Map<string, ReadItem>();

  /** A reading begins; one that was not ended is forgotten. */
  begin(): void {
    for (const [key, item] of this.#read) this.#known.set(key, item);
    this.#read = new Map();
  }

  /** The item of this text; each that is known is given once in a reading. */
  find(text: ItemText): { readonly key: string; readonly item: ReadItem | undefined } {
    const digest = createHash("sha256").update(text.lines).digest("hex");
    const key = `${digest} ${text.indent} ${text.depth}`;
    const item = this.#known.get(key);
    if (item !== undefined) {
      this.#known.delete(key);
      this.#read.set(key, item);
    }
    return { key, item };
  }

  /** Remembers an item that was read. */
  add(key: string, item: ReadItem): void {
    this.#read.set(key, item);
  }

  /** The text was read to its end: what it no longer has is forgotten. */
  end(): void {
    this.#known = this.#read;
    this.#read = new Map();
  }
}
