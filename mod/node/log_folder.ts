/** Pods as their log files on the disk tell of them, for when the runtime cannot. */
import type { PodView } from "../cri/mod.ts";
import { listLoggedAttempts, type LoggedAttempt } from "../logs/mod.ts";

/**
 * The pods that have logs in a folder; the states of what is found are unknown, and of an
 * attempt only the time of its last line is known.
 *
 * @param nodeName what the name of a static pod ends with
 */
export async function podsOfLogFolder(
  directory: string,
  nodeName: string,
): Promise<readonly PodView[]> {
  const attempts = await listLoggedAttempts(directory);
  const byPod = Map.groupBy(attempts, ({ namespace, pod, uid }) => `${namespace}_${pod}_${uid}`);
  return [...byPod.values()].map((own) => podView(own, nodeName));
}

function podView(attempts: readonly LoggedAttempt[], nodeName: string): PodView {
  const { namespace, pod, uid, writtenMs } = attempts[0]!; // groups are never empty
  return {
    sandboxId: "",
    namespace,
    name: pod,
    uid,
    attempt: 0,
    state: "SANDBOX_UNKNOWN",
    createdAt: new Date(writtenMs).toISOString(),
    isStatic: pod.endsWith(`-${nodeName}`),
    labels: {},
    annotations: {},
    containers: attempts.map((one) => ({
      id: "",
      name: one.container,
      type: "container",
      attempt: one.attempt,
      restartCount: one.attempt,
      state: "CONTAINER_UNKNOWN",
      createdAt: new Date(one.writtenMs).toISOString(),
      image: "",
      imageId: "",
      labels: {},
      annotations: {},
    })),
  };
}

/** The path of the live file of a container's attempt in such a folder; it need not exist. */
export function pathInLogFolder(
  directory: string,
  { namespace, name, uid }: PodView,
  container: { readonly name: string; readonly attempt: number },
): string {
  return `${directory}/${namespace}_${name}_${uid}/${container.name}/${container.attempt}.log`;
}
