import { errorText } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { LoginSources, PodCredentials } from "./find_logins.ts";
import { loginFileBeside, writeLoginFile } from "./login_file.ts";

/** Settings that say which logins there are, and where they are kept. */
interface LoginSettings {
  readonly volumesDir: string;
  readonly pull: { readonly credentialsFile: string | null };
}

/** The registry logins of the node's pods: for the agent's own pulls, and on file for the kubelet's. */
export class LoginBook {
  readonly #log: Logger;
  #pods: readonly PodCredentials[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Takes in the logins of the pods as they are now. Never rejects: the agent's pulls have them. */
  async take(pods: readonly PodCredentials[], settings: LoginSettings): Promise<void> {
    this.#pods = pods;
    const { volumesDir, pull: { credentialsFile } } = settings;
    try {
      await writeLoginFile(loginFileBeside(volumesDir), { pods, credentialsFile });
    } catch (error) {
      this.#log.error("Cannot write the registry logins for the kubelet's own pulls", {
        error: errorText(error),
      });
    }
  }

  /** What to look for logins in now. */
  sources(credentialsFile: string | null): LoginSources {
    return { pods: this.#pods, credentialsFile };
  }
}
