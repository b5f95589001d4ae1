import { join } from "node:path";
import { criMessages } from "../../../mod/cri/mod.ts";
import type { Init } from "../../../mod/grpc/mod.ts";
import type { ContainerSpec, Pod } from "./pod.ts";
import { volumePath } from "./volumes.ts";
import { containerHash } from "./container_starter.ts";

type SandboxConfig = Init<criMessages.PodSandboxConfig>;
type ContainerConfig = Init<criMessages.ContainerConfig>;

/** Where a kubelet keeps things, and how it gives pods their network. */
export interface NodeLayout {
  /** `pods/<uid>` directories stand in it. */
  readonly rootDir: string;
  /** `<namespace>_<name>_<uid>` directories stand in it. */
  readonly logRoot: string;
  /** `host`: every pod gets the node's network, so that no CNI is needed. */
  readonly network: "host" | "declared";
  readonly nodeIp: string;
}

/** The log directory of a pod: `<root>/<namespace>_<name>_<uid>`. */
export function podLogDirectory(
  logRoot: string,
  pod: { readonly namespace: string; readonly name: string; readonly uid: string },
): string {
  return join(logRoot, `${pod.namespace}_${pod.name}_${pod.uid}`);
}

/** The labels by which sandboxes and containers are found again (kubelet: kuberuntime/labels.go). */
export function podLabels(pod: Pod): Record<string, string> {
  return {
    "io.kubernetes.pod.name": pod.metadata.name,
    "io.kubernetes.pod.namespace": pod.metadata.namespace,
    "io.kubernetes.pod.uid": pod.metadata.uid,
  };
}

/** The sandbox of a pod as the kubelet orders it. */
export function sandboxConfig(pod: Pod, attempt: number, layout: NodeLayout): SandboxConfig {
  const { name, namespace, uid, labels, annotations } = pod.metadata;
  const onHost = usesHostNetwork(pod, layout);
  return {
    metadata: { name, namespace, uid, attempt },
    // A sandbox in the node's UTS namespace must not name one.
    hostname: onHost ? "" : name.slice(0, 63),
    logDirectory: podLogDirectory(layout.logRoot, pod.metadata),
    labels: { ...labels, ...podLabels(pod) },
    annotations: { ...annotations },
    linux: { securityContext: { namespaceOptions: namespaces(pod, onHost) } },
  };
}

/** A container as the kubelet orders it. */
export function containerConfig(
  pod: Pod,
  container: ContainerSpec,
  attempt: number,
  imageRef: string,
  layout: NodeLayout,
): ContainerConfig {
  const { name } = container;
  const isInit = (pod.spec.initContainers ?? []).includes(container);
  const { securityContext } = container;
  const limit = memoryBytes(container.resources?.limits?.["memory"]);
  const env = new Map<string, string>();
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom?.fieldRef === undefined
      ? variable.value ?? ""
      : fieldValue(pod, variable.valueFrom.fieldRef.fieldPath, layout);
    env.set(variable.name, expand(value, env));
  }
  return {
    metadata: { name, attempt },
    image: { image: imageRef, userSpecifiedImage: container.image },
    command: (container.command ?? []).map((word) => expand(word, env)),
    args: (container.args ?? []).map((word) => expand(word, env)),
    workingDir: container.workingDir ?? "",
    envs: [...env].map(([key, value]) => ({ key, value: new TextEncoder().encode(value) })),
    mounts: (container.volumeMounts ?? []).map((mount) => ({
      containerPath: mount.mountPath,
      hostPath: join(
        volumePath(pod, mount.name, layout.rootDir),
        mount.subPath ?? expand(mount.subPathExpr ?? "", env),
      ),
      readonly: mount.readOnly ?? false,
    })),
    labels: { ...podLabels(pod), "io.kubernetes.container.name": name },
    annotations: {
      "io.kubernetes.container.hash": containerHash(container),
      "io.kubernetes.container.restartCount": String(attempt),
      "io.kubernetes.container.terminationMessagePath": container.terminationMessagePath ??
        "/dev/termination-log",
      "io.kubernetes.container.terminationMessagePolicy": "File",
      "io.kubernetes.container.type": isInit ? "init" : "container",
      "io.kubernetes.pod.terminationGracePeriod": String(
        pod.spec.terminationGracePeriodSeconds ?? 30,
      ),
      ...((container.ports ?? []).length > 0
        ? { "io.kubernetes.container.ports": JSON.stringify(container.ports) }
        : {}),
    },
    logPath: join(name, `${attempt}.log`),
    stdin: container.stdin ?? false,
    tty: container.tty ?? false,
    linux: {
      ...(limit === undefined ? {} : { resources: { memoryLimitInBytes: limit } }),
      securityContext: {
        privileged: securityContext?.privileged ?? false,
        readonlyRootfs: securityContext?.readOnlyRootFilesystem ?? false,
        namespaceOptions: namespaces(pod, usesHostNetwork(pod, layout)),
        ...(securityContext?.runAsUser === undefined
          ? {}
          : { runAsUser: { value: BigInt(securityContext.runAsUser) } }),
      },
    },
  };
}

function usesHostNetwork(pod: Pod, layout: NodeLayout): boolean {
  return layout.network === "host" || pod.spec.hostNetwork === true;
}

function namespaces(pod: Pod, onHost: boolean) {
  const { NamespaceMode } = criMessages;
  return {
    network: onHost ? NamespaceMode.NODE : NamespaceMode.POD,
    pid: pod.spec.hostPID === true ? NamespaceMode.NODE : NamespaceMode.CONTAINER,
    ipc: pod.spec.hostIPC === true ? NamespaceMode.NODE : NamespaceMode.POD,
  };
}

function fieldValue(pod: Pod, path: string, layout: NodeLayout): string {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) {
    return pod.metadata[keyed[1] as "labels" | "annotations"]?.[keyed[2]!] ?? "";
  }
  const values: Readonly<Record<string, string>> = {
    "metadata.name": pod.metadata.name,
    "metadata.namespace": pod.metadata.namespace,
    "metadata.uid": pod.metadata.uid,
    "spec.nodeName": pod.spec.nodeName,
    "status.hostIP": layout.nodeIp,
    "status.podIP": layout.nodeIp,
  };
  return values[path] ?? "";
}

/** Puts values for `$(NAME)`; `$$` stands for one dollar sign. */
function expand(text: string, env: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$\$|\$\(([^)]+)\)/g,
    (whole, name: string | undefined) => name === undefined ? "$" : env.get(name) ?? whole,
  );
}

const MEMORY_UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

function memoryBytes(quantity: string | number | undefined): bigint | undefined {
  const match = /^(\d+)(k|M|G|Ki|Mi|Gi)?$/.exec(String(quantity ?? ""));
  if (match === null) return undefined;
  return BigInt(Number(match[1]) * MEMORY_UNITS[match[2] ?? ""]!);
}
