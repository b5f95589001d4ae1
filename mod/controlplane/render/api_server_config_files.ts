/** Which config files kube-apiserver gets, and the flags that name them. */
import type { JsonObject } from "../../core/mod.ts";
import type { ConfigFile } from "./config_file.ts";
import {
  admissionConfig,
  auditPolicy,
  authenticationConfig,
  authorizationConfig,
  encryptionConfig,
} from "./config_kinds.ts";
import type { RenderContext } from "../context.ts";

/** The config files that settings ask for, in the component's directory. */
export function apiServerConfigFiles(
  context: RenderContext,
  directory: string,
  minor: number,
): readonly ConfigFile[] {
  const { cluster } = context;
  const config = cluster.apiServer;
  const possible: readonly PossibleFile[] = [
    {
      flag: "admission-control-config-file",
      name: "admission-control-config.yaml",
      value: admissionConfig(config),
      setting: "cluster.apiServer.admissionControl",
      reloaded: false,
    },
    {
      flag: "audit-policy-file",
      name: "audit-policy.yaml",
      value: auditPolicy(config),
      setting: "cluster.apiServer.auditPolicy",
      reloaded: false,
    },
    {
      flag: "authentication-config",
      name: "authentication-config.yaml",
      value: authenticationConfig(config, minor),
      setting: "cluster.apiServer.authenticationConfig",
      reloaded: true,
    },
    {
      flag: "authorization-config",
      name: "authorization-config.yaml",
      value: authorizationConfig(config),
      setting: "cluster.apiServer.authorizationConfig",
      reloaded: true,
    },
    {
      flag: "encryption-provider-config",
      name: "encryption-config.yaml",
      value: encryptionConfig(cluster),
      setting: "cluster.secretboxEncryptionSecret",
      reloaded: false,
    },
  ];
  return possible.flatMap(({ name, value, ...file }) =>
    value === undefined ? [] : [{ ...file, value, path: `${directory}/${name}` }]
  );
}

/** A config file that has no value where no setting asks for it. */
interface PossibleFile extends Omit<ConfigFile, "path" | "value"> {
  readonly name: string;
  readonly value: JsonObject | undefined;
}
