import type { Incarnation } from "../identity/mod.ts";

/** A version in the list. */
export interface Listed {
  readonly hash: string;
  readonly incarnation: Incarnation | undefined;
}

/** What the current list holds, and whether the kubelet has fetched it. */
export class CurrentList {
  #listed: ReadonlyMap<string, Listed> = new Map();
  #etag: string | undefined;
  /** Of the list that the kubelet got last. */
  #fetchedEtag: string | undefined;

  /** @param listed by key */
  published(listed: ReadonlyMap<string, Listed>, etag: string): void {
    this.#listed = listed;
    this.#etag = etag;
  }

  fetched(etag: string): void {
    this.#fetchedEtag = etag;
  }

  /** Whether the kubelet got the current list. */
  get isFetched(): boolean {
    return this.#fetchedEtag === this.#etag;
  }

  has(key: string): boolean {
    return this.#listed.has(key);
  }

  get(key: string): Listed | undefined {
    return this.#listed.get(key);
  }
}
