/** The ID of a pod for people, as on the documentation page: `default/nginx-node`. */
export function formatPod(pod: { readonly namespace: string; readonly name: string }): string {
  return `${pod.namespace}/${pod.name}`;
}

/** Digits of a container ID that are shown; the runtime tells containers apart by them. */
const SHORT_ID_LENGTH = 12;

/** The ID of a container for people: `default/nginx-node:nginx:4183a7d7a771`. */
export function formatContainer(
  pod: { readonly namespace: string; readonly name: string },
  container: { readonly name: string; readonly id: string },
): string {
  return `${formatPod(pod)}:${container.name}:${container.id.slice(0, SHORT_ID_LENGTH)}`;
}
