import type { Context, Hono } from "hono";
import { type EventLog, eventsNamed, type StatusService } from "../observe/mod.ts";
import { type Inspector, waitForPods } from "../explain/mod.ts";
import { type Clock, UsageError } from "../core/mod.ts";
import { PATHS } from "./contract.ts";
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
    app.get(PATHS.wait, (c) => {
      const timeoutMs = Number(c.req.query("timeoutMs") || NaN);
      if (!(timeoutMs >= 0 && timeoutMs <= MAX_WAIT_MS)) {
        throw new UsageError(
          `timeoutMs must be 0–${MAX_WAIT_MS}, current value is "${c.req.query("timeoutMs")}"`,
        );
      }
      const progress = waitForPods(deps, { timeoutMs, signal: untilEnd(c) });
      return answerStream(ndjson(progress), "application/x-ndjson");
    });
  };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
