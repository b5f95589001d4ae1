import type { HttpServer } from "../http/mod.ts";
import { listenTcp } from "../http/mod.ts";
import { heldSockets, holderText, listensOn, type Logger, portHolder } from "../os/mod.ts";

/** The name that `podstead.socket` gives the kubelet's address. */
const HELD_NAME = "manifest";

/** What taking the kubelet's address needs. */
export interface AddressDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly pid: number;
  readonly log: Logger;
}

/**
 * Listens on the kubelet's address: on the socket that systemd holds for it,
 * if there is one, so that no other process can take the address while the
 * agent does not run.
 *
 * @returns whether systemd holds it
 * @throws {PodsteadError} naming who has the port
 */
export async function listenForKubelet(
  server: HttpServer,
  end: { readonly address: string; readonly port: number },
  { env, pid, log }: AddressDeps,
): Promise<boolean> {
  const fd = heldSockets(env, pid).get(HELD_NAME);
  if (fd !== undefined) {
    if (await listensOn(fd, end)) {
      await new Promise<void>((resolve, reject) => {
        server.listener.once("error", reject);
        server.listener.listen({ fd }, resolve);
      });
      return true;
    }
    log.warn("podstead.socket holds another address than agent.manifest has", {
      wanted: `${end.address}:${end.port}`,
      hint: 'Run "podstead install" again: it writes the address into the unit',
    });
  }
  await listenTcp(server.listener, end.address, end.port, async () => {
    const holder = await portHolder(end);
    return holder === undefined ? undefined : holderText(holder);
  });
  return false;
}
