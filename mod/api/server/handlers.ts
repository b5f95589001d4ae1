import type { Frame, InputOf, OutputOf, RoutesWith } from "../contract/mod.ts";

/** Who asks. */
export interface Caller {
  /** The user of the process at the other end of the socket; undefined if the kernel hides it. */
  readonly uid: number | undefined;
}

/**
 * What answers each route: the one place where the agent's inside is mapped to the contract.
 * The compiler holds that an answer has at least the contract's shape.
 *
 * `signal` aborts when the client has left, of a stream also when the agent stops. A stream that
 * fails at its first item is answered as an error, later in its last line.
 */
export type Handlers =
  & {
    readonly [Name in RoutesWith<"json">]: (
      input: InputOf<Name>,
      signal: AbortSignal,
      caller: Caller,
    ) => OutputOf<Name> | Promise<OutputOf<Name>>;
  }
  & {
    readonly [Name in RoutesWith<"lines">]: (
      input: InputOf<Name>,
      signal: AbortSignal,
    ) => AsyncIterable<OutputOf<Name>>;
  }
  & {
    readonly [Name in RoutesWith<"frames">]: (
      input: InputOf<Name>,
      signal: AbortSignal,
    ) => Promise<AsyncIterable<Frame>>;
  };
