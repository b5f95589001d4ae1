/**
 * Where a pod stands in podstead, after a reload:
 * - `Served`: as declared
 * - `Replacing`: on its way from one version to the next
 * - `Waiting`: its first start waits for the pods that it comes after
 * - `Blocked`: valid, but the image of its new version cannot be pulled; the old one is served
 * - `Rejected`: the kubelet would refuse the declared pod; an older version may be served
 * - `Kept`: its source is not healthy; what that last gave is served
 * - `Held`: valid, but files that it needs are not there yet
 * - `Stopped`: a person, or a take-over for now, wants it to be down; it stays declared
 */
export const POD_STATES = [
  "Served",
  "Replacing",
  "Waiting",
  "Blocked",
  "Rejected",
  "Kept",
  "Held",
  "Stopped",
] as const;
export type PodState = typeof POD_STATES[number];

/** Why a pod is not served as it is declared. Programs go by this; its text is for people. */
export type HoldCode =
  /** An image of its new version is being pulled. */
  | "image-pulling"
  /** An image of its new version is not on the node, and cannot be pulled. */
  | "image-unavailable"
  /** How often the kubelet polls is not known yet. */
  | "poll-rate-unknown"
  /** The kubelet has to fetch the list without the old version. */
  | "old-version-listed"
  /** The old version is ending. */
  | "old-version-ending"
  /** Another pod of the control plane changes first. */
  | "not-its-turn"
  /** The version before has only just been started. */
  | "version-starting"
  /** The pods that it comes after are not ready. */
  | "comes-after"
  /** The kubelet was upgraded and refuses it; withheld since the reboot. */
  | "kubelet-refuses"
  /** Files that it needs are missing or bad. */
  | "files-missing"
  /** Its source cannot be trusted to be whole. */
  | "source-unhealthy"
  /** Its source changed a moment ago, and is looked at again. */
  | "source-changing"
  /** It cannot be rendered from the config as it is now. */
  | "not-rendered"
  /** A person has stopped it. */
  | "stopped"
  /** A take-over holds it until the kubelet has let go of the pod of the same name. */
  | "held-for-take-over";
