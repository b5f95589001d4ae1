/**
 * The schemas of the Talos 1.14 documents that stand for one component each. They
 * have no defaults: what they leave out is what `cluster` says.
 */
import * as v from "valibot";
import type { ControlPlaneDocument } from "../../../controlplane/mod.ts";
import { setting } from "../leaf.ts";
import type { Assignable } from "./assignable.ts";
import { env, extraArgs, resources } from "./component.ts";
import { jsonObject, port } from "./values.ts";

const documentHead = {
  apiVersion: setting(v.literal("v1alpha1"), "Version of the document"),
  image: setting(v.optional(v.pipe(v.string(), v.nonEmpty())), "Container image"),
  extraArgs: setting(v.optional(extraArgs), "Command line flags without dashes"),
  env: setting(v.optional(env), "Environment variables"),
  resources: setting(v.optional(resources), "Requests and limits"),
};
const enabled = setting(v.optional(v.boolean()), "false: this node does without it");

const kubeAPIServerConfigSchema = v.pipe(
  v.strictObject({
    kind: setting(v.literal("KubeAPIServerConfig"), "Kind of the document"),
    ...documentHead,
    apiPort: setting(v.optional(port), "Port of the API server"),
    certExtraSANs: setting(
      v.optional(v.array(v.string())),
      "Further names and addresses the serving certificate must have",
    ),
    startupProbes: setting(v.optional(v.boolean()), "Whether there is a startup probe"),
  }),
  v.description("kube-apiserver, as a Talos 1.14 document"),
);

const kubeControllerManagerConfigSchema = v.pipe(
  v.strictObject({
    kind: setting(v.literal("KubeControllerManagerConfig"), "Kind of the document"),
    ...documentHead,
    enabled,
  }),
  v.description("kube-controller-manager, as a Talos 1.14 document"),
);

const kubeSchedulerConfigSchema = v.pipe(
  v.strictObject({
    kind: setting(v.literal("KubeSchedulerConfig"), "Kind of the document"),
    ...documentHead,
    enabled,
    config: setting(v.optional(jsonObject), "Body of a KubeSchedulerConfiguration"),
  }),
  v.description("kube-scheduler, as a Talos 1.14 document"),
);

/** The control plane documents by their `kind`. */
export const controlPlaneDocumentSchemas = {
  KubeAPIServerConfig: kubeAPIServerConfigSchema,
  KubeControllerManagerConfig: kubeControllerManagerConfigSchema,
  KubeSchedulerConfig: kubeSchedulerConfigSchema,
} as const;

/** The schemas and the types that rendering reads must not drift apart: only ever checked. */
export type DocumentSchemasFit = Assignable<
  ControlPlaneDocument,
  v.InferOutput<
    (typeof controlPlaneDocumentSchemas)[keyof typeof controlPlaneDocumentSchemas]
  >
>;
