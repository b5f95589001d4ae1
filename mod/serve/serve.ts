import { resolve } from "node:path";
import { unlink } from "node:fs/promises";
import process from "node:process";
import { agentClient, unixTransport } from "../api/client/mod.ts";
import type { AgentInfo } from "../api/contract/mod.ts";
import { agentHandlers, createAdminApp, nodeHandlers, statusHandlers } from "../api/server/mod.ts";
import {
  Agent,
  createMetrics,
  loadState,
  type ReloadOutcome,
  type ReloadRequest,
  type ReloadTrigger,
  waitingNow,
} from "../agent/mod.ts";
import {
  EventLog,
  FetchLog,
  NodeEvents,
  PropagationTracker,
  StatusService,
} from "../observe/mod.ts";
import {
  currentVerdict,
  Inspector,
  readinessText,
  registerVerdictMetrics,
} from "../explain/mod.ts";
import {
  defaultSettings,
  type KnownSources,
  loadConfig,
  patientFs,
  type Settings,
  SourceMemory,
} from "../config/mod.ts";
import { ControlPlaneService } from "../controlplane/mod.ts";
import { connectRuntime } from "../cri/mod.ts";
import { kubeletClient } from "../kubelet/mod.ts";
import { localNode } from "../node/mod.ts";
import { type Clock, ConfigError, errorText, PodsteadError } from "../core/mod.ts";
import { createHttpServer, createManifestApp, listenTcp } from "../http/mod.ts";
import {
  buildInfo,
  createLogger,
  createNotifier,
  createPeerFinder,
  defaultNodeAddress,
  defaultNodeName,
  groupId,
  isSocketAlive,
  listenUnix,
  openUnixPeerFinder,
} from "../os/mod.ts";
import { formatKey, judgeServedSet } from "../pods/mod.ts";
import { governConnections } from "./connections.ts";
import { createRollout, underWay } from "./rollout.ts";
import { journalTail } from "../services/mod.ts";
import { serviceSight } from "./service_sight.ts";
import { rolloutEvents } from "./rollout_events.ts";
import { createWatch } from "./watch.ts";
import { savedSettings } from "./saved_settings.ts";
import { onSignals } from "./signals.ts";
import { statusLine } from "./status_line.ts";
import { JudgingKubelet } from "./judging_kubelet.ts";
import { knownAddress } from "./known_address.ts";
import { ManifestToken, tokenProblems } from "./token.ts";
import { countCalls, countLogStreams, showManifestHash } from "./usage_metrics.ts";

/** As much of the kubelet's log as explains a pod that does not run. */
const KUBELET_LOG_LINES = 200;

/** What `podstead serve` was told. */
export interface ServeOptions {
  readonly configPath: string;
  /** Instead of `agent.admin.socket`. */
  readonly socket: string | undefined;
  /** Instead of `agent.stateDir`; found even when the config is broken. */
  readonly stateDir: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly writeLog: (line: string) => void;
  readonly clock: Clock;
}

/** How long running requests may take to end after SIGTERM, in milliseconds. */
const DRAIN_MS = 2_000;

/**
 * Runs the agent until SIGTERM or SIGINT.
 *
 * @throws {ConfigError} when the config cannot be used and nothing was ever served
 * @throws {PodsteadError} when an address or the state directory cannot be had,
 * or another agent runs
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { clock, env } = options;
  // What a pod's source is called is kept over restarts, from whatever directory they are made.
  const configPath = resolve(options.configPath);
  // First of all: until there is a handler, SIGHUP ends the process.
  const started = Promise.withResolvers<(trigger: ReloadTrigger) => Promise<ReloadOutcome>>();
  const stopped = onSignals(async () => await (await started.promise)("signal"));
  const startedAt = new Date(clock.now()).toISOString();
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const judging = new JudgingKubelet();
  let settingsInForce = (): Settings => defaultSettings(host);
  const fs = patientFs();
  const memory = new SourceMemory(clock);
  const load = async (known?: KnownSources) => {
    const loaded = await loadConfig(configPath, {
      ...host,
      fs,
      clock,
      memory,
      ...(known === undefined ? {} : { known }),
    });
    const problems = [
      ...await tokenProblems(loaded.settings?.manifest.tokenFile ?? null),
      ...await judging.look(loaded.settings ?? settingsInForce(), loaded),
    ];
    return { ...loaded, problems: [...loaded.problems, ...problems] };
  };

  let loaded = await load();
  const stateDir = options.stateDir ?? (loaded.settings ?? defaultSettings(host)).stateDir;
  const { state, damage } = await loadState(stateDir);
  const address = knownAddress(host.address, state.settings);
  if (address !== host.address) {
    host.address = address;
    loaded = await load();
  }
  const settings = loaded.settings ?? savedSettings(state.settings, defaultSettings(host));
  if (settings === undefined) {
    throw new ConfigError(
      `Cannot start: the config "${configPath}" cannot be used, and nothing was served before`,
      loaded.problems,
      { hint: `Mend it and check it with "podstead validate ${configPath}"` },
    );
  }
  settingsInForce = () => settings;
  const log = createLogger({
    style: () => settingsInForce().log,
    now: clock.now,
    write: options.writeLog,
    journal: (env.JOURNAL_STREAM ?? "") !== "",
  });
  const notifier = await createNotifier({
    env,
    pid: process.pid,
    onProblem: (message) => log.warn(message),
  });
  const socket = options.socket ?? settings.admin.socket;
  await refuseSecondAgent(socket);
  if (damage !== undefined) log.error("The state was damaged; starting without it", { damage });

  const build = buildInfo();
  const metrics = createMetrics(build.version);
  const fetches = new FetchLog();
  const token = new ManifestToken();
  const events = await EventLog.open({ clock, log, directory: stateDir });
  const nodeEvents = new NodeEvents(clock, events);
  const changes = new PropagationTracker({
    clock,
    events,
    registry: metrics.registry,
    look: (): Promise<unknown> => status.refresh(),
    served: state.pods,
  });
  const controlPlane: ControlPlaneService = new ControlPlaneService({
    clock,
    onChange: async () => {
      await reload("files");
    },
    onFault: (error) =>
      log.error("Watching the control plane's files ended", { error: errorText(error) }),
  });
  const usage = { registry: metrics.registry, clock };
  const runtime = countCalls(connectRuntime(settings.runtime), usage);
  const kubelet = () => {
    const { kubelet: access, node } = settingsInForce();
    return kubeletClient({ ...access, nodeName: node.name });
  };
  const rollout = createRollout({
    clock,
    log,
    metrics,
    runtime,
    kubelet,
    settings: () => settingsInForce(),
    kubeletVersion: () => judging.current?.version,
    agent: () => agent,
    status: () => status,
    record: rolloutEvents(events),
    pulling: (image, pull) => nodeEvents.pulling(image, pull),
  });
  await rollout.resume(state, state.pods);
  const agent: Agent = new Agent(
    {
      clock,
      log,
      metrics,
      stateDir,
      load,
      judge: (pods, { node, kubelet, controlPlane }) =>
        judgeServedSet(pods, {
          ...judging.options({ node, kubelet }),
          controlPlane: controlPlane !== null,
        }),
      controlPlane: {
        prepare: ({ controlPlane: config, node }, { path: file, placeOf }) =>
          controlPlane.prepare({ config, node, file, placeOf }),
        propose: ({ controlPlane: config, node }, { path: file, placeOf }) =>
          controlPlane.propose({ config, node, file, placeOf }),
      },
      observer: {
        published: (pods, etag) => changes.published(pods, etag),
        reloaded(outcome) {
          changes.reloaded(outcome);
          const { result, revision } = outcome;
          nodeEvents.reloaded(result, revision, refusalOf(outcome));
          watch.poke();
        },
      },
      rollout,
    },
    state,
    settings,
  );
  settingsInForce = () => agent.settings;
  fetches.onFetch(({ etag }) => rollout.onFetch(etag));

  const reload = async (trigger: ReloadTrigger, request: ReloadRequest = {}) => {
    await notifier.reloading("Reloading");
    // Only a caller waits for the second look; a signal must be answered by the next one too.
    const outcome = trigger === "request"
      ? await agent.reloadSettled(trigger, request)
      : await agent.reload(trigger, request);
    judging.reloaded(outcome.result);
    await token.read(agent.settings.manifest.tokenFile);
    await notifier.ready(statusLine(outcome));
    return outcome;
  };

  await token.read(settings.manifest.tokenFile);

  const governor = governConnections({
    registry: metrics.registry,
    log,
    clock,
    findPeer: createPeerFinder(),
    findUnixPeer: await openUnixPeerFinder(),
  });
  const manifestApp = createManifestApp({
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
    hold: () => rollout.hold(),
    notReady: () => agent.manifest === undefined ? "No pods are loaded yet" : undefined,
    underWay: () => underWay(agent),
    full: () => readinessText(currentVerdict(status, agent.state).verdict),
    metrics: () => metrics.render(),
    monotonicMs: () => clock.monotonicMs(),
  });
  const manifestServer = createHttpServer(manifestApp, governor.options("manifest"));
  governor.watch("manifest", manifestServer);
  const info = (): AgentInfo => ({
    pid: process.pid,
    version: build.version,
    node: agent.settings.node,
    runtime: settings.runtime,
    configPath,
    manifestUrl: agent.settings.manifest.url,
    startedAt,
  });
  showManifestHash(() => agent.manifest?.etag.replaceAll('"', ""), usage);
  const node = countLogStreams(
    localNode({ node: () => agent.settings.node, runtime }),
    usage,
  );
  const status: StatusService = new StatusService({
    clock,
    store: agent.store,
    fetches,
    state: () => agent.state,
    settings: () => agent.settings,
    kubeletPods: (signal) => kubelet().pods({ signal }),
    runtimePods: async (signal) => (await node.pods({ statuses: "exited", signal })).pods,
    heldBack: () => agent.heldBack(),
    servedSinceMs: (pod) => changes.servedSinceMs(pod),
    removed: () => changes.removed(),
  });
  const watch = createWatch({
    clock,
    runtime,
    status,
    events,
    nodeEvents,
    changes,
    settings: () => agent.settings,
    configPath,
    lastReadMs: () => Date.parse(agent.state.lastReload?.at ?? ""),
  });
  fetches.onFetch((fetch) => changes.fetched(fetch));
  const inspector = new Inspector({
    status,
    state: () => agent.state,
    sources: () => ({
      runtime,
      kubelet: kubelet(),
      url: agent.settings.manifest.url,
      kubeletLog: (signal) => journalTail("kubelet", KUBELET_LOG_LINES, signal),
      kubeletService: () => serviceSight("kubelet"),
    }),
    events,
    changes,
  });
  registerVerdictMetrics(
    metrics.registry,
    () => currentVerdict(status, agent.state),
    () => agent.settings.node.name,
  );
  const closing = new AbortController();
  const adminApp = createAdminApp({
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
    ...nodeHandlers(node),
    ...statusHandlers({
      clock,
      status,
      inspector,
      events,
      nodeName: () => agent.settings.node.name,
    }),
  }, { version: build.version, closing: closing.signal });
  const adminServer = createHttpServer(adminApp, governor.options("admin"));
  governor.watch("admin", adminServer);

  const { group } = settings.admin;
  const gid = await groupId(group);
  if (gid === undefined) {
    log.warn("There is no such group; the admin socket is for root alone", { group });
  }
  await listenTcp(manifestServer.listener, settings.manifest.address, settings.manifest.port);
  try {
    await listenUnix(adminServer.listener, {
      path: socket,
      mode: 0o660,
      gid,
    });
  } catch (error) {
    await manifestServer.close(0);
    throw error;
  }
  // Only now: whoever has no right to the addresses must not touch the state either, and
  // however long this takes, the last good list is served meanwhile.
  const first = await agent.reload("start");
  judging.reloaded(first.result);
  log.info("Serving", { url: settings.manifest.url, socket, node: settings.node.name });
  started.resolve(reload);
  const watching = watch.run(closing.signal);
  const watchdog = notifier.watchdogMs === undefined
    ? undefined
    : setInterval(() => void notifier.alive(), notifier.watchdogMs);
  await notifier.ready(statusLine(first));

  const signal = await stopped;
  log.info("Stopping", { signal });
  clearInterval(watchdog);
  closing.abort();
  await notifier.stopping("Stopping");
  await rollout.drain();
  await rollout.close();
  await Promise.all([manifestServer.close(DRAIN_MS), adminServer.close(DRAIN_MS)]);
  await unlink(socket).catch(() => undefined); // somebody else has removed it
  controlPlane.close();
  await watching;
  changes.close();
  await agent.close();
  await events.close();
  node.close();
}

/** Why not all of the config is in use after a reload; undefined where it is. */
function refusalOf({ result, problems, pods }: ReloadOutcome): string | undefined {
  if (result === "applied" || result === "unchanged") return undefined;
  const problem = problems.find(({ severity }) => severity === "error");
  if (problem !== undefined) {
    const line = problem.position === undefined ? "" : `:${problem.position.line}`;
    return `${problem.file}${line}: ${problem.message}`;
  }
  const refused = pods.find(({ state }) => state !== undefined && state !== "Served");
  return refused === undefined ? result : `${refused.id} is ${refused.state}`;
}

/** Names by which a request may call the manifest endpoint. */
function allowedHosts(settings: Settings): ReadonlySet<string> {
  return new Set([settings.manifest.address, "localhost", ...settings.hosts]
    .map((name) => name.toLowerCase()));
}

/** @throws {PodsteadError} with the pid of the agent that holds the socket */
async function refuseSecondAgent(socket: string): Promise<void> {
  if (!await isSocketAlive(socket)) return;
  const holder = await agentClient(unixTransport(socket)).agent({})
    .catch(() => undefined); // whoever it is, the socket is taken
  throw new PodsteadError(
    "failed",
    `Another agent${holder === undefined ? "" : ` (pid ${holder.pid})`} runs on "${socket}"`,
    { hint: "Stop it first, or give this one another --socket, port and state directory" },
  );
}
