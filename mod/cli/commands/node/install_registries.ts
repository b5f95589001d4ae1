import { loadConfig } from "../../../config/mod.ts";
import type { CredentialProviderOptions } from "../../../install/mod.ts";
import { podImages } from "../../../materialize/mod.ts";
import { defaultNodeAddress, defaultNodeName } from "../../../os/mod.ts";
import { isJsonObject } from "../../../core/mod.ts";
import { DEFAULT_LOGIN_FILE, loginFileBeside, registryOf } from "../../../registry/mod.ts";

/** What the kubelet's credential provider needs of a config; nothing of an unusable one. */
export async function credentialsOf(configPath: string): Promise<CredentialProviderOptions> {
  const host = { hostname: defaultNodeName(), address: defaultNodeAddress() };
  const { entries, settings } = await loadConfig(configPath, host);
  const loginFile = settings === undefined
    ? DEFAULT_LOGIN_FILE
    : loginFileBeside(settings.volumesDir);
  return {
    registries: entries.flatMap(({ pod }) => isJsonObject(pod) ? podImages(pod) : [])
      .map(registryOf)
      .filter((registry) => registry.includes(":")),
    ...(loginFile === DEFAULT_LOGIN_FILE ? {} : { loginFile }),
  };
}
