import { Agent, request } from "node:http";
import { gunzipSync } from "node:zlib";

/** The kubelet reads at most this many bytes of a manifest and refuses a body that fills it. */
export const READ_LIMIT_BYTES = 10 * 1024 * 1024;

/** One answer of a manifest endpoint, read to its end. */
export interface ManifestAnswer {
  readonly status: number;
  readonly statusText: string;
  readonly body: Uint8Array;
}

/**
 * The connection is kept for the next poll, which matters to a server: the kubelet
 * reads every body to its end, so that Go's default transport uses it again.
 */
const CONNECTIONS = new Agent({ keepAlive: true, timeout: 90_000 });

/**
 * One poll as Go's HTTP client makes it for the kubelet: a plain GET, gzip
 * accepted, redirects followed, no conditional headers, and a second try where a
 * kept connection turns out to have ended.
 *
 * @param headers the configured `staticPodURLHeader`
 * @param timeoutMs over all of it, redirects and body
 * @throws {Error} in the words that the kubelet logs
 */
export async function fetchManifest(
  url: string,
  headers: Readonly<Record<string, readonly string[]>>,
  timeoutMs: number,
): Promise<ManifestAnswer> {
  const signal = AbortSignal.timeout(timeoutMs);
  let target = new URL(url);
  for (let hops = 0; hops < 10; hops += 1) {
    const answer = await once(target, headers, signal).catch((thrown: unknown) => {
      const reason = signal.aborted
        ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        : thrown instanceof Error
        ? thrown.message
        : String(thrown);
      throw new Error(`Get ${JSON.stringify(url)}: ${reason}`, { cause: thrown });
    });
    if (answer.location === undefined) return answer;
    target = new URL(answer.location, target);
  }
  throw new Error(`Get ${JSON.stringify(url)}: stopped after 10 redirects`);
}

function once(
  target: URL,
  headers: Readonly<Record<string, readonly string[]>>,
  signal: AbortSignal,
): Promise<ManifestAnswer & { readonly location: string | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(target, {
      method: "GET",
      agent: CONNECTIONS,
      signal,
      headers: {
        "User-Agent": "Go-http-client/1.1",
        "Accept-Encoding": "gzip",
        ...Object.fromEntries(Object.entries(headers).map(([name, values]) => [name, [...values]])),
      },
    }, (incoming) => {
      const chunks: Uint8Array[] = [];
      let sizeBytes = 0;
      incoming.on("data", (chunk: Uint8Array) => {
        chunks.push(chunk);
        sizeBytes += chunk.byteLength;
        if (sizeBytes >= READ_LIMIT_BYTES) {
          outgoing.destroy();
          reject(new Error("the read limit is reached"));
        }
      });
      incoming.on("error", reject);
      incoming.on("end", () => {
        try {
          const raw = Buffer.concat(chunks);
          const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
          if (body.byteLength >= READ_LIMIT_BYTES) throw new Error("the read limit is reached");
          const status = incoming.statusCode ?? 0;
          resolve({
            status,
            statusText: incoming.statusMessage ?? "",
            body: new Uint8Array(body),
            location: status >= 301 && status <= 308 && status !== 304
              ? incoming.headers.location
              : undefined,
          });
        } catch (thrown) {
          reject(thrown);
        }
      });
    });
    outgoing.on("error", (error) => {
      if (outgoing.reusedSocket && !signal.aborted) {
        once(target, headers, signal).then(resolve, reject);
      } else reject(error);
    });
    outgoing.end();
  });
}
