/** Questions to servers of this machine, past any proxy that the environment names. */
import { Buffer } from "node:buffer";
/** What the answer to a GET was. */
export interface UnixAnswer {
  readonly status: number;
  readonly text: string;
  /** The value of a header, or undefined if the answer has none of this name. */
  header(name: string): string | undefined;
}

/** A GET over a unix socket; see `unixGet`. */
export type UnixGet = (
  socketPath: string,
  path: string,
  options: { readonly host: string; readonly signal: AbortSignal },
) => Promise<UnixAnswer>;

/**
 * GET over a unix socket by the runtime's own client, where it has one that
 * takes unix sockets (Bun): it is there when the process starts, while
 * `node:http` must be loaded first, which takes longer than the request.
 * Undefined elsewhere.
 *
 * @throws whatever the runtime throws; it does not say why as exactly as `node:http`
 */
export const unixGet: UnixGet | undefined = !("bun" in process.versions)
  ? undefined
  : async (socketPath, path, { host, signal }) => {
    // An option that only Bun knows.
    const options: RequestInit & { readonly unix: string } = { unix: socketPath, signal };
    const response = await fetch(`http://${host}${path}`, options);
    return {
      status: response.status,
      text: await response.text(),
      header: (name) => response.headers.get(name) ?? undefined,
    };
  };

/** What was asked, and what shows a right. */
export interface LocalGetOptions {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What the answer was. */
export interface LocalAnswer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks a server of this machine. The runtimes' `fetch` would ask the proxy that the
 * environment names (HTTP_PROXY), also for 127.0.0.1, and show it our token.
 *
 * @throws {Error} if there is no whole answer
 */
export async function localGet(
  url: string,
  { method = "GET", headers = {}, signal }: LocalGetOptions,
): Promise<LocalAnswer> {
  const { request } = await import("node:http"); // takes longer to load than to ask
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers, signal, agent: false }, (incoming) => {
      const chunks: Uint8Array[] = [];
      incoming.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      incoming.on("error", reject);
      incoming.on("aborted", () => reject(new Error("the connection ended within the answer")));
      incoming.on("end", () =>
        resolve({
          status: incoming.statusCode ?? 0,
          text: Buffer.concat(chunks).toString("utf8"),
        }));
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}
