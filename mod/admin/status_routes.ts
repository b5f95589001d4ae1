import type { Context, Hono } from "hono";
import * as v from "valibot";
import { type EventLog, eventsNamed, type StatusService } from "../observe/mod.ts";
import { type Inspector, waitForPods } from "../explain/mod.ts";
import { type Clock, UsageError } from "../core/mod.ts";
import { PATHS, type WaitRequest } from "./contract.ts";
import { answerJson, answerStream, ndjson } from "./server.ts";

/** What the routes show. */
export interface StatusRoutesDeps {
  readonly clock: Clock;
  readonly status: StatusService;
  readonly inspector: Inspector;
  readonly events: EventLog;
  readonly nodeName: () => string;
  /** Aborts when the agent stops: streams that would go on end then. */
  readonly closing: AbortSignal;
}

/** Longest wait for pods, in milliseconds: a client that has gone is noticed anyway. */
const MAX_WAIT_MS = 3_600_000;

const waitMs = v.pipe(
  v.number("must be a number of milliseconds"),
  v.minValue(0, "must not be negative"),
  v.maxValue(MAX_WAIT_MS, `must be at most ${MAX_WAIT_MS}`),
);
const WaitSchema = v.object({
  timeoutMs: waitMs,
  settleMs: waitMs,
  pods: v.array(v.object({
    namespace: v.string(),
    name: v.string(),
    hash: v.exactOptional(v.string()),
  })),
});

/** Routes about what became of the pods. */
export function statusRoutes(deps: StatusRoutesDeps): (app: Hono) => void {
  const { inspector, events, nodeName } = deps;
  const untilEnd = (c: Context) => AbortSignal.any([c.req.raw.signal, deps.closing]);
  return (app) => {
    app.get(PATHS.overview, async () => answerJson(await inspector.overview()));
    app.get(PATHS.describe, async (c) => {
      const pod = c.req.query("pod") ?? "";
      if (pod === "") throw new UsageError("pod must name a pod, current value is empty");
      return answerJson(await inspector.describe(pod));
    });
    app.get(PATHS.fetches, () => answerJson(deps.status.input().fetches));
    app.get(PATHS.events, (c) => {
      const pod = c.req.query("pod");
      const filter = pod === undefined ? () => true : eventsNamed(pod, nodeName());
      const source = c.req.query("follow") === "true"
        ? events.watch(filter, untilEnd(c))
        : each(events.list(filter));
      return answerStream(ndjson(source), "application/x-ndjson");
    });
    app.post(PATHS.wait, async (c) => {
      const wanted = readWait(await c.req.text());
      const progress = waitForPods(deps, { ...wanted, signal: untilEnd(c) });
      return answerStream(ndjson(progress), "application/x-ndjson");
    });
  };
}

/** @throws {UsageError} that names what is wrong */
function readWait(text: string): WaitRequest {
  const parsed = v.safeParse(WaitSchema, jsonOf(text));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new UsageError(`${v.getDotPath(issue) ?? "The request"} ${issue.message}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says that it is no object
  }
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
