/** Puts the watch that never sleeps together: what tells it, what it looks with, what it records. */
import { dirname, resolve } from "node:path";
import type { Settings } from "../config/mod.ts";
import type { Clock } from "../core/mod.ts";
import { type Runtime, watchEvents } from "../cri/mod.ts";
import type { PodsApi } from "../kubelet/mod.ts";
import {
  ContainerLife,
  type EventLog,
  KubeletPresence,
  LifeRecorder,
  NodeEvents,
  NodeWatch,
  type PropagationTracker,
  type StatusService,
  watchConfig,
  watchConnection,
  watchKubelet,
} from "../observe/mod.ts";
import type { BoundedFiles } from "../os/mod.ts";
import { declaredName } from "../status/mod.ts";
import { podVerdict } from "../verdict/mod.ts";

/** What the watch is put together from. */
export interface WatchParts {
  readonly clock: Clock;
  readonly files: BoundedFiles;
  readonly runtime: Runtime;
  readonly podsApi: PodsApi;
  readonly status: StatusService;
  readonly events: EventLog;
  readonly nodeEvents: NodeEvents;
  readonly changes: PropagationTracker;
  readonly settings: () => Settings;
  readonly configPath: string;
  /** Called for each change of whether the kubelet is there. */
  readonly onKubelet: (up: boolean) => void;
  /** Called after each look. */
  readonly onLook: () => void;
  /** When the last reload began, in Unix milliseconds. */
  readonly lastReadMs: () => number;
}

/** A watch that can be started, and told that something has happened. */
export interface Watch {
  /** Runs until `signal` aborts; never throws. */
  run(signal: AbortSignal): Promise<void>;
  /** Something has happened that the runtime does not tell. */
  poke(): void;
}

/** Builds the watch of a node. */
export function createWatch(parts: WatchParts): Watch {
  const { clock, runtime, status, events, nodeEvents, changes, settings, configPath } = parts;
  const nodeName = () => settings().node.name;
  const life = new LifeRecorder(events, nodeName);
  const containers = new ContainerLife({
    record: (event) => events.record(event),
    recorded: events.list(),
    ownerOf: (namespace, fullName) => {
      const name = declaredName(fullName, nodeName());
      return status.isOurs(namespace, name) ? { namespace, name } : undefined;
    },
  });
  const watch = new NodeWatch({
    clock,
    containerEvents: (signal) => watchEvents(runtime, { signal, clock }),
    async look() {
      const rows = await status.refreshAnew();
      const nowMs = clock.now();
      return status.readings.runtime.failure === undefined &&
        rows.every((row) => podVerdict(row, nowMs).state === "holds");
    },
    onEvent: (event) => containers.onEvent(event),
  });
  status.onRows((rows) => {
    const { runtime: { failure, value } } = status.readings;
    nodeEvents.service("runtime", failure === undefined, failure?.message);
    if (failure === undefined && value !== undefined) containers.onList(value);
    changes.observe(rows);
    life.observe(rows, failure === undefined);
    parts.onLook();
  });
  return {
    poke: () => watch.poke(),
    async run(signal) {
      const { hostname, port, protocol } = new URL(settings().kubelet.endpoint);
      const kubelet = new KubeletPresence((up) => {
        if (signal.aborted) return;
        parts.onKubelet(up);
        watch.poke();
      });
      await Promise.all([
        watch.run(signal),
        watchConnection({
          clock,
          host: hostname,
          port: Number(port || (protocol === "https:" ? 443 : 80)),
          signal,
          onChange: (up) => kubelet.told("port", up),
        }),
        watchKubelet({
          clock,
          api: parts.podsApi,
          signal,
          onPresence: (up) => kubelet.told("pods-api", up),
          onChange: () => watch.look(),
        }),
        watchConfig({
          clock,
          files: parts.files,
          paths: () => configPaths(configPath, settings()),
          lastReadMs: parts.lastReadMs,
          onChange: (file) => nodeEvents.configChanged(file),
        }, signal),
      ]);
    },
  };
}

/** The config file, and each directory that drop-ins are taken from. */
function configPaths(
  configPath: string,
  { include }: Settings,
): { readonly file: string; readonly directories: readonly string[] } {
  const directories = include.map((pattern) => dirname(resolve(dirname(configPath), pattern)))
    .filter((directory) => !/[*?[]/.test(directory));
  return { file: configPath, directories: [...new Set(directories)] };
}
