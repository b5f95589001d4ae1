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
