import type { EventLog, NewPodEvent } from "../observe/mod.ts";
import { formatDuration } from "../core/mod.ts";
import type { ReplaceMethod, RolloutEvent, RolloutRecorder } from "../rollout/mod.ts";

/** Records the steps of replacements and first starts in the life of their pods. */
export function rolloutEvents(events: Pick<EventLog, "record">): RolloutRecorder {
  return (event) => {
    const told = tell(event);
    if (told === undefined) return;
    const { namespace, name, hash } = event;
    events.record({ namespace, name, hash, ...told });
  };
}

const WAYS: Readonly<Record<ReplaceMethod, string>> = {
  "in-place": " (changed in place)",
  quick: "",
  kubelet: " (in the kubelet's own time)",
};

/** What is told of a step; undefined for those that the fetches and the list tell already. */
function tell(
  { step, method, sinceMs = 0, downtimeMs, reason }: RolloutEvent,
): Pick<NewPodEvent, "type" | "message"> | undefined {
  switch (step) {
    case "removed":
      return { type: "replacing", message: "Left the list, so that its old version ends" };
    case "ended":
      return {
        type: "replacing",
        message: `Its old version ended ${formatDuration(sinceMs)} after the kubelet's fetch`,
      };
    case "running": {
      const down = downtimeMs === undefined ? "" : `, after ${formatDuration(downtimeMs)} down`;
      const way = WAYS[method];
      return { type: "replacing", message: `Its new version runs${down}${way}` };
    }
    case "fallen-back":
      return {
        type: "replacing",
        message: `Did not come up in place within ${
          formatDuration(sinceMs)
        }; it is replaced as another pod`,
      };
    case "waiting":
      return { type: "waiting", message: `Not started yet: it ${reason}` };
    case "released":
      return {
        type: "waiting",
        message: `Started after ${formatDuration(sinceMs)}${
          reason === undefined ? "" : `, although ${reason}`
        }`,
      };
    case "served":
      return reason === undefined
        ? undefined
        : { type: "replacing", message: `Served in its new version, although ${reason}` };
    case "fetched":
      return undefined;
  }
}
