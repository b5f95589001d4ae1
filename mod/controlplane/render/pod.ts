/** The pod around a component: what all four have in common. */
import type { JsonObject } from "../../core/mod.ts";
import type { ComponentConfig } from "../config.ts";
import { userId } from "../access/identity.ts";
import { goMemoryLimit } from "./memory_limit.ts";
import type { Component } from "../plan.ts";
import { imageTag } from "../version.ts";
import type { MountedVolume } from "./volumes.ts";

/** The hash of the config files that a component reads when it starts. */
export const CONFIG_HASH_ANNOTATION = "podstead.dev/config-hash";
/** The hash of the certificates, keys and kubeconfigs that it reads when it starts. */
export const SECRETS_HASH_ANNOTATION = "podstead.dev/secrets-hash";

/** What makes one component's pod differ from another's. */
export interface PodParts {
  readonly component: Component;
  readonly config: ComponentConfig;
  readonly image: string;
  readonly runAsNonRoot: boolean;
  readonly command: readonly string[];
  readonly volumes: readonly MountedVolume[];
  readonly probes: JsonObject;
  readonly annotations: Readonly<Record<string, string>>;
  /** Capabilities that the component keeps when it does not run as root. */
  readonly capabilities?: readonly string[];
}

/** Builds the pod. */
export function buildPod(parts: PodParts): JsonObject {
  const { component, config } = parts;
  const volumes = [...parts.volumes].sort((left, right) =>
    left.volume.name < right.volume.name ? -1 : 1
  );
  const env = environment(config, parts.command);
  const annotations = Object.keys(parts.annotations).length === 0
    ? {}
    : { annotations: parts.annotations };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: component,
      namespace: "kube-system",
      labels: labels(component, parts.image),
      ...annotations,
    },
    spec: {
      containers: [{
        name: component,
        image: parts.image,
        imagePullPolicy: "IfNotPresent",
        command: parts.command,
        ...(env.length === 0 ? {} : { env }),
        ...parts.probes,
        resources: resources(config),
        ...(parts.runAsNonRoot
          ? { securityContext: containerSecurity(parts.capabilities ?? []) }
          : {}),
        volumeMounts: volumes.map((volume) => volume.mount),
      }],
      hostNetwork: true,
      // A static pod's priority is not resolved by an API server, so the number is given too.
      priority: 2_000_001_000,
      priorityClassName: "system-node-critical",
      securityContext: podSecurity(component, parts.runAsNonRoot),
      volumes: volumes.map((volume) => volume.volume),
    },
  };
}

function labels(component: Component, image: string): JsonObject {
  const version = imageTag(image);
  return {
    "app.kubernetes.io/component": "control-plane",
    "app.kubernetes.io/managed-by": "podstead",
    "app.kubernetes.io/name": component,
    ...(version !== undefined && isLabelValue(version)
      ? { "app.kubernetes.io/version": version }
      : {}),
    "component": component,
    "k8s-app": component,
    "tier": "control-plane",
  };
}

function isLabelValue(text: string): boolean {
  return text.length <= 63 && /^[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?$/.test(text);
}

function environment(config: ComponentConfig, command: readonly string[]): readonly JsonObject[] {
  const limit = config.resources.limits?.["memory"];
  const goLimit = limit === undefined ? undefined : goMemoryLimit(limit);
  const variables = new Map<string, string>();
  if (goLimit !== undefined) variables.set("GOMEMLIMIT", goLimit);
  for (const [name, value] of Object.entries(config.env)) variables.set(name, value);
  const env: JsonObject[] = [...variables].sort(([left], [right]) => left < right ? -1 : 1)
    // The kubelet expands $(NAME) in a value; a dollar is meant as one, as in Talos.
    .map(([name, value]) => ({ name, value: value.replaceAll("$", "$$$$") }));
  // Talos gives its components this variable; there are configs that use it in extraArgs.
  if (command.some((argument) => argument.includes("$(POD_IP)"))) {
    env.unshift({ name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } });
  }
  return env;
}

function resources(config: ComponentConfig): JsonObject {
  const { requests, limits } = config.resources;
  return {
    ...(requests === undefined ? {} : { requests }),
    ...(limits === undefined ? {} : { limits }),
  };
}

function podSecurity(component: Component, runAsNonRoot: boolean): JsonObject {
  const id = userId(component, runAsNonRoot);
  return {
    ...(id === 0 ? {} : { runAsNonRoot: true, runAsUser: id, runAsGroup: id }),
    seccompProfile: { type: "RuntimeDefault" },
  };
}

function containerSecurity(capabilities: readonly string[]): JsonObject {
  return {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"], ...(capabilities.length === 0 ? {} : { add: capabilities }) },
    readOnlyRootFilesystem: true,
  };
}
