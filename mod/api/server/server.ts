/** The agent's side of the admin API: a Hono app that holds no state of its own. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { PodsteadError } from "../../core/mod.ts";
import {
  type Frame,
  type Route,
  type RouteName,
  ROUTES,
  STATUS_OF_ERROR,
  VERSION_HEADER,
} from "../contract/mod.ts";
import { framesAnswer, jsonAnswer, linesAnswer, wireError } from "./answers.ts";
import type { Handlers } from "./handlers.ts";
import { readBody, readInput } from "./inputs.ts";

/** What the API needs beside what answers each of its routes. */
export interface AdminOptions {
  /** The agent's version; each answer carries it. */
  readonly version: string;
  /** Aborts when the agent stops: streams end then, in an orderly way. */
  readonly closing: AbortSignal;
}

/** Builds the API: every route of the contract, answered by its handler. */
export function createAdminApp(handlers: Handlers, { version, closing }: AdminOptions): Hono {
  const app = new Hono();
  app.use(async function sayVersion(c, next) {
    await next();
    c.res.headers.set(VERSION_HEADER, version);
  });
  app.use(requireLocalClient());
  app.onError((error, c) => answerError(c, error));
  app.notFound((c) =>
    answerError(
      c,
      new PodsteadError("not-found", `The agent does not know ${c.req.method} ${c.req.path}`, {
        hint: "Agent and command may be of different versions; restart the agent after an upgrade",
      }),
    )
  );
  for (const [name, route] of Object.entries(ROUTES)) {
    const handle = handlers[name as RouteName] as AnyHandler; // its route's own, by their types
    app.on(route.method, route.path, (c) => answer(c, name as RouteName, route, handle, closing));
  }
  return app;
}

/** A handler of any route; what it takes and gives is held by {@linkcode Handlers}. */
type AnyHandler = (input: unknown, signal: AbortSignal) => unknown;

async function answer(
  c: Context,
  name: RouteName,
  route: Route<unknown, unknown>,
  handle: AnyHandler,
  closing: AbortSignal,
): Promise<Response> {
  const sent = route.method === "GET" ? c.req.query() : readBody(await c.req.text());
  const input = readInput(name, { ...sent as object, ...c.req.param() });
  const left = c.req.raw.signal;
  switch (route.answer) {
    case "json":
      return jsonAnswer(await handle(input, left));
    case "lines": {
      const lines = handle(input, AbortSignal.any([left, closing]));
      return linesAnswer(lines as AsyncIterable<unknown>);
    }
    case "frames":
      return framesAnswer(await handle(input, left) as AsyncIterable<Frame>);
  }
}

/**
 * Refuses what a browser would send: the socket is for podstead's own client.
 * File permissions decide who may connect; this keeps a proxy in front of the
 * socket from opening it to web pages.
 */
function requireLocalClient(): MiddlewareHandler {
  return async function checkClient(c, next) {
    if (c.req.header("Origin") !== undefined || c.req.header("Host") !== "podstead") {
      throw new PodsteadError("permission", "The admin socket is for podstead's own client");
    }
    await next();
  };
}

function answerError(c: Context, thrown: unknown): Response {
  const code = thrown instanceof PodsteadError ? thrown.code : "failed";
  return c.json(wireError(thrown), STATUS_OF_ERROR[code] as ContentfulStatusCode);
}
