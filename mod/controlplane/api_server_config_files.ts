/** Which config files kube-apiserver gets, and the flags that name them. */
import type { JsonObject } from "../core/mod.ts";
import {
  admissionConfig,
  auditPolicy,
  authenticationConfig,
  authorizationConfig,
  encryptionConfig,
} from "./config_files.ts";
import type { RenderContext } from "./context.ts";

/** A config file, the flag that names it, and the setting it is made of. */
export interface NamedConfigFile {
  readonly flag: string;
  readonly name: string;
  readonly value: JsonObject | undefined;
  readonly setting: string;
  /** The API server reads it again by itself when it changes. */
  readonly reloaded: boolean;
}

/** Every config file there can be; one that no setting asks for has no value. */
export function namedConfigFiles(
  context: RenderContext,
  minor: number,
): readonly NamedConfigFile[] {
  const { cluster } = context;
  const config = cluster.apiServer;
  return [
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
}
