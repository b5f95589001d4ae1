/** Where the agent is asked: the kubelet's endpoint, and the admin socket. */
import process from "node:process";
import { waitingNow } from "../agent/mod.ts";
import type { Access, AgentInfo } from "../api/contract/mod.ts";
import {
  type Act,
  agentHandlers,
  changeHandlers,
  createAdminApp,
  fleetHandlers,
  nodeHandlers,
  statusHandlers,
} from "../api/server/mod.ts";
import { readinessText } from "../explain/mod.ts";
import { createHttpServer, type HttpServer } from "../http/mod.ts";
import { createPeerFinder, openUnixPeerFinder } from "../os/mod.ts";
import { formatKey } from "../pods/mod.ts";
import { governConnections, type Governor } from "./connections.ts";
import type { Controller } from "./controller.ts";
import type { NodeFleet } from "./fleet.ts";
import type { FrontSource } from "./front/front.ts";
import type { HostFacts } from "./host/host.ts";
import { certificateEnds } from "./certificates.ts";
import type { NodeChanges } from "./changes/node_changes.ts";
import type { Observation } from "./observation.ts";
import { underWay } from "./rollout.ts";
import type { Sources } from "./sources.ts";
import { allowedHosts, type EarlyFetch } from "./front/stored_start.ts";
import { showManifestHash } from "./usage_metrics.ts";

/** Governs the connections of both endpoints. */
export async function openGovernor(
  { clock, log, metrics }: Pick<Sources, "clock" | "log" | "metrics">,
): Promise<Governor> {
  return governConnections({
    registry: metrics.registry,
    log,
    clock,
    findPeer: createPeerFinder(),
    findUnixPeer: await openUnixPeerFinder(),
  });
}

/** What answers the kubelet. */
export function manifestSource(
  { clock, fetches, metrics }: Sources,
  { agent, rollout, token }: Controller,
  { verdict }: Observation,
): FrontSource {
  showManifestHash(() => agent.manifest?.etag.replaceAll('"', ""), metrics);
  return {
    hosts: () => allowedHosts(agent.settings),
    token: () => token.current,
    manifest: () => agent.manifest,
    onFetch: (fetch) => takeFetch({ fetch, atMs: clock.now() }, { fetches, metrics }),
    hold: () => rollout.quick.hold(),
    notReady: () => agent.manifest === undefined ? "No pods are loaded yet" : undefined,
    underWay: () => underWay(agent),
    full: async () => readinessText((await verdict()).verdict),
    metrics: () => metrics.render(),
  };
}

/** Counts a fetch, and remembers it if it was a kubelet's. */
export function takeFetch(
  { fetch: { path, status, etag, userAgent, byKubelet }, atMs }: EarlyFetch,
  { fetches, metrics }: Pick<Sources, "fetches" | "metrics">,
): void {
  metrics.fetched(status, byKubelet, atMs);
  if (!byKubelet) return;
  if (status < 400 && etag !== undefined) fetches.record({ atMs, etag, userAgent });
  else fetches.recordRefused({ atMs, status, path, userAgent });
}

/** What answers on the two unix sockets; neither listens yet. @param closing aborts when the agent stops */
export function adminServers(
  { configPath, settings }: HostFacts,
  { clock, events, log, node, version }: Sources,
  { agent }: Controller,
  { status, inspector }: Observation,
  changes: NodeChanges,
  fleet: NodeFleet | undefined,
  governor: Governor,
  closing: AbortSignal,
): Readonly<Record<Access, HttpServer>> {
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
      reload: async ({ trial = false, message, ...request }, callerUid) => {
        const origin = {
          ...(callerUid === undefined ? {} : { callerUid }),
          ...(message === undefined ? {} : { message }),
        };
        const outcome = await changes.reload("request", { ...request, origin }, { trial });
        const held = agent.heldBack();
        return waitingNow(outcome, (pod) => held.get(formatKey(pod))?.state === "Waiting");
      },
      plan: ({ allowRemovals = false }) => agent.dryRun({ allowRemovals }),
      certificates: () => certificateEnds(agent.settings, clock.now()),
      refresh: async (type) => {
        if (type === "StaticPodStatus") await status.refresh();
      },
      keepFresh: (type, signal) => {
        if (type === "StaticPodStatus") status.keepFresh(signal);
      },
    }),
    ...changeHandlers(changes),
    ...fleetHandlers(fleet),
    ...nodeHandlers(node),
    ...statusHandlers({
      clock,
      status,
      inspector,
      events,
      nodeName: () => agent.settings.node.name,
      trials: changes.trials,
    }),
  };
  const onAct = ({ route, uid, subject, end }: Act) => {
    const by = uid === undefined ? "an unknown user" : `uid ${uid}`;
    log.info("Asked to act", { route, uid: uid ?? "unknown", subject, end });
    const message = `${by}: ${[route, subject].join(" ").trim()}${
      end === "done" ? "" : ` (${end})`
    }`;
    events.record({ type: "audit", namespace: "", name: "", message });
  };
  const serverFor = (access: Access): HttpServer => {
    const app = createAdminApp(handlers, { version, closing, access, onAct });
    const server = createHttpServer(app, governor.options(access));
    governor.watch(access, server);
    return server;
  };
  return { admin: serverFor("admin"), read: serverFor("read") };
}
