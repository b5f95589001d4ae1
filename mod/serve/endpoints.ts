/** Where the agent is asked: the kubelet's endpoint, and the admin socket. */
import process from "node:process";
import { waitingNow } from "../agent/mod.ts";
import type { AgentInfo } from "../api/contract/mod.ts";
import {
  agentHandlers,
  changeHandlers,
  createAdminApp,
  nodeHandlers,
  statusHandlers,
} from "../api/server/mod.ts";
import type { Settings } from "../config/mod.ts";
import { currentVerdict, readinessText } from "../explain/mod.ts";
import { createHttpServer, createManifestApp, type HttpServer } from "../http/mod.ts";
import { createPeerFinder, openUnixPeerFinder } from "../os/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { governConnections, type Governor } from "./connections.ts";
import type { Controller } from "./controller.ts";
import type { HostFacts } from "./host/host.ts";
import type { NodeChanges } from "./node_changes.ts";
import type { Observation } from "./observation.ts";
import { underWay } from "./rollout.ts";
import type { Sources } from "./sources.ts";
import { showManifestHash } from "./usage_metrics.ts";

/** Governs the connections of both endpoints. */
export async function openGovernor({ clock, log, metrics }: Sources): Promise<Governor> {
  return governConnections({
    registry: metrics.registry,
    log,
    clock,
    findPeer: createPeerFinder(),
    findUnixPeer: await openUnixPeerFinder(),
  });
}

/** The endpoint of the kubelet; it does not listen yet. */
export function manifestServer(
  { settings }: HostFacts,
  { clock, fetches, metrics }: Sources,
  { agent, rollout, token }: Controller,
  { status }: Observation,
  governor: Governor,
): HttpServer {
  showManifestHash(() => agent.manifest?.etag.replaceAll('"', ""), metrics);
  const app = createManifestApp({
    path: settings.manifest.path,
    hosts: () => allowedHosts(agent.settings),
    token: () => token.current,
    trustedUids: new Set([0, process.getuid?.() ?? 0]),
    manifest: () => agent.manifest,
    onFetch: ({ path, status, etag, userAgent, byKubelet }) => {
      const atMs = clock.now();
      metrics.fetched(status, byKubelet, atMs);
      if (!byKubelet) return;
      if (status < 400 && etag !== undefined) fetches.record({ atMs, etag, userAgent });
      else fetches.recordRefused({ atMs, status, path, userAgent });
    },
    hold: () => rollout.quick.hold(),
    notReady: () => agent.manifest === undefined ? "No pods are loaded yet" : undefined,
    underWay: () => underWay(agent),
    full: () => readinessText(currentVerdict(status, agent.state).verdict),
    metrics: () => metrics.render(),
    monotonicMs: () => clock.monotonicMs(),
  });
  const server = createHttpServer(app, governor.options("manifest"));
  governor.watch("manifest", server);
  return server;
}

/** What answers on the admin socket; it does not listen yet. @param closing aborts when the agent stops */
export function adminServer(
  { configPath, settings }: HostFacts,
  { clock, events, node, version }: Sources,
  { agent, reload }: Controller,
  { status, inspector }: Observation,
  changes: NodeChanges,
  governor: Governor,
  closing: AbortSignal,
): HttpServer {
  const startedAt = new Date(clock.now()).toISOString();
  const info = (): AgentInfo => ({
    pid: process.pid,
    version,
    node: agent.settings.node,
    runtime: settings.runtime,
    configPath,
    manifestUrl: agent.settings.manifest.url,
    startedAt,
  });
  const handlers = {
    ...agentHandlers({
      info,
      fetches: () => status.input().fetches,
      store: agent.store,
      reload: async (request) => {
        const outcome = await reload("request", request);
        const held = agent.heldBack();
        return waitingNow(outcome, (pod) => held.get(formatKey(pod))?.state === "Waiting");
      },
      plan: (request) => agent.dryRun(request),
      refresh: async (type) => {
        if (type === "StaticPodStatus") await status.refresh();
      },
      keepFresh: (type, signal) => {
        if (type === "StaticPodStatus") status.keepFresh(signal);
      },
    }),
    ...changeHandlers(changes),
    ...nodeHandlers(node),
    ...statusHandlers({
      clock,
      status,
      inspector,
      events,
      nodeName: () => agent.settings.node.name,
    }),
  };
  const app = createAdminApp(handlers, { version, closing });
  const server = createHttpServer(app, governor.options("admin"));
  governor.watch("admin", server);
  return server;
}

/** Names by which a request may call the manifest endpoint. */
function allowedHosts(settings: Settings): ReadonlySet<string> {
  return new Set([settings.manifest.address, "localhost", ...settings.hosts]
    .map((name) => name.toLowerCase()));
}
