/** What the agent starts from: its config, its state, the settings that both give. */
import { resolve } from "node:path";
import { type AgentState, loadState } from "../../agent/mod.ts";
import {
  type ConfigFs,
  defaultSettings,
  type KnownSources,
  loadConfig,
  type LoadedConfig,
  patientFs,
  type Settings,
  SourceMemory,
} from "../../config/mod.ts";
import { type Clock, ConfigError, type JsonObject } from "../../core/mod.ts";
import { defaultNodeAddress, defaultNodeName } from "../../os/mod.ts";
import { judgeServedSet, type Verdict } from "../../pods/mod.ts";
import { finishWrites } from "../../transaction/mod.ts";
import { CurrentSettings } from "./current_settings.ts";
import { JudgingKubelet } from "./judging_kubelet.ts";
import { knownAddress } from "./known_address.ts";
import { savedSettings } from "./saved_settings.ts";
import { tokenProblems } from "./token.ts";

/** Facts of the host, as they are when the agent starts. */
export interface HostFacts {
  /** Absolute: what a pod's source is called is kept over restarts, from any directory. */
  readonly configPath: string;
  readonly stateDir: string;
  readonly state: AgentState;
  /** Words for the log if the state was there but could not be used. */
  readonly damage: string | undefined;
  /** The config's, else the last ones that were valid. */
  readonly settings: Settings;
  readonly current: CurrentSettings;
  /** By which kubelet pods are judged. */
  readonly judging: JudgingKubelet;
  /** Reads the config and its drop-ins again; reports problems, does not throw for them. */
  readonly load: (known?: KnownSources) => Promise<LoadedConfig>;
  /** The file system that the config is read from. */
  readonly fs: ConfigFs;
  /** Reads the config as it is on a file system; what `load` remembers stays. */
  readonly loadOn: (fs: ConfigFs) => Promise<LoadedConfig>;
  /** The verdicts of this node's kubelet, as of the last `load`. */
  readonly judge: (pods: readonly JsonObject[], settings: Settings) => readonly Verdict[];
}

/**
 * Reads config and state.
 *
 * @throws {ConfigError} when the config cannot be used and nothing was ever served
 * @throws {PodsteadError} when the state directory cannot be read
 */
export async function readHost(
  options: {
    readonly configPath: string;
    readonly stateDir: string | undefined;
    readonly clock: Clock;
  },
): Promise<HostFacts> {
  const { clock } = options;
  const configPath = resolve(options.configPath);
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const judging = new JudgingKubelet();
  const current = new CurrentSettings(defaultSettings(host));
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
      ...await judging.look(loaded.settings ?? current.get(), loaded),
    ];
    return { ...loaded, problems: [...loaded.problems, ...problems] };
  };
  let loaded = await load();
  const stateDir = options.stateDir ?? (loaded.settings ?? defaultSettings(host)).stateDir;
  const { state, damage } = await loadState(stateDir);
  const address = knownAddress(host.address, state.settings);
  // A change that a crash has cut short is finished before its files count.
  const finished = await finishWrites(stateDir);
  if (address !== host.address || finished !== undefined) {
    host.address = address;
    loaded = await load();
  }
  const settings = loaded.settings ?? savedSettings(state.settings, defaultSettings(host));
  if (settings === undefined) {
    throw new ConfigError(
      `Cannot start: the config "${configPath}" cannot be used, and nothing was served before`,
      loaded.problems,
      { hint: `Fix it and check it with "podstead validate ${configPath}"` },
    );
  }
  current.follow(() => settings);
  return {
    configPath,
    stateDir,
    state,
    damage,
    settings,
    current,
    judging,
    load,
    fs,
    loadOn: (other) => loadConfig(configPath, { ...host, fs: other, clock }),
    judge: (pods, { node, kubelet, controlPlane }) =>
      judgeServedSet(pods, {
        ...judging.options({ node, kubelet }),
        controlPlane: controlPlane !== null,
      }),
  };
}
