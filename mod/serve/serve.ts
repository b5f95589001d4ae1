/** The agent's life: stored list → host facts → sources → controller → observation → endpoints → running. */
import { resolve } from "node:path";
import process from "node:process";
import { type Agent, createMetrics, type ReloadOutcome, type ReloadTrigger } from "../agent/mod.ts";
import { defaultSettings } from "../config/mod.ts";
import { type Clock, type Scope, withScope } from "../core/mod.ts";
import {
  BoundedFiles,
  buildInfo,
  compileLess,
  createLogger,
  createNotifier,
  defaultNodeAddress,
  defaultNodeName,
  type Logger,
  type Notifier,
} from "../os/mod.ts";
import { keepCertificates } from "./certificates.ts";
import { createController } from "./controller.ts";
import { adminServers, manifestSource, openGovernor, takeFetch } from "./endpoints.ts";
import { frontAt } from "./front/front.ts";
import { startStored } from "./front/stored_start.ts";
import { CurrentSettings } from "./host/current_settings.ts";
import { readHost } from "./host/host.ts";
import { knownAddress } from "./host/known_address.ts";
import { type OpenState, StateDirectory } from "./host/state_directory.ts";
import { NodeSecrets } from "./host/node_secrets.ts";
import { ManifestToken } from "./host/token.ts";
import { listen, refuseSecondAgent } from "./listen.ts";
import { openNodeChanges } from "./changes/node_changes.ts";
import { startObservation } from "./observation.ts";
import { onSignals } from "./signals.ts";
import { openSources } from "./sources.ts";
import { statusLine } from "./status_line.ts";
import { writeStored } from "./volume_sweep.ts";

/**
 * An agent that idles runs its code now and then: compiling it costs more time than it saves, and
 * more than 10 MB. What is truly busy, such as the reading of logs, is compiled all the same.
 */
const COMPILE_FACTOR = 100;

/** Options of `podstead serve`. */
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

/**
 * Runs the agent until SIGTERM or SIGINT.
 *
 * @throws {ConfigError} if the config cannot be used and nothing was ever served
 * @throws {PodsteadError} if an address or the state directory cannot be used,
 * or another agent runs
 */
export async function serve(options: ServeOptions): Promise<void> {
  // First of all: until there is a handler, SIGHUP ends the process.
  const started = Promise.withResolvers<(trigger: ReloadTrigger) => Promise<ReloadOutcome>>();
  const stopped = onSignals(async () => await (await started.promise)("signal"));
  compileLess(COMPILE_FACTOR);
  await withScope((scope) => run(options, scope, started.resolve, stopped));
}

async function run(
  { clock, env, writeLog, ...options }: ServeOptions,
  scope: Scope,
  started: (reload: (trigger: ReloadTrigger) => Promise<ReloadOutcome>) => void,
  stopped: Promise<string>,
): Promise<void> {
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const current = new CurrentSettings(defaultSettings(host));
  const log = createLogger({
    style: () => current.get().log,
    now: clock.now,
    write: writeLog,
    journal: (env.JOURNAL_STREAM ?? "") !== "",
  });
  const files = new BoundedFiles();
  const world = { clock, log, metrics: createMetrics(buildInfo().version), files };
  const governor = await openGovernor(world);
  const frontDeps = { env, pid: process.pid, log, governor, monotonicMs: clock.monotonicMs };
  // What a pod's source is called is kept over restarts, from any directory.
  const configPath = resolve(options.configPath);
  const states = new StateDirectory(options.stateDir, configPath, env);
  scope.defer(() => states.close());
  const found = await states.find();
  host.address = knownAddress(host.address, found?.state.settings);
  const secrets = await NodeSecrets.ofStored(found?.state, { env, log, host });
  await writeStored(found?.state, host, world, secrets.open);
  // Before anything else is read: whatever has become of the config, the kubelet gets its list.
  const token = new ManifestToken(files);
  const inputs = { host, now: clock.now, front: frontDeps, token, unseal: secrets.open };
  const early = await startStored(found, inputs);
  scope.defer(() => early.front?.close(0));

  const facts = await readHost({
    ...{ clock, configPath, env, host, current, states, found, files },
    lastSettings: early.settings,
  });
  const notifier = await createNotifier({
    env,
    pid: process.pid,
    onProblem: (message) => log.warn(message),
  });
  const { settings } = facts;
  const socket = options.socket ?? settings.admin.socket;
  await refuseSecondAgent(socket);
  await settleState(facts.stored, states, log);

  const sources = await openSources(facts, world, scope);
  const controller = await createController(facts, { ...sources, secrets }, notifier, scope);
  const { agent, rollout } = controller;
  current.follow(() => agent.settings);
  const closing = new AbortController();
  const observation = startObservation(facts, sources, controller, closing.signal, scope);
  rollout.join({ agent, ...observation });
  const changes = await openNodeChanges(facts, sources, controller, observation, scope);
  const fleet = settings.fleet === null ? undefined : await (await import("./fleet.ts")).openFleet(
    ...[facts, sources, controller, observation, changes, closing.signal, scope] as const,
  );
  const answers = manifestSource(sources, controller, observation);
  const manifest = await frontAt(settings.manifest, early.front, answers, frontDeps);
  for (const fetch of early.fetches) takeFetch(fetch, sources);
  const { admin, read } = adminServers(
    ...[facts, sources, controller, observation, changes, fleet, governor, closing.signal] as const,
  );
  scope.defer(() => manifest.close(0));
  await listen({ manifest, admin, read, socket }, settings, log, scope);
  // While the kubelet can still fetch: what was begun is brought to its end.
  scope.defer(() => rollout.close());
  scope.defer(() => closing.abort());
  // Only now: an agent that may not have the addresses must not touch the state either.
  const first = await agent.reload("start");
  facts.judging.reloaded(first.result);
  controller.memory.done(first.pods.length);
  await changes.resume();
  log.info("Serving", {
    url: settings.manifest.url,
    held: manifest.isHeld,
    socket,
    node: settings.node.name,
  });
  started(changes.reload);
  observation.begin();
  fleet?.begin();
  keepCertificates({ ...sources, settings: () => agent.settings }, scope);
  keepAlive(notifier, agent, scope);
  await notifier.ready(statusLine(first));

  log.info("Stopping", { signal: await stopped });
  await notifier.stopping("Stopping");
}

/** Says what was wrong with the state, and notes where it is. */
async function settleState(stored: OpenState, states: StateDirectory, log: Logger): Promise<void> {
  const { damage } = stored;
  if (damage !== undefined) log.error("The state was damaged", { damage });
  const reason = await states.remember(stored.directory);
  if (reason === undefined) return;
  log.warn("Where the state is cannot be noted for a start without the config", { reason });
}

/**
 * Tells systemd's watchdog that the agent is alive, if it wants to know: only while the
 * loop that reloads comes to an end with what it does.
 */
function keepAlive(notifier: Notifier, agent: Pick<Agent, "idle">, scope: Scope): void {
  if (notifier.watchdogMs === undefined) return;
  let asked = false;
  const watchdog = setInterval(async () => {
    if (asked) return;
    asked = true;
    await agent.idle();
    asked = false;
    await notifier.alive();
  }, notifier.watchdogMs);
  scope.defer(() => clearInterval(watchdog));
}
