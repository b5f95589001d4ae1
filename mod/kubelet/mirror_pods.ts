/**
 * Mirror pods: what the API server shows of the kubelet's static pods.
 *
 * A kubelet compares a mirror pod with its static pod by the UID alone
 * (pkg/kubelet/pod/pod_manager.go, `IsMirrorPodOf`), so that the API server goes
 * on showing the spec that a pod began with. Once the mirror pod is deleted,
 * which the kubelet's own user may do, the kubelet makes one of the spec that it
 * has; no container restarts.
 */
import { getOwn, isJsonObject, type JsonObject } from "../core/mod.ts";
import { type ApiAnswer, askApiServer, readIdentity } from "./api_server.ts";

/** A static pod whose mirror is to show its latest spec. */
export interface MirroredPod {
  readonly namespace: string;
  /** As the kubelet has it: with the node's name. */
  readonly name: string;
  /** An annotation that tells its versions apart, and its value in the latest. */
  readonly annotation: { readonly name: string; readonly value: string };
}

/** What happened to a mirror pod. */
export type MirrorResult =
  /** It shows the latest spec already, or there is none, or it is no mirror pod. */
  | { readonly kind: "current" }
  | { readonly kind: "deleted" }
  | { readonly kind: "refused"; readonly why: string };

/** Kubelet: `kubetypes.ConfigMirrorAnnotationKey`. */
const MIRROR_ANNOTATION = "kubernetes.io/config.mirror";

/**
 * So that it is the kubelet who takes it away, and makes the next one in the same step. One that
 * is gone at once comes to a busy kubelet as two events; it merges them, tries to delete what is
 * not there and makes none until it looks again, a minute later. Seen on kubelet 1.36.2
 * (pkg/kubelet: `tryReconcileMirrorPods`, `mergeLastUpdate`).
 */
const MIRROR_GRACE_SECONDS = 30;

/**
 * Deletes a mirror pod that shows an earlier spec, as the kubelet's user.
 *
 * @param kubeconfig the kubelet's own
 * @throws {Error} if the file cannot be used, or the API server does not answer
 */
export async function renewMirrorPod(kubeconfig: string, pod: MirroredPod): Promise<MirrorResult> {
  const identity = await readIdentity(kubeconfig);
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${
    encodeURIComponent(pod.name)
  }`;
  const shown = await askApiServer(identity, "GET", path);
  if (shown.status === 404) return { kind: "current" };
  if (shown.status !== 200) return refusal("read", shown);
  const metadata = objectAt(shown.body, "metadata");
  const annotations = objectAt(metadata, "annotations");
  const { name, value } = pod.annotation;
  if (getOwn(annotations, MIRROR_ANNOTATION) === undefined) return { kind: "current" };
  if (getOwn(annotations, name) === value) return { kind: "current" };
  const deleted = await askApiServer(identity, "DELETE", path, {
    apiVersion: "v1",
    kind: "DeleteOptions",
    gracePeriodSeconds: MIRROR_GRACE_SECONDS,
    // Not the one that the kubelet may have made since.
    preconditions: { uid: getOwn(metadata, "uid") ?? "" },
  });
  if (deleted.status === 200 || deleted.status === 202) return { kind: "deleted" };
  if (deleted.status === 404 || deleted.status === 409) return { kind: "current" };
  return refusal("delete", deleted);
}

/** @throws {Error} for an API server that is only not ready */
function refusal(verb: string, { status, body }: ApiAnswer): MirrorResult {
  const message = getOwn(body, "message");
  const why = `may not ${verb} it: the API server answered ${status}${
    typeof message === "string" ? ` (${message})` : ""
  }`;
  if (status >= 500 || status === 429) throw new Error(why);
  return { kind: "refused", why };
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key);
  return isJsonObject(value) ? value : {};
}
