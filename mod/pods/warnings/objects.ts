/** Warnings on what pods take from the node's ConfigMaps and Secrets. */
import type { WarningRule } from "./rule.ts";

/** Found where references are resolved, not in the pod alone. */
const find = () => undefined;

/** A Secret's value that many can read. */
export const SECRET_IN_ENV: WarningRule = {
  name: "secret-in-env",
  type: "Discouraged",
  fields: ["spec.containers.env.valueFrom.secretKeyRef", "spec.containers.envFrom.secretRef"],
  about:
    "A value of a Secret in an environment: it is in the served list, the kubelet's /pods and " +
    "the container runtime, and in an API server for everyone who may read pods, where the pod is " +
    "refused therefore.",
  hint: "Mount the Secret as a volume, and let the program read the file; annotate the pod with " +
    "podstead.dev/secret-env: allow if that is meant",
  find,
};

/** Keys that a whole object does not give to an environment. */
export const ENV_NAME_SKIPPED: WarningRule = {
  name: "env-name-skipped",
  type: "Discouraged",
  fields: ["spec.containers.envFrom"],
  about: "Keys of a ConfigMap or Secret that are no names of variables, such as those that begin " +
    "with a digit: `envFrom` leaves them out.",
  hint: "Rename them, or take them one by one with env and valueFrom",
  find,
};

/** An invalid login for a registry. */
export const PULL_SECRET_UNUSABLE: WarningRule = {
  name: "pull-secret-unusable",
  type: "Discouraged",
  fields: ["spec.imagePullSecrets"],
  about: "A Secret in `imagePullSecrets` that holds no login for a registry.",
  hint: "Make it with: kubectl create secret docker-registry NAME --dry-run=client -o yaml",
  find,
};

/** All of them. */
export const OBJECT_RULES: readonly WarningRule[] = [
  SECRET_IN_ENV,
  ENV_NAME_SKIPPED,
  PULL_SECRET_UNUSABLE,
];
