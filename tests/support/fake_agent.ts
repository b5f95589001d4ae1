/** An agent that only tells: the admin API on a unix socket, with answers that a test has made up. */
import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import { createServer } from "node:http";
import { join } from "node:path";
import { createAdminApp, type Handlers } from "../../mod/api/server/mod.ts";
import { buildInfo } from "../../mod/os/mod.ts";
import { handlersWith } from "./admin_api.ts";
import { makeTempDir } from "./temp_dir.ts";

/** A socket that answers. */
export interface FakeAgent extends AsyncDisposable {
  readonly socket: string;
}

/** Starts an agent with some handlers; the routes without one fail. */
export async function startFakeAgent(handlers: Partial<Handlers>): Promise<FakeAgent> {
  const directory = await makeTempDir("fake-agent");
  const closing = new AbortController();
  const app = createAdminApp(handlersWith(handlers), {
    version: buildInfo().version,
    closing: closing.signal,
    access: "admin",
    onAct: () => undefined,
  });
  const caller = { uid: () => Promise.resolve(0), trust: () => undefined };
  const server = createServer(getRequestListener((request) => app.fetch(request, { caller })));
  const socket = join(directory.path, "admin.sock");
  server.listen(socket);
  await once(server, "listening");
  return {
    socket,
    async [Symbol.asyncDispose]() {
      closing.abort();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
      await directory.remove();
    },
  };
}
