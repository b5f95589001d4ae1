/**
 * What stands in the config files of the components. Versions and kinds: kubernetes/apiserver pkg/apis/apiserver (v1 of each from 1.33 on,
 * but AuthenticationConfiguration only from 1.34), kube-scheduler config v1.
 */
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/mod.ts";
import type { ApiServerConfig, ClusterConfig, SchedulerConfig } from "../config.ts";

/** `AdmissionConfiguration` for `--admission-control-config-file`. */
export function admissionConfig(config: ApiServerConfig): JsonObject | undefined {
  if (config.admissionControl.length === 0) return undefined;
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AdmissionConfiguration",
    plugins: config.admissionControl.map(({ name, configuration }) => ({ name, configuration })),
  };
}

/** `Policy` for `--audit-policy-file`. */
export function auditPolicy(config: ApiServerConfig): JsonObject | undefined {
  if (config.auditPolicy === undefined) return undefined;
  return { apiVersion: "audit.k8s.io/v1", kind: "Policy", ...config.auditPolicy };
}

/**
 * `AuthorizationConfiguration` for `--authorization-config`. Node and RBAC are
 * put first where they are missing, as Talos does: without them no kubelet and
 * no controller could work.
 */
export function authorizationConfig(config: ApiServerConfig): JsonObject | undefined {
  if (config.authorizationConfig.length === 0) return undefined;
  const has = (type: string) =>
    config.authorizationConfig.some((authorizer) => authorizer["type"] === type);
  const implied = [["Node", "node"], ["RBAC", "rbac"]] as const;
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "AuthorizationConfiguration",
    authorizers: [
      ...implied.filter(([type]) => !has(type)).map(([type, name]) => ({ type, name })),
      ...config.authorizationConfig,
    ],
  };
}

/** `AuthenticationConfiguration` for `--authentication-config`. */
export function authenticationConfig(
  config: ApiServerConfig,
  minor: number,
): JsonObject | undefined {
  if (config.authenticationConfig === undefined) return undefined;
  return {
    apiVersion: `apiserver.config.k8s.io/${minor >= 34 ? "v1" : "v1beta1"}`,
    kind: "AuthenticationConfiguration",
    ...config.authenticationConfig,
  };
}

/**
 * `EncryptionConfiguration` for `--encryption-provider-config`: Secrets are
 * written with the first key and can be read with any, also unencrypted ones.
 * Provider order and key names are Talos's, so that a cluster it made can be read.
 */
export function encryptionConfig(cluster: ClusterConfig): JsonObject | undefined {
  const providers: JsonObject[] = [];
  const add = (provider: string, name: string, secret: string | undefined) => {
    if (secret !== undefined) providers.push({ [provider]: { keys: [{ name, secret }] } });
  };
  add("secretbox", "key2", cluster.secretboxEncryptionSecret);
  add("aescbc", "key1", cluster.aescbcEncryptionSecret);
  if (providers.length === 0) return undefined;
  return {
    apiVersion: "apiserver.config.k8s.io/v1",
    kind: "EncryptionConfiguration",
    resources: [{ resources: ["secrets"], providers: [...providers, { identity: {} }] }],
  };
}

/**
 * `KubeSchedulerConfiguration` for `--config`. With that file the scheduler
 * ignores `--kubeconfig`, so the path is put in where the user left it out.
 *
 * Source: kubernetes cmd/kube-scheduler/app/options.
 */
export function schedulerConfig(
  config: SchedulerConfig,
  kubeconfig: string,
): JsonObject | undefined {
  if (config.config === undefined || Object.keys(config.config).length === 0) return undefined;
  return {
    apiVersion: "kubescheduler.config.k8s.io/v1",
    kind: "KubeSchedulerConfiguration",
    ...config.config,
    clientConnection: { kubeconfig, ...asObject(config.config["clientConnection"]) },
  };
}

function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}
