/** What the agent sees the node by, and what it records: none of it knows the agent. */
import type { AgentMetrics } from "../agent/mod.ts";
import type { Clock, Scope } from "../core/mod.ts";
import { connectRuntime, type Runtime } from "../cri/mod.ts";
import {
  type KubeletClient,
  kubeletClient,
  type PodsApi,
  podsApi,
  podsApiSocket,
  withFoundCredentials,
} from "../kubelet/mod.ts";
import { localNode, type NodeAccess } from "../node/mod.ts";
import { EventLog, FetchLog, NodeEvents } from "../observe/mod.ts";
import { type BoundedFiles, buildInfo, type Logger } from "../os/mod.ts";
import { LoginBook } from "../registry/mod.ts";
import type { CurrentSettings } from "./host/current_settings.ts";
import type { HostFacts } from "./host/host.ts";
import { countCalls, countLogStreams } from "./usage_metrics.ts";

/** Sources and records. */
export interface Sources {
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
  readonly settings: CurrentSettings;
  readonly metrics: AgentMetrics;
  /** The kubelet's polls. */
  readonly fetches: FetchLog;
  readonly events: EventLog;
  readonly nodeEvents: NodeEvents;
  /** Asks the file system, and gives up on what hangs. */
  readonly files: BoundedFiles;
  readonly runtime: Runtime;
  readonly node: NodeAccess;
  /** Of the pods. */
  readonly logins: LoginBook;
  /** A client with the settings that are used now. */
  readonly kubelet: () => KubeletClient;
  /** The kubelet's local API, which newer ones have. */
  readonly podsApi: PodsApi;
}

/** Opens them; `scope` closes them. */
export async function openSources(
  { settings, current, stored: { directory: stateDir } }: HostFacts,
  { clock, log, metrics, files }: Pick<Sources, "clock" | "log" | "metrics" | "files">,
  scope: Scope,
): Promise<Sources> {
  const { version } = buildInfo();
  const logins = new LoginBook(log);
  const usage = { registry: metrics.registry, clock };
  const runtime = countCalls(connectRuntime(settings.runtime), usage);
  const node = countLogStreams(
    localNode({
      node: () => current.get().node,
      runtime,
      logins: () => logins.sources(current.get().pull.credentialsFile),
    }),
    usage,
  );
  scope.defer(() => node.close());
  const localPods = podsApi(() => podsApiSocket(current.get().kubelet.podsDirectory));
  scope.defer(() => localPods.close());
  const events = scope.use(
    await EventLog.open({ clock, log, directory: stateDir }),
    (opened) => opened.close(),
  );
  return {
    clock,
    log,
    version,
    settings: current,
    metrics,
    fetches: new FetchLog(),
    events,
    nodeEvents: new NodeEvents(clock, events),
    files,
    runtime,
    node,
    logins,
    kubelet: () => {
      const { kubelet: access, node: { name } } = current.get();
      return kubeletClient({
        ...withFoundCredentials(access),
        nodeName: name,
        podsApi: localPods,
      });
    },
    podsApi: localPods,
  };
}
