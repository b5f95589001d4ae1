/**
 * Whether `-N` takes a command to other nodes:
 * - `many`: to any number at the same time
 * - `one`: to one of them
 * - `own`: it takes them itself
 * - `here`: it is about files or this machine; `-N` is refused
 */
export type NodesPolicy = "many" | "one" | "own" | "here";

/** What a command does with nodes that are named. */
export interface NodesOptions {
  readonly policy: NodesPolicy;
  /** Whether it changes something: it is asked once for all nodes. */
  readonly changes?: boolean;
}
