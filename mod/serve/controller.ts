/** What decides which pods are served: the agent, its rollout, its control plane. */
import {
  Agent,
  type ReloadOutcome,
  type ReloadRequest,
  type ReloadTrigger,
  type SealedValues,
} from "../agent/mod.ts";
import { ControlPlaneService } from "../controlplane/mod.ts";
import { errorText, type Scope } from "../core/mod.ts";
import type { Notifier } from "../os/mod.ts";
import type { HostFacts } from "./host/host.ts";
import { MemoryKeeper } from "./memory_keeper.ts";
import { changedInPlace, openMirrors } from "./mirror_renewal.ts";
import { createRollout, type NodeRollout } from "./rollout.ts";
import { rolloutEvents } from "./rollout_events.ts";
import type { Sources } from "./sources.ts";
import { statusLine } from "./status_line.ts";
import { ManifestToken } from "./host/token.ts";
import { nodeVolumes, sweepVolumes } from "./volume_sweep.ts";

/** The controller of a node. */
export interface Controller {
  readonly agent: Agent;
  readonly rollout: NodeRollout;
  /** What the kubelet must bring. */
  readonly token: ManifestToken;
  /** Told after each reload, by `reload` itself. */
  readonly memory: MemoryKeeper;
  /** Reloads, and tells the service manager. Never rejects for what is wrong with the config. */
  reload(trigger: ReloadTrigger, request?: ReloadRequest): Promise<ReloadOutcome>;
}

/** Makes the controller; what was served last is served from now on. `scope` ends it. */
export async function createController(
  { stored: { state, directory: stateDir, isWhole }, settings, load, judge, judgeAhead, judging }:
    HostFacts,
  sources: Sources & { readonly secrets: SealedValues },
  notifier: Notifier,
  scope: Scope,
): Promise<Controller> {
  const { clock, log, metrics } = sources;
  const token = new ManifestToken(sources.files);
  const mirrors = await openMirrors(judging.current?.apiServer, sources, scope);
  const recordStep = rolloutEvents(sources.events);
  const rollout = createRollout({
    ...sources,
    kubeletVersion: () => judging.current?.version,
    staleMirrors: () => mirrors.obstacle,
    pulling: (image, pull) => sources.nodeEvents.pulling(image, pull),
    record: (event) => {
      recordStep(event);
      if (event.step === "running" && event.method === "in-place") mirrors.changed(event);
    },
  });
  await rollout.quick.resume(state, state.pods);
  // A change before this start may not have reached the API server.
  for (const pod of changedInPlace(state)) mirrors.changed(pod);
  scope.defer(() => rollout.quick.close());
  const volumes = nodeVolumes(clock, log, sources.secrets.open);
  const controlPlane = new ControlPlaneService({
    clock,
    onChange: async () => void await reload("files"),
    onFault: (error) =>
      log.error("Watching the control plane's files ended", { error: errorText(error) }),
  });
  const agent = scope.use(
    new Agent(
      {
        clock,
        log,
        metrics,
        stateDir,
        load,
        filesNow: () => sources.files.working,
        judge,
        judgeAhead,
        judgedBy: (now) => judging.options(now),
        kubelet: (now) => judging.now(now),
        controlPlane: {
          prepare: ({ controlPlane: config, node }, { path: file, placeOf }) =>
            controlPlane.prepare({ config, node, file, placeOf }),
          propose: ({ controlPlane: config, node }, { path: file, placeOf }) =>
            controlPlane.propose({ config, node, file, placeOf }),
        },
        volumes,
        secrets: sources.secrets,
        logins: (pods, now) => sources.logins.take(pods, now),
        hasApiServer: () => (judging.current?.apiServer?.kind ?? "none") !== "none",
        guard: ({ manifest }) => token.read(manifest.tokenFile),
        rollout: rollout.quick,
      },
      state,
      settings,
      isWhole,
    ),
    (made) => made.close(),
  );
  scope.defer(() => controlPlane.close());
  sweepVolumes({ agent, volumes, ...sources }, scope);
  sources.fetches.onFetch(({ etag }) => rollout.quick.onFetch(etag));
  await token.read(settings.manifest.tokenFile);

  const memory = scope.use(new MemoryKeeper(clock), (keeper) => keeper.close());

  async function reload(
    trigger: ReloadTrigger,
    request: ReloadRequest = {},
  ): Promise<ReloadOutcome> {
    await notifier.reloading("Reloading");
    // Only a caller waits for the second look; a signal must be answered by the next one too.
    const outcome = trigger === "request"
      ? await agent.reloadSettled(trigger, request)
      : await agent.reload(trigger, request);
    judging.reloaded(outcome.result);
    // Another token must take effect also where the state cannot be written.
    if (outcome.result === "failed") await token.read(agent.settings.manifest.tokenFile);
    await mirrors.look(judging.current?.apiServer);
    await notifier.ready(statusLine(outcome));
    memory.done(outcome.pods.length);
    return outcome;
  }
  return { agent, rollout, token, memory, reload };
}
