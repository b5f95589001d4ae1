/** The admin API without a socket, and with the handlers that a test needs. */
import type { Hono } from "hono";
import type { Transport } from "../../mod/api/client/mod.ts";
import { ROUTES, VERSION_HEADER } from "../../mod/api/contract/mod.ts";
import type { Handlers } from "../../mod/api/server/mod.ts";

/** Some handlers; a request for any other route fails. */
export function handlersWith(some: Partial<Handlers>): Handlers {
  const none = Object.keys(ROUTES).map((name) => [name, () => {
    throw new Error(`The test has no handler for "${name}"`);
  }]);
  return { ...Object.fromEntries(none), ...some };
}

/** Leads into an app of the same process. */
export function appTransport(app: Hono): Transport {
  return {
    target: "The app",
    async send({ method, path, body, signal }) {
      const response = await app.request(path, {
        method,
        headers: { Host: "podstead" },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      });
      return {
        status: response.status,
        version: response.headers.get(VERSION_HEADER) ?? undefined,
        text: () => response.text(),
        async *bytes() {
          if (response.body !== null) yield* response.body;
        },
      };
    },
  };
}
