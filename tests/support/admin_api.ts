/** The admin API without a socket, and with the handlers that a test needs. */
import type { Transport } from "../../mod/api/client/mod.ts";
import { ROUTES, VERSION_HEADER } from "../../mod/api/contract/mod.ts";
import type { createAdminApp, Handlers } from "../../mod/api/server/mod.ts";
import type { Caller } from "../../mod/http/mod.ts";

/** Some handlers; a request for any other route fails. */
export function handlersWith(some: Partial<Handlers>): Handlers {
  const none = Object.keys(ROUTES).map((name) => [name, () => {
    throw new Error(`The test has no handler for "${name}"`);
  }]);
  return { ...Object.fromEntries(none), ...some };
}

/** The app of `createAdminApp`. */
type TestedApp = ReturnType<typeof createAdminApp>;

/** Leads into an app of the same process. */
export function appTransport(app: TestedApp, caller?: Caller): Transport {
  return {
    target: "The app",
    async send({ method, path, body, signal }) {
      const request = {
        method,
        headers: { Host: "podstead" },
        ...(body === undefined ? {} : { body }),
        ...(signal === undefined ? {} : { signal }),
      };
      const response = await app.request(path, request, caller === undefined ? {} : { caller });
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
