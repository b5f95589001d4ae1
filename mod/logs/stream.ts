/**
 * A log as a body for HTTP: read as fast as the other side takes it, stopped
 * when the other side goes away.
 *
 * @param start begins the reading, which must end when its signal is aborted.
 */
export function logStream(
  start: (signal: AbortSignal) => AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array> {
  const abort = new AbortController();
  let chunks: AsyncIterator<Uint8Array> | undefined;
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      chunks ??= start(abort.signal)[Symbol.asyncIterator]();
      const { done, value } = await chunks.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      abort.abort();
      await chunks?.return?.();
    },
  }, { highWaterMark: 0 });
}
