/**
 * What was opened, to be closed in reverse order. Everything in it is closed once, also if
 * closing something else fails, and also if a later step of the start throws.
 */
export interface Scope {
  /** Keeps a value until the end, and closes it then. */
  use<T>(value: T, close: (value: T) => void | Promise<void>): T;
  /** Does something at the end. */
  defer(close: () => void | Promise<void>): void;
}

/**
 * Runs `body` in a scope of its own.
 *
 * @throws what `body` throws, else what failed to close; a `SuppressedError` holds both
 */
export async function withScope<T>(body: (scope: Scope) => Promise<T>): Promise<T> {
  await using stack = new AsyncDisposableStack();
  return await body({
    use: (value, close) => stack.adopt(value, close),
    defer: (close) => stack.defer(close),
  });
}
