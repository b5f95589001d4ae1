import type { Server } from "node:net";
import { errorText, PodsteadError } from "../core/mod.ts";

/**
 * Listens on a TCP address.
 *
 * @param holder who has the port if it is taken, as text; undefined if that is not known
 * @throws {PodsteadError} naming the setting and who has the port
 */
export async function listenTcp(
  server: Server,
  address: string,
  port: number,
  holder: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch(async (error: NodeJS.ErrnoException) => {
    const inUse = error.code === "EADDRINUSE";
    const who = inUse ? await holder() : undefined;
    const taken = who === undefined ? "the port is taken" : `the port is taken by ${who}`;
    throw new PodsteadError(
      "failed",
      `Cannot listen on ${address}:${port}: ${inUse ? taken : errorText(error)}`,
      {
        cause: error,
        hint: who !== undefined
          ? "Stop that process, or change agent.manifest.port and the kubelet's staticPodURL"
          : inUse
          ? `See who has it with "ss -ltnp 'sport = :${port}'", or change agent.manifest.port and the kubelet's staticPodURL`
          : "Check agent.manifest.address and agent.manifest.port",
      },
    );
  });
}
