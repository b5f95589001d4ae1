/** What all components of the control plane can be told. */
import * as v from "valibot";
import { setting } from "../leaf.ts";
import { absolutePath, textLike } from "./values.ts";

/** Command line flags by name; a list for one that is given several times. */
export const extraArgs = v.record(
  v.pipe(v.string(), v.regex(/^[a-z][a-z0-9.-]*$/, "Expected a flag name without dashes before")),
  v.union(
    [textLike, v.pipe(v.array(textLike), v.readonly())],
    "Expected a string or a list of them",
  ),
);

/** Environment variables by name. */
export const env = v.record(v.string(), textLike);

const quantities = v.record(v.string(), textLike);

/** What the node sets aside for a component, and what it may use. */
export const resources = v.strictObject({
  requests: setting(v.optional(quantities), "What the node sets aside, such as cpu: 200m"),
  limits: setting(
    v.optional(quantities),
    "What the component may use at most; a memory limit also sets GOMEMLIMIT to 95 % of it",
  ),
});

const extraVolume = v.strictObject({
  hostPath: setting(absolutePath, "Path on the node; the pod is held back until it exists"),
  mountPath: setting(absolutePath, "Path inside the container"),
  readonly: setting(v.optional(v.boolean(), false), "Whether the component may only read it"),
  name: setting(
    v.optional(v.string()),
    "Name of the volume; made of mountPath where absent",
  ),
  pathType: setting(
    v.optional(
      v.picklist([
        "Directory",
        "DirectoryOrCreate",
        "File",
        "FileOrCreate",
        "Socket",
        "CharDevice",
        "BlockDevice",
      ]),
    ),
    "hostPath type that the kubelet checks; with DirectoryOrCreate or FileOrCreate the path need not exist",
  ),
});

/** The settings that every component has; each adds its own `resources`. */
export const component = {
  image: setting(
    v.optional(v.pipe(v.string(), v.nonEmpty())),
    "Container image; <imageRepository>/<component>:<kubernetesVersion> where absent",
  ),
  extraArgs: setting(
    v.optional(extraArgs, {}),
    "Command line flags without dashes, each a string or a list; flags that podstead must set itself are refused",
  ),
  extraVolumes: setting(v.optional(v.array(extraVolume), []), "Paths of the node to mount"),
  env: setting(v.optional(env, {}), "Environment variables"),
};

/** The settings of a component that reads a kubeconfig. */
export const kubeconfigClient = {
  kubeconfig: setting(
    v.optional(absolutePath),
    "Finished kubeconfig to use; kubeadm's file in kubeconfigDirectory where absent",
  ),
  clientCertificate: setting(
    v.optional(absolutePath),
    "Client certificate around which podstead builds the kubeconfig itself; needs clientKey",
  ),
  clientKey: setting(v.optional(absolutePath), "Private key of clientCertificate"),
};
