/** kube-controller-manager. Flags, paths and probes as kubeadm sets them. */
import { CONTROLLER_MANAGER_POLICY } from "./argument_policy.ts";
import type { Arguments } from "./arguments.ts";
import { assembleComponent } from "./component.ts";
import { componentArguments } from "./component_arguments.ts";
import { componentVersion, type RenderContext, type RenderedComponent } from "../context.ts";
import { resolveKubeconfig } from "./kubeconfig_client.ts";
import type { Requirement } from "../plan.ts";
import { livenessProbe, secureTarget, startupProbe } from "./probes.ts";
import { authority, SecretFiles } from "./secret_files.ts";

const COMPONENT = "kube-controller-manager";
/** Source: kubernetes cmd/kube-controller-manager, `KubeControllerManagerPort`. */
const PORT = 10257;

/** Renders kube-controller-manager. */
export function renderControllerManager(context: RenderContext): RenderedComponent {
  const { cluster } = context;
  const config = cluster.controllerManager;
  const secrets = new SecretFiles(COMPONENT, cluster);
  const kubeconfig = resolveKubeconfig(context, config, secrets);
  const own = ownArguments(context, secrets, kubeconfig.path);
  const { args, problems } = componentArguments({
    own,
    extraArgs: config.extraArgs,
    policy: CONTROLLER_MANAGER_POLICY,
    rules: {
      component: COMPONENT,
      minor: componentVersion(context, config).minor,
      allowUnknown: context.allowUnknownFlags,
    },
  });
  const caKey = own["cluster-signing-key-file"];
  const signs = args["cluster-signing-key-file"] === caKey;
  const target = secureTarget(args, { port: PORT });
  return assembleComponent(context, {
    component: COMPONENT,
    config,
    args,
    probes: {
      livenessProbe: livenessProbe(target, "/healthz"),
      startupProbe: startupProbe(target, "/healthz", context.defaults),
    },
    volumes: [...secrets.pkiVolumes, ...kubeconfig.volumes],
    files: [
      ...kubeconfig.files,
      ...secrets.copies.filter((file) => signs || file.path !== caKey),
    ],
    requires: [
      authority(cluster, "ca"),
      authority(cluster, "front-proxy-ca"),
      ...signingKey(context, signs),
      { kind: "key", path: `${cluster.pkiDirectory}/sa.key` },
      ...kubeconfig.requires,
    ],
    readAtStart: [
      `${cluster.pkiDirectory}/ca.crt`,
      `${cluster.pkiDirectory}/sa.key`,
      ...kubeconfig.readAtStart,
    ],
    problems,
  });
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
