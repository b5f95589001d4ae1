/** The agent's side of the admin API: a Hono app that holds no state of its own. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { PodsteadError } from "../../core/mod.ts";
import type { CallerEnv } from "../../http/mod.ts";
import {
  type Access,
  type Frame,
  isActing,
  isAllowed,
  type Route,
  type RouteName,
  ROUTES,
  STATUS_OF_ERROR,
  VERSION_HEADER,
} from "../contract/mod.ts";
import { framesAnswer, jsonAnswer, jsonBytes, linesAnswer, wireError } from "./answers.ts";
import type { Caller, Handlers } from "./handlers.ts";
import { readBody, readInput } from "./inputs.ts";
import { subjectOf } from "./subject.ts";
import { withoutEnvValues } from "./redact.ts";
import { SharedRuns } from "./shared_runs.ts";

/** What the API needs besides its handlers. */
export interface AdminOptions {
  /** The agent's version; each answer carries it. */
  readonly version: string;
  /** Aborts when the agent stops: streams end then, in an orderly way. */
  readonly closing: AbortSignal;
  /** What the callers of this app may do. */
  readonly access: Access;
  /** Called after each request that changes something, or has failed to; not after a dry run. */
  readonly onAct: (act: Act) => void;
}

/** Something that was done through the API, or refused. */
export interface Act {
  readonly route: RouteName;
  /** The caller's user; undefined if it cannot be known. */
  readonly uid: number | undefined;
  /** What it was about, in one line; empty if the route says it all. */
  readonly subject: string;
  /** `refused`: nothing was changed, as what was given is wrong; `failed`: it ended with an error. */
  readonly end: "done" | "refused" | "failed";
}

/** A changed set of files may be large; nothing else is. */
const BODY_LIMIT_BYTES: Readonly<Record<Access, number>> = {
  admin: 16 * 1024 * 1024,
  read: 64 * 1024,
};

/** Builds the API: every route of the contract, answered by its handler. */
export function createAdminApp(handlers: Handlers, options: AdminOptions): Hono<CallerEnv> {
  const { version, access } = options;
  const app = new Hono<CallerEnv>();
  const shared = new SharedRuns();
  app.use(async function sayVersion(c, next) {
    await next();
    c.res.headers.set(VERSION_HEADER, version);
  });
  app.use(requireLocalClient());
  app.use(bodyLimit({
    maxSize: BODY_LIMIT_BYTES[access],
    onError: (c) => answerError(c, new PodsteadError("usage", "The request is too large")),
  }));
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
    app.on(route.method, route.path, async (c) => {
      if (!isAllowed(name as RouteName, access)) throw notOnReadSocket();
      const respond = (caller: Caller, told?: Told) =>
        answer(c, name as RouteName, route, handle, { ...options, caller, shared, told });
      if (!isActing(name as RouteName)) return await respond(UNKNOWN);
      return await recorded(c, name as RouteName, options, respond);
    });
  }
  return app;
}

/** Of what only reads: nothing is recorded, so that nothing is looked up. */
const UNKNOWN: Caller = { uid: undefined };

/** Takes what a handler has given. */
type Told = (value: unknown) => void;

/** A handler of any route; what it takes and gives is held by {@linkcode Handlers}. */
type AnyHandler = (input: unknown, signal: AbortSignal, caller: Caller) => unknown;

function notOnReadSocket(
  message = "The read socket answers only what changes nothing",
): PodsteadError {
  return new PodsteadError("permission", message, {
    hint: "Use sudo, or join the group of the admin socket, which is as good as root",
  });
}

/** Answers, and reports who asked for it and whether it was done. */
async function recorded(
  c: Context<CallerEnv>,
  route: RouteName,
  { onAct }: AdminOptions,
  respond: (caller: Caller, told?: Told) => Promise<Response>,
): Promise<Response> {
  const uid = await c.env?.caller?.uid();
  const subject = subjectOf(await c.req.text());
  if (subject === undefined) return await respond({ uid });
  let end: Act["end"] = "done";
  try {
    const response = await respond({ uid }, (value) => {
      if (isRefusal(value)) end = "refused";
    });
    onAct({ route, uid, subject, end });
    return response;
  } catch (error) {
    onAct({ route, uid, subject, end: "failed" });
    throw error;
  }
}

/** Whether an answer says that nothing was done: of a change, of a reload. */
function isRefusal(value: unknown): boolean {
  const { result } = Object(value) as { readonly result?: unknown };
  return result === "refused" || result === "rejected";
}

async function answer(
  c: Context<CallerEnv>,
  name: RouteName,
  route: Route<unknown, unknown>,
  handle: AnyHandler,
  { closing, access, caller, shared, told }: AdminOptions & {
    readonly caller: Caller;
    readonly shared: SharedRuns;
    readonly told: Told | undefined;
  },
): Promise<Response> {
  const shown = access === "read" ? withoutEnvValues : (value: unknown) => value;
  const sent = route.method === "GET" ? c.req.query() : readBody(await c.req.text());
  const input = readInput(name, { ...sent as object, ...c.req.param() });
  if (access === "read" && "showSecrets" in input && input.showSecrets === true) {
    throw notOnReadSocket("The read socket shows no values of Secrets");
  }
  const left = c.req.raw.signal;
  switch (route.answer) {
    case "json":
      if (route.method === "POST") {
        const given = await handle(input, left, caller);
        told?.(given);
        return jsonAnswer(jsonBytes(given));
      }
      return jsonAnswer(
        // By what was understood: what else stands in an address makes no difference.
        await shared.run(
          `${name} ${JSON.stringify(input)}`,
          async () => jsonBytes(shown(await handle(input, closing, caller))),
        ),
      );
    case "lines": {
      const lines = handle(input, AbortSignal.any([left, closing]), caller);
      return linesAnswer(each(lines as AsyncIterable<unknown>, shown));
    }
    case "frames":
      return framesAnswer(await handle(input, left, caller) as AsyncIterable<Frame>);
  }
}

async function* each(
  source: AsyncIterable<unknown>,
  map: (value: unknown) => unknown,
): AsyncGenerator<unknown> {
  for await (const item of source) yield map(item);
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
