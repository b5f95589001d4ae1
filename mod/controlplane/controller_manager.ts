/** kube-controller-manager. Flags, paths and probes as kubeadm sets them. */
import { CONTROLLER_MANAGER_POLICY } from "./argument_policy.ts";
import { type Arguments, argumentValue, formatArguments, mergeArguments } from "./arguments.ts";
import { componentDirectory, deniedProblems, imageOf } from "./component.ts";
import type { RenderContext, RenderedComponent } from "./context.ts";
import { type ResolvedKubeconfig, resolveKubeconfig } from "./kubeconfig_client.ts";
import { buildPod } from "./pod.ts";
import type { Requirement } from "./plan.ts";
import { livenessProbe, probeHost, startupProbe } from "./probes.ts";
import { authority, SecretFiles } from "./secret_files.ts";
import {
  extraVolume,
  extraVolumeRequirement,
  hostVolume,
  memoryVolume,
  type MountedVolume,
} from "./volumes.ts";

const COMPONENT = "kube-controller-manager";
/** Source: kubernetes cmd/kube-controller-manager, `KubeControllerManagerPort`. */
const PORT = 10257;

/** Renders kube-controller-manager. */
export function renderControllerManager(context: RenderContext): RenderedComponent {
  const { cluster } = context;
  const config = cluster.controllerManager;
  const secrets = new SecretFiles(COMPONENT, cluster);
  const kubeconfig = resolveKubeconfig(
    context,
    COMPONENT,
    config,
    "controller-manager",
    "system:kube-controller-manager",
  );
  const own = ownArguments(context, secrets, kubeconfig.path);
  const { merged: args, denied } = mergeArguments(own, config.extraArgs, CONTROLLER_MANAGER_POLICY);
  const signs = args["cluster-signing-key-file"] === own["cluster-signing-key-file"];
  const files = uniqueFiles(
    [...kubeconfig.files, ...secrets.copies]
      .filter((file) => signs || file.path !== own["cluster-signing-key-file"]),
  );
  const target = {
    host: probeHost(argumentValue(args, "bind-address") ?? ""),
    port: Number(argumentValue(args, "secure-port") ?? PORT),
    scheme: "HTTPS",
  } as const;
  return {
    plan: {
      component: COMPONENT,
      id: COMPONENT,
      pod: buildPod({
        component: COMPONENT,
        config,
        image: imageOf(context, COMPONENT, config.image),
        runAsNonRoot: cluster.runAsNonRoot,
        command: [COMPONENT, ...formatArguments(args)],
        volumes: volumes(context, secrets.directory, kubeconfig),
        probes: {
          livenessProbe: livenessProbe(target, "/healthz"),
          startupProbe: startupProbe(target, "/healthz"),
        },
        annotations: {},
      }),
      directories: files.length > 0 ? [componentDirectory(COMPONENT, cluster)] : [],
      files,
      requires: [
        authority(cluster, "ca"),
        authority(cluster, "front-proxy-ca"),
        ...signingKey(context, signs),
        { kind: "key", path: `${cluster.pkiDirectory}/sa.key` },
        ...kubeconfig.requires,
        ...config.extraVolumes.flatMap(extraVolumeRequirement),
      ],
      readAtStart: [
        `${cluster.pkiDirectory}/ca.crt`,
        `${cluster.pkiDirectory}/sa.key`,
        ...kubeconfig.sources,
      ],
    },
    problems: deniedProblems(denied),
  };
}

function ownArguments(context: RenderContext, secrets: SecretFiles, kubeconfig: string): Arguments {
  const { cluster } = context;
  const { podSubnets, serviceSubnets } = cluster.network;
  return {
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": context.loopback,
    "client-ca-file": secrets.pki("ca.crt"),
    "cluster-name": cluster.clusterName,
    "cluster-signing-cert-file": secrets.pki("ca.crt"),
    "cluster-signing-key-file": secrets.pki("ca.key"),
    "controllers": "*,bootstrapsigner,tokencleaner",
    kubeconfig,
    "leader-elect": "true",
    "requestheader-client-ca-file": secrets.pki("front-proxy-ca.crt"),
    "root-ca-file": secrets.pki("ca.crt"),
    "service-account-private-key-file": secrets.pki("sa.key"),
    "use-service-account-credentials": "true",
    ...(podSubnets.length === 0 ? {} : {
      "allocate-node-cidrs": "true",
      "cluster-cidr": podSubnets.join(","),
      "service-cluster-ip-range": serviceSubnets.join(","),
    }),
  };
}

/** The CA's key, unless the user took signing away from this component (an external CA). */
function signingKey(context: RenderContext, signs: boolean): readonly Requirement[] {
  const { pkiDirectory } = context.cluster;
  if (!signs) return [];
  return [{
    kind: "certificate",
    path: `${pkiDirectory}/ca.crt`,
    keyPath: `${pkiDirectory}/ca.key`,
  }];
}

function volumes(
  context: RenderContext,
  directory: string,
  kubeconfig: ResolvedKubeconfig,
): readonly MountedVolume[] {
  const { cluster } = context;
  const extra = cluster.controllerManager.extraVolumes.map(extraVolume);
  if (cluster.runAsNonRoot) {
    return [hostVolume("podstead", directory, "Directory"), memoryVolume("tmp", "/tmp"), ...extra];
  }
  return [
    hostVolume("k8s-certs", cluster.pkiDirectory, "Directory"),
    kubeconfig.inPlace
      ? hostVolume("kubeconfig", kubeconfig.path, "File")
      : hostVolume("podstead", directory, "Directory"),
    ...extra,
  ];
}

function uniqueFiles<T extends { readonly path: string }>(files: readonly T[]): readonly T[] {
  return [...new Map(files.map((file) => [file.path, file])).values()];
}
