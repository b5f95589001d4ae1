import { join } from "node:path";
import type { TestContainerd } from "./containerd.ts";
import { criMessages, RuntimeService } from "../../mod/cri/mod.ts";
import { BUSYBOX_IMAGE } from "./images.ts";

/** A container to run; a shell that waits where no script is given. */
export interface ContainerRecipe {
  readonly name: string;
  readonly image?: string;
  /** A shell script. */
  readonly script?: string;
  /** How often it was restarted; 0 where it is left out. */
  readonly attempt?: number;
  readonly type?: "init" | "ephemeral";
  readonly memoryLimitBytes?: number;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A pod to run, as the kubelet would. */
export interface PodRecipe {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly attempt?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** The host's where it is left out; `pod` needs what `usePodNetwork` sets up. */
  readonly network?: "host" | "pod";
  /** Where the pod's cgroups are made, such as `/pods/one`; without it containerd has no statistics of the sandbox. */
  readonly cgroupParent?: string;
  readonly containers: readonly ContainerRecipe[];
}

/** What {@linkcode runPod} made. */
export interface RunningPod {
  readonly sandboxId: string;
  readonly logDirectory: string;
  /** IDs in the order of the recipe. */
  readonly containerIds: readonly string[];
  /** Creates and starts one more container in it, such as the next attempt. */
  add(recipe: ContainerRecipe): Promise<string>;
}

/**
 * Runs a pod in a private containerd with the kubelet's labels, annotations and
 * log paths. It ends with the containerd.
 */
export async function runPod(
  { runtime, directory }: Pick<TestContainerd, "runtime" | "directory">,
  recipe: PodRecipe,
): Promise<RunningPod> {
  const { name, namespace = "default", uid = `uid-${recipe.name}`, attempt = 0 } = recipe;
  const kubeletLabels = {
    "io.kubernetes.pod.name": name,
    "io.kubernetes.pod.namespace": namespace,
    "io.kubernetes.pod.uid": uid,
  };
  const logDirectory = join(directory, "pods", `${namespace}_${name}_${uid}`);
  const { NODE, POD } = criMessages.NamespaceMode;
  const securityContext = {
    namespaceOptions: { network: recipe.network === "pod" ? POD : NODE },
  };
  const sandboxConfig = {
    metadata: { name, namespace, uid, attempt },
    logDirectory,
    labels: { ...recipe.labels, ...kubeletLabels },
    annotations: { ...recipe.annotations },
    linux: { securityContext, cgroupParent: recipe.cgroupParent ?? "" },
  };
  const { podSandboxId } = await runtime.call(RuntimeService.method.runPodSandbox, {
    config: sandboxConfig,
  }, { timeoutMs: 120_000 });

  const add = async (container: ContainerRecipe) => {
    const restarts = container.attempt ?? 0;
    const { containerId } = await runtime.call(RuntimeService.method.createContainer, {
      podSandboxId,
      sandboxConfig,
      config: {
        metadata: { name: container.name, attempt: restarts },
        image: { image: container.image ?? BUSYBOX_IMAGE },
        ...(container.script !== undefined && { command: ["/bin/sh", "-c", container.script] }),
        labels: { ...kubeletLabels, "io.kubernetes.container.name": container.name },
        annotations: {
          "io.kubernetes.container.hash": "1a2b3c4d",
          "io.kubernetes.container.restartCount": String(restarts),
          ...(container.type && { "io.kubernetes.container.type": container.type }),
          ...container.annotations,
        },
        logPath: `${container.name}/${restarts}.log`,
        linux: {
          resources: { memoryLimitInBytes: BigInt(container.memoryLimitBytes ?? 0) },
          securityContext,
        },
      },
    }, { timeoutMs: 120_000 });
    await runtime.call(RuntimeService.method.startContainer, { containerId }, {
      timeoutMs: 120_000,
    });
    return containerId;
  };

  const containerIds: string[] = [];
  for (const container of recipe.containers) containerIds.push(await add(container));
  return { sandboxId: podSandboxId, logDirectory, containerIds, add };
}
