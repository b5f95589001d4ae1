import type { Clock } from "../../core/mod.ts";
import { type Inspector, waitForPods } from "../../explain/mod.ts";
import { type EventLog, eventsNamed, type StatusService } from "../../observe/mod.ts";
import type { TrialRunner } from "../../transaction/mod.ts";
import type { Handlers } from "./handlers.ts";

/** What the handlers show. */
export interface StatusHandlersDeps {
  readonly clock: Clock;
  readonly status: StatusService;
  readonly inspector: Inspector;
  readonly events: EventLog;
  readonly nodeName: () => string;
  readonly trials: Pick<TrialRunner, "state">;
}

/** What happened to the pods. */
export function statusHandlers(
  deps: StatusHandlersDeps,
): Pick<Handlers, "overview" | "describe" | "events" | "wait"> {
  const { inspector, events, nodeName, trials } = deps;
  return {
    overview: async () => ({ ...await inspector.overview(), trial: trials.state }),
    describe: ({ pod }) => inspector.describe(pod),
    events({ pod, follow }, signal) {
      const filter = pod === undefined ? () => true : eventsNamed(pod, nodeName());
      return follow === true ? events.watch(filter, signal) : each(events.list(filter));
    },
    wait: (request, signal) => waitForPods(deps, { ...request, signal }),
  };
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}
