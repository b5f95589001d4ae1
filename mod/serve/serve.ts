/** The agent's life: host facts → sources → controller → observation → endpoints → running. */
import process from "node:process";
import type { ReloadOutcome, ReloadTrigger } from "../agent/mod.ts";
import { type Clock, type Scope, withScope } from "../core/mod.ts";
import { createLogger, createNotifier, type Notifier } from "../os/mod.ts";
import { keepCertificates } from "./certificates.ts";
import { createController } from "./controller.ts";
import { adminServer, manifestServer, openGovernor } from "./endpoints.ts";
import { readHost } from "./host/host.ts";
import { listen, refuseSecondAgent } from "./listen.ts";
import { openNodeChanges } from "./node_changes.ts";
import { startObservation } from "./observation.ts";
import { onSignals } from "./signals.ts";
import { openSources } from "./sources.ts";
import { statusLine } from "./status_line.ts";

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
 * @throws {ConfigError} when the config cannot be used and nothing was ever served
 * @throws {PodsteadError} when an address or the state directory cannot be used,
 * or another agent runs
 */
export async function serve(options: ServeOptions): Promise<void> {
  // First of all: until there is a handler, SIGHUP ends the process.
  const started = Promise.withResolvers<(trigger: ReloadTrigger) => Promise<ReloadOutcome>>();
  const stopped = onSignals(async () => await (await started.promise)("signal"));
  await withScope((scope) => run(options, scope, started.resolve, stopped));
}

async function run(
  { clock, env, writeLog, ...options }: ServeOptions,
  scope: Scope,
  started: (reload: (trigger: ReloadTrigger) => Promise<ReloadOutcome>) => void,
  stopped: Promise<string>,
): Promise<void> {
  const host = await readHost({ ...options, clock });
  const log = createLogger({
    style: () => host.current.get().log,
    now: clock.now,
    write: writeLog,
    journal: (env.JOURNAL_STREAM ?? "") !== "",
  });
  const notifier = await createNotifier({
    env,
    pid: process.pid,
    onProblem: (message) => log.warn(message),
  });
  const socket = options.socket ?? host.settings.admin.socket;
  await refuseSecondAgent(socket);
  const { damage } = host;
  if (damage !== undefined) log.error("The state was damaged; starting without it", { damage });

  const sources = await openSources(host, { clock, log }, scope);
  const controller = await createController(host, sources, notifier, scope);
  const { agent, rollout, reload } = controller;
  host.current.follow(() => agent.settings);
  const closing = new AbortController();
  const observation = startObservation(host, sources, controller, closing.signal, scope);
  rollout.join({ agent, status: observation.status });
  const changes = await openNodeChanges(host, sources, controller, observation, scope);
  const governor = await openGovernor(sources);
  const servers = {
    manifest: manifestServer(host, sources, controller, observation, governor),
    admin: adminServer(host, sources, controller, observation, changes, governor, closing.signal),
    socket,
  };
  const { held } = await listen(servers, host.settings, { env, pid: process.pid, log }, scope);
  // While the kubelet can still fetch: what was begun is brought to its end.
  scope.defer(() => rollout.close());
  scope.defer(() => closing.abort());
  // Only now: an agent that may not have the addresses must not touch the state either, and
  // however long this takes, the last good list is served meanwhile.
  const first = await agent.reload("start");
  host.judging.reloaded(first.result);
  await changes.resume();
  log.info("Serving", {
    url: host.settings.manifest.url,
    held,
    socket,
    node: host.settings.node.name,
  });
  started(reload);
  observation.begin();
  keepCertificates({ ...sources, settings: () => agent.settings }, scope);
  keepAlive(notifier, scope);
  await notifier.ready(statusLine(first));

  log.info("Stopping", { signal: await stopped });
  await notifier.stopping("Stopping");
}

/** Tells systemd's watchdog that the agent is alive, if it wants to know. */
function keepAlive(notifier: Notifier, scope: Scope): void {
  if (notifier.watchdogMs === undefined) return;
  const watchdog = setInterval(() => void notifier.alive(), notifier.watchdogMs);
  scope.defer(() => clearInterval(watchdog));
}
