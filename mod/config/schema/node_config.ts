/** The schema of a node config, the first document of the config file. */
import * as v from "valibot";
import { agentSchema } from "./agent.ts";
import { clusterSchema } from "./control_plane/cluster.ts";
import { controlPlaneSchema } from "./control_plane/machine.ts";
import { group, listOf, setting } from "./leaf.ts";

const machineSchema = group({
  type: setting(
    v.optional(v.string("Expected controlplane or worker")),
    "Talos's role of the node. On a worker, cluster renders no pods",
  ),
  pods: setting(
    v.optional(
      listOf(
        v.custom<unknown>(() => true),
        'Pods, each beginning with "- "',
      ),
      [],
    ),
    "Static pods: Pod objects (v1) as the kubelet takes them",
  ),
  controlPlane: setting(
    v.optional(controlPlaneSchema, {}),
    "Which control plane components this node does without",
  ),
});

/** The whole node config. */
export const nodeConfigSchema = group({
  version: setting(
    v.optional(v.string("Expected v1alpha1")),
    "Talos's version of the config, not used",
  ),
  machine: setting(v.optional(machineSchema, {}), "What this node runs"),
  agent: setting(v.optional(agentSchema, {}), "podstead's own settings"),
  cluster: setting(
    v.optional(clusterSchema),
    "Present: this node runs a control plane, rendered from here",
  ),
});

/** A node config as the schema gives it, with every default filled in. */
export type NodeConfig = v.InferOutput<typeof nodeConfigSchema>;
