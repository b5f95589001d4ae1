/** What the agent starts from: its config, its state, the settings that both give. */
import { knownSources } from "../../agent/mod.ts";
import {
  type ConfigFs,
  type KnownSources,
  loadConfig,
  type LoadedConfig,
  patientFs,
  type Settings,
  SourceMemory,
  type WhileSettling,
} from "../../config/mod.ts";
import { type Clock, ConfigError, type JsonObject } from "../../core/mod.ts";
import { bootId, type BoundedFiles } from "../../os/mod.ts";
import { judgeServedSet, type Verdict, VerdictMemory } from "../../pods/mod.ts";
import { finishWrites } from "../../transaction/mod.ts";
import type { CurrentSettings } from "./current_settings.ts";
import { JudgingKubelet } from "./judging_kubelet.ts";
import { knownAddress } from "./known_address.ts";
import type { OpenState, StateDirectory } from "./state_directory.ts";
import { tokenProblems } from "./token.ts";

/** Facts of the host, as they are when the agent starts. */
export interface HostFacts {
  /** Absolute: what a pod's source is called is kept over restarts, from any directory. */
  readonly configPath: string;
  /** What was on disk, and where. */
  readonly stored: OpenState;
  /** The config's, else the last ones that were valid. */
  readonly settings: Settings;
  readonly current: CurrentSettings;
  /** By which kubelet pods are judged. */
  readonly judging: JudgingKubelet;
  /** Reads the config and its drop-ins again; reports problems, does not throw for them. */
  readonly load: (known?: KnownSources, whileSettling?: WhileSettling) => Promise<LoadedConfig>;
  /** The file system that the config is read from. */
  readonly fs: ConfigFs;
  /** Reads the config as it is on a file system; what `load` remembers stays. */
  readonly loadOn: (fs: ConfigFs) => Promise<LoadedConfig>;
  /** The verdicts of this node's kubelet, as of the last `load`. */
  readonly judge: (pods: readonly JsonObject[], settings: Settings) => readonly Verdict[];
  /** Gives what judges one pod, so that `judge` knows it. */
  readonly judgeAhead: (settings: Settings) => (pod: JsonObject) => void;
}

/** What is known before the config is read. */
export interface HostBasis {
  readonly clock: Clock;
  readonly configPath: string;
  readonly host: { readonly hostname: string; readonly address: string };
  readonly current: CurrentSettings;
  readonly states: StateDirectory;
  readonly found: OpenState | undefined;
  /** The settings of the last run; undefined if they are not known. */
  readonly lastSettings: Settings | undefined;
  readonly files: BoundedFiles;
  /** Of the agent. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads the config, and settles on the state.
 *
 * @throws {ConfigError} if the config cannot be used and nothing was ever served
 * @throws {PodsteadError} if the state directory cannot be read
 */
export async function readHost(
  { clock, configPath, current, states, found, lastSettings, files, env, ...basis }: HostBasis,
): Promise<HostFacts> {
  const host = { ...basis.host };
  const judging = new JudgingKubelet(undefined, await bootId(env));
  const fs = patientFs(files);
  const memory = new SourceMemory(clock);
  const load = async (known?: KnownSources, whileSettling?: WhileSettling) => {
    judging.begin(current.get());
    const loaded = await loadConfig(configPath, {
      ...host,
      fs,
      clock,
      memory,
      env: () => env,
      ...(known === undefined ? {} : { known }),
      ...(whileSettling === undefined ? {} : { whileSettling }),
    });
    const problems = [
      ...await tokenProblems(loaded.settings?.manifest.tokenFile ?? null, files),
      ...await judging.look(loaded.settings ?? current.get(), loaded),
    ];
    return { ...loaded, problems: [...loaded.problems, ...problems] };
  };
  let loaded = await load(found && knownSources(found.state));
  const stored = loaded.settings === undefined
    ? found
    : await states.settle(found, loaded.settings.stateDir);
  const address = knownAddress(host.address, stored?.state.settings);
  // A change that a crash has cut short is finished before its files count.
  const finished = stored && await finishWrites(stored.directory);
  if (address !== host.address || finished !== undefined) {
    host.address = address;
    loaded = await load(found && knownSources(found.state));
  }
  const settings = loaded.settings ?? lastSettings;
  if (stored === undefined || settings === undefined) {
    throw new ConfigError(
      `Cannot start: the config "${configPath}" cannot be used, and nothing was served before`,
      loaded.problems,
      { hint: `Fix it and check it with "podstead validate ${configPath}"` },
    );
  }
  current.follow(() => settings);
  const verdicts = new VerdictMemory();
  const optionsOf = ({ node, kubelet, controlPlane }: Settings) => ({
    ...judging.options({ node, kubelet }),
    controlPlane: controlPlane !== null,
  });
  return {
    configPath,
    stored,
    settings,
    current,
    judging,
    load,
    fs,
    loadOn: (other) => loadConfig(configPath, { ...host, fs: other, clock, env: () => env }),
    judge: (pods, settings) => judgeServedSet(pods, optionsOf(settings), verdicts),
    judgeAhead: (settings) => {
      const options = optionsOf(settings);
      return (pod) => void verdicts.judge(pod, options);
    },
  };
}
