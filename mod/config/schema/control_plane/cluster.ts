/**
 * The schema of `cluster` as a whole: what is the same for all components, and
 * each component's own. With the files next to it, the only place of the control
 * plane's defaults.
 *
 * Names, shapes and the defaults Talos has: Talos machine config v1alpha1;
 * paths and the rest: kubeadm.
 */
import * as v from "valibot";
import type { ClusterConfig } from "../../../controlplane/mod.ts";
import type { JsonObject } from "../../../core/mod.ts";
import { setting } from "../leaf.ts";
import { apiServer } from "./api_server.ts";
import type { Assignable } from "./assignable.ts";
import { controllerManager } from "./controller_manager.ts";
import { etcd, externalEtcd } from "./etcd.ts";
import { scheduler } from "./scheduler.ts";
import { absolutePath, httpUrl, kubernetesVersion, port, subnets } from "./values.ts";

const cluster = v.strictObject({
  kubernetesVersion: setting(
    v.optional(kubernetesVersion),
    "Version of the components, such as v1.36.2; taken from apiServer.image where absent",
  ),
  imageRepository: setting(
    v.optional(v.pipe(v.string(), v.nonEmpty()), "registry.k8s.io"),
    "Where the default images come from",
  ),
  clusterName: setting(v.optional(v.string(), "kubernetes"), "Name of the cluster"),
  controlPlane: setting(
    v.optional(
      v.strictObject({
        endpoint: setting(v.optional(httpUrl), "URL under which the cluster is known"),
        localAPIServerPort: setting(v.optional(port, 6443), "Port of the API server"),
      }),
      {},
    ),
    "How the API server is reached",
  ),
  advertiseAddress: setting(
    v.optional(v.pipe(v.string(), v.ip("Expected an IP address"))),
    "Address the API server and etcd advertise; agent.node.address where absent",
  ),
  network: setting(
    v.optional(
      v.strictObject({
        dnsDomain: setting(v.optional(v.string(), "cluster.local"), "DNS domain of the cluster"),
        podSubnets: setting(
          v.optional(subnets, ["10.244.0.0/16"]),
          "CIDRs from which nodes get their pod addresses; an empty list leaves that to the network plugin",
        ),
        serviceSubnets: setting(
          v.optional(v.pipe(subnets, v.minLength(1, "Expected at least one CIDR")), [
            "10.96.0.0/12",
          ]),
          "CIDRs of service addresses",
        ),
      }),
      {},
    ),
    "Address ranges",
  ),
  pkiDirectory: setting(
    v.optional(absolutePath, "/etc/kubernetes/pki"),
    "Certificates and keys in kubeadm's layout; podstead only reads them",
  ),
  kubeconfigDirectory: setting(
    v.optional(absolutePath, "/etc/kubernetes"),
    "Where controller-manager.conf and scheduler.conf are; podstead only reads them",
  ),
  configDirectory: setting(
    v.optional(absolutePath, "/etc/podstead/control-plane"),
    "Where podstead writes the components' files",
  ),
  runAsNonRoot: setting(
    v.optional(v.boolean(), true),
    "true: each as a user of its own, no capabilities, read-only root, with copies of the certificates it needs; false: root on pkiDirectory itself, as kubeadm does",
  ),
  apiServer: setting(v.optional(apiServer, {}), "kube-apiserver"),
  controllerManager: setting(v.optional(controllerManager, {}), "kube-controller-manager"),
  scheduler: setting(v.optional(scheduler, {}), "kube-scheduler"),
  etcd: setting(v.optional(etcd), "Present: run a local etcd member as a fourth pod"),
  externalEtcd: setting(
    v.optional(externalEtcd),
    "An etcd that podstead does not run; https://127.0.0.1:2379 with kubeadm's certificates where neither is given",
  ),
  secretboxEncryptionSecret: setting(
    v.optional(v.string()),
    "Base64 key (32 bytes) with which Secrets are encrypted in etcd",
  ),
  aescbcEncryptionSecret: setting(
    v.optional(v.string()),
    "Older base64 key that must still be read; it encrypts only where secretbox is absent",
  ),
});

const pairedFiles = <T extends { clientCertificate?: unknown; clientKey?: unknown }>(value: T) =>
  (value.clientCertificate === undefined) === (value.clientKey === undefined);

/** `cluster`: present means that this node runs a control plane. */
export const clusterSchema = v.pipe(
  cluster,
  v.check(
    (value) => value.etcd === undefined || value.externalEtcd === undefined,
    "Expected one of etcd and externalEtcd, both are given",
  ),
  v.check(
    (value) => pairedFiles(value.controllerManager) && pairedFiles(value.scheduler),
    "Expected clientCertificate and clientKey together, only one is given",
  ),
  v.description("The control plane this node runs, with Talos's names"),
);

/** Settings of `cluster` with every default. @throws where they do not fit the schema */
export function parseCluster(settings: JsonObject): ClusterConfig {
  return v.parse(clusterSchema, settings);
}

/** The schema and the type that rendering reads must not drift apart: only ever checked. */
export type ClusterSchemaFits = Assignable<ClusterConfig, v.InferOutput<typeof clusterSchema>>;
