import type { Server } from "node:net";
import { errorText, PodsteadError } from "../core/mod.ts";

/**
 * Listens on a TCP address.
 *
 * @throws {PodsteadError} naming the setting, when the address cannot be had
 */
export async function listenTcp(server: Server, address: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      server.off("error", reject);
      resolve();
    });
  }).catch((error: NodeJS.ErrnoException) => {
    const inUse = error.code === "EADDRINUSE";
    throw new PodsteadError(
      "failed",
      `Cannot listen on ${address}:${port}: ${inUse ? "the port is taken" : errorText(error)}`,
      {
        cause: error,
        hint: inUse
          ? `See who has it with "ss -ltnp 'sport = :${port}'", or change agent.manifest.port (a changed port restarts every pod)`
          : "Check agent.manifest.address and agent.manifest.port",
      },
    );
  });
}
