/** The agent's side of the admin API: a Hono app that holds no state of its own. */
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import {
  type ReloadOutcome,
  type ReloadTrigger,
  RESOURCE_TYPES,
  type ResourceStore,
  type ResourceType,
} from "../agent/mod.ts";
import { canonicalJson, errorText, type JsonValue, PodsteadError } from "../core/mod.ts";
import {
  type AgentInfo,
  PATHS,
  STATUS_OF_ERROR,
  type WireError,
  type WireEvent,
  type WireList,
  type WireResource,
} from "./contract.ts";
import { pullStream } from "./stream.ts";

/** What the API shows and moves. */
export interface AdminDeps {
  readonly info: () => AgentInfo;
  readonly store: ResourceStore;
  readonly reload: (trigger: ReloadTrigger) => Promise<ReloadOutcome>;
  /** What a reload would do now; changes nothing. */
  readonly dryRun: () => Promise<ReloadOutcome>;
  /** Brings the resources of a type up to date before they are listed. */
  readonly refresh: (type: ResourceType, signal: AbortSignal) => Promise<void>;
  /** Keeps the resources of a type up to date while somebody watches them. */
  readonly keepFresh: (type: ResourceType, signal: AbortSignal) => void;
  /** Aborts when the agent stops: watches end then, in an orderly way. */
  readonly closing: AbortSignal;
  /** Adds further routes: containers, logs and what else reads the node. */
  readonly routes?: readonly ((app: Hono) => void)[];
}

/** Builds the API. */
export function createAdminApp(deps: AdminDeps): Hono {
  const app = new Hono();
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
  app.get(PATHS.agent, (c) => c.json(deps.info()));
  app.post(PATHS.reload, async (c) => {
    const dryRun = c.req.query("dryRun") === "true";
    return answerJson(await (dryRun ? deps.dryRun() : deps.reload("request")));
  });
  app.get(PATHS.resources(":type"), async (c) => {
    const type = resourceType(c.req.param("type") ?? "");
    const { signal } = c.req.raw;
    if (c.req.query("watch") === "true") {
      return watchResources(deps, type, AbortSignal.any([signal, deps.closing]));
    }
    await deps.refresh(type, signal);
    const node = deps.info().node.address;
    const items = deps.store.list(type).map((resource): WireResource => ({ node, ...resource }));
    return answerJson({ apiVersion: "podstead.dev/v1", items } satisfies WireList<WireResource>);
  });
  for (const route of deps.routes ?? []) route(app);
  return app;
}

/** JSON with its int64 values exact, which `c.json` cannot write. */
export function answerJson(value: unknown): Response {
  return new Response(canonicalJson(value as JsonValue), { // plain data, by the contract's types
    headers: { "Content-Type": "application/json" },
  });
}

/** A stream that asks for more only when its reader does. */
export function answerStream(source: AsyncIterable<Uint8Array>, contentType: string): Response {
  return new Response(pullStream(source), { headers: { "Content-Type": contentType } });
}

/** Values as NDJSON; an error in the middle becomes the last line. */
export async function* ndjson(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  try {
    for await (const value of source) {
      yield encoder.encode(`${canonicalJson(value as JsonValue)}\n`); // plain data
    }
  } catch (error) {
    yield encoder.encode(`${JSON.stringify({ event: "error", ...wireError(error) })}\n`);
  }
}

function watchResources(deps: AdminDeps, type: ResourceType, signal: AbortSignal): Response {
  deps.keepFresh(type, signal);
  const node = deps.info().node.address;
  async function* events(): AsyncGenerator<WireEvent> {
    for await (const { event, resource } of deps.store.watch(type, signal)) {
      yield { event, resource: { node, ...resource } };
    }
  }
  return answerStream(ndjson(events()), "application/x-ndjson");
}

function resourceType(name: string): ResourceType {
  const type = RESOURCE_TYPES.find((known) => known === name);
  if (type !== undefined) return type;
  throw new PodsteadError("not-found", `There is no resource type "${name}"`, {
    hint: `Known types: ${RESOURCE_TYPES.join(", ")}`,
  });
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

/** An error as it crosses the socket. */
export function wireError(thrown: unknown): WireError {
  if (!(thrown instanceof PodsteadError)) {
    return { error: { code: "failed", message: errorText(thrown) } };
  }
  const { code, message, hint } = thrown;
  return { error: { code, message, ...(hint === undefined ? {} : { hint }) } };
}
