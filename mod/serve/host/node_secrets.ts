/** The sealed values of the node that the agent runs on. */
import type { AgentState, SealedValues } from "../../agent/mod.ts";
import { defaultSettings, type HostFacts, type Settings } from "../../config/mod.ts";
import { sealedInObjects, sealedInPod, type Unseal } from "../../materialize/mod.ts";
import type { Logger } from "../../os/mod.ts";
import { Unsealer } from "../../secrets/mod.ts";
import { savedSettings } from "./saved_settings.ts";

/** Opens them with the identity that the settings or systemd give. */
export class NodeSecrets implements SealedValues {
  readonly #unsealer = new Unsealer();
  readonly #env: Readonly<Record<string, string | undefined>>;
  readonly #log: Logger;
  readonly check: Unseal = (sealed) => this.#unsealer.check(sealed);
  readonly open: Unseal = (sealed) => this.#unsealer.open(sealed);

  constructor(env: Readonly<Record<string, string | undefined>>, log: Logger) {
    this.#env = env;
    this.#log = log;
  }

  async prepare(
    values: Iterable<string>,
    { identityFile, volumesDir }: Pick<Settings, "identityFile" | "volumesDir">,
    keep: boolean,
  ): Promise<void> {
    const wrong = await this.#unsealer.prepare(values, {
      file: identityFile,
      credentialsDirectory: this.#env.CREDENTIALS_DIRECTORY,
      ...(keep ? { volumesDirectory: volumesDir } : {}),
    });
    if (wrong === undefined) return;
    this.#log.warn("Opened values cannot be kept for the next start", { reason: wrong });
  }

  /** With those of the last run opened, before anything else is read. */
  static async ofStored(
    state: Pick<AgentState, "pods" | "objects" | "settings"> | undefined,
    { env, log, host }: {
      readonly env: Readonly<Record<string, string | undefined>>;
      readonly log: Logger;
      readonly host: HostFacts;
    },
  ): Promise<NodeSecrets> {
    const secrets = new NodeSecrets(env, log);
    const defaults = defaultSettings(host);
    const values = [
      ...state?.pods.flatMap(sealedInPod) ?? [],
      ...sealedInObjects(state?.objects?.map(({ object }) => object) ?? []),
    ];
    await secrets.prepare(values, savedSettings(state?.settings, defaults) ?? defaults, true);
    return secrets;
  }
}
