/** The files of a node and an agent on them, without listeners. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Agent, createMetrics, loadState } from "../../mod/agent/mod.ts";
import { defaultSettings, loadConfig, SourceMemory } from "../../mod/config/mod.ts";
import { type Clock, systemClock } from "../../mod/core/mod.ts";
import { VolumeStore } from "../../mod/materialize/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { judgeServedSet } from "../../mod/pods/mod.ts";
import { makeTempDir } from "./temp_dir.ts";

const HOST = { hostname: "node-1", address: "10.0.0.1" };

/** A node with a config that sets nothing, and no pods. */
export interface AgentNode extends AsyncDisposable {
  /** The directory of its config. */
  readonly path: string;
  readonly stateDir: string;
  /** Where the files of its pods' volumes are. */
  readonly volumesDir: string;
  /** Writes a file of the node, named from the directory of its config. */
  write(file: string, text: string): Promise<void>;
  remove(file: string): Promise<void>;
  /** An agent that goes on where the last one on this node ended. */
  start(): Promise<Agent>;
}

/** Makes a node. @param clock of its agent */
export async function makeAgentNode(clock: Clock = systemClock): Promise<AgentNode> {
  const directory = await makeTempDir("node");
  const config = join(directory.path, "config.yaml");
  const stateDir = join(directory.path, "state");
  const memory = new SourceMemory(clock);
  const volumesDir = join(directory.path, "volumes");
  const write = async (file: string, text: string) => {
    await mkdir(dirname(join(directory.path, file)), { recursive: true });
    await writeFile(join(directory.path, file), text);
  };
  await write("config.yaml", "agent: {}\n");
  await mkdir(join(directory.path, "pods.d"));
  return {
    path: directory.path,
    stateDir,
    volumesDir,
    write,
    remove: (file) => rm(join(directory.path, file), { recursive: true }),
    start: async () =>
      new Agent(
        {
          clock,
          log: silentLogger,
          metrics: createMetrics("test"),
          stateDir,
          load: async (known) => {
            const loaded = await loadConfig(config, { ...HOST, clock, memory, known });
            return { ...loaded, settings: loaded.settings && { ...loaded.settings, volumesDir } };
          },
          volumes: new VolumeStore(clock),
          judge: (pods, { node }) => judgeServedSet(pods, { nodeName: node.name }),
        },
        (await loadState(stateDir)).state,
        { ...defaultSettings(HOST), volumesDir },
      ),
    [Symbol.asyncDispose]: () => directory.remove(),
  };
}
