import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Settings } from "../../../config/mod.ts";
import { ConfigError, errorText, PodsteadError } from "../../../core/mod.ts";

/** What the kubelet needs of a node's config. */
export interface EndpointSettings {
  readonly url: string;
  readonly tokenFile: string | undefined;
}

/**
 * The endpoint as the config file says.
 *
 * @returns undefined when there is no such file
 * @throws {ConfigError} if it cannot be used
 */
export async function endpointSettings(path: string): Promise<EndpointSettings | undefined> {
  if (!existsSync(path)) return undefined;
  const { loadConfig } = await import("../../../config/mod.ts");
  const loaded = await loadConfig(path, await hostFacts());
  if (loaded.settings !== undefined) return fromSettings(loaded.settings);
  throw new ConfigError(`Cannot use the config "${path}"`, loaded.problems, {
    hint: "Fix it first: the kubelet must be told the address that it sets",
  });
}

/** The endpoint of a node without a config file. */
export async function defaultEndpointSettings(): Promise<EndpointSettings> {
  const { defaultSettings } = await import("../../../config/mod.ts");
  return fromSettings(defaultSettings(await hostFacts()));
}

/**
 * The endpoint's token.
 *
 * @throws {PodsteadError} if the file cannot be read, or is empty
 */
export async function readToken(root: string, tokenFile: string): Promise<string> {
  const path = join(root, tokenFile);
  let token: string;
  try {
    token = (await readFile(path, "utf8")).trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code; // node:fs throws nothing else
    throw new PodsteadError(
      code === "EACCES" ? "permission" : "failed",
      `Cannot read the token file "${tokenFile}": ${errorText(error)}`,
      {
        cause: error,
        hint: code === "EACCES" ? "Run it as root" : '"podstead install" makes one',
      },
    );
  }
  if (token === "") throw new PodsteadError("failed", `The token file "${tokenFile}" is empty`);
  return token;
}

async function hostFacts(): Promise<{ readonly hostname: string; readonly address: string }> {
  const { defaultNodeAddress, defaultNodeName } = await import("../../../os/mod.ts");
  return { hostname: defaultNodeName(), address: defaultNodeAddress() };
}

function fromSettings({ manifest }: Settings): EndpointSettings {
  return { url: manifest.url, tokenFile: manifest.tokenFile ?? undefined };
}
