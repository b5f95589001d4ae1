/** kube-scheduler. Flags, paths and probes as kubeadm sets them. */
import { SCHEDULER_POLICY, withDenied } from "./argument_policy.ts";
import { type Arguments, argumentValue, formatArguments, mergeArguments } from "./arguments.ts";
import { componentDirectory, deniedProblems, imageOf } from "./component.ts";
import { formatConfigFile, schedulerConfig } from "./config_files.ts";
import type { ComponentProblem, RenderContext, RenderedComponent } from "./context.ts";
import { type ResolvedKubeconfig, resolveKubeconfig } from "./kubeconfig_client.ts";
import type { ControlPlaneFile } from "./plan.ts";
import { buildPod, CONFIG_HASH_ANNOTATION, contentHash } from "./pod.ts";
import { livenessProbe, probeHost, readinessProbe, startupProbe } from "./probes.ts";
import { readableBy } from "./secret_files.ts";
import {
  extraVolume,
  extraVolumeRequirement,
  hostVolume,
  memoryVolume,
  type MountedVolume,
} from "./volumes.ts";

const COMPONENT = "kube-scheduler";
/** Source: kubernetes pkg/scheduler/apis/config, `DefaultKubeSchedulerPort`. */
const PORT = 10259;

/** Renders kube-scheduler. */
export function renderScheduler(context: RenderContext): RenderedComponent {
  const { cluster } = context;
  const config = cluster.scheduler;
  const directory = `${cluster.configDirectory}/${COMPONENT}`;
  const kubeconfig = resolveKubeconfig(
    context,
    COMPONENT,
    config,
    "scheduler",
    "system:kube-scheduler",
  );
  const fileValue = schedulerConfig(config, kubeconfig.path);
  const written: readonly ControlPlaneFile[] = fileValue === undefined ? [] : [{
    path: `${directory}/scheduler-config.yaml`,
    content: formatConfigFile(fileValue),
    ...readableBy(COMPONENT, cluster),
  }];
  const policy = written.length === 0
    ? SCHEDULER_POLICY
    : withDenied(SCHEDULER_POLICY, { config: "set cluster.scheduler.config instead" });
  const own = ownArguments(context, kubeconfig.path, written[0]?.path);
  const { merged: args, denied } = mergeArguments(own, config.extraArgs, policy);
  const files = [...written, ...kubeconfig.files];
  const hash = contentHash(written);
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
        volumes: volumes(context, directory, kubeconfig, written.length > 0),
        probes: {
          livenessProbe: livenessProbe(target, "/livez"),
          readinessProbe: readinessProbe(target, "/readyz"),
          startupProbe: startupProbe(target, "/livez"),
        },
        annotations: hash === undefined ? {} : { [CONFIG_HASH_ANNOTATION]: hash },
      }),
      directories: files.length > 0 ? [componentDirectory(COMPONENT, cluster)] : [],
      files,
      requires: [
        ...kubeconfig.requires,
        ...config.extraVolumes.flatMap(extraVolumeRequirement),
      ],
      readAtStart: kubeconfig.sources,
    },
    problems: [
      ...deniedProblems(denied),
      ...(written.length === 0 ? [] : ignoredProblems(config.extraArgs)),
    ],
  };
}

/**
 * Flags that the scheduler ignores as soon as it has a config file.
 *
 * Source: kubernetes cmd/kube-scheduler/app/options, `ApplyDeprecated`.
 */
const IGNORED_WITH_CONFIG: Readonly<Record<string, string>> = {
  "profiling": "enableProfiling",
  "contention-profiling": "enableContentionProfiling",
  "kube-api-content-type": "clientConnection.contentType",
  "kube-api-qps": "clientConnection.qps",
  "kube-api-burst": "clientConnection.burst",
};

function ignoredProblems(extraArgs: Arguments): readonly ComponentProblem[] {
  return Object.entries(IGNORED_WITH_CONFIG)
    .filter(([flag]) => Object.hasOwn(extraArgs, flag))
    .map(([flag, setting]) => ({
      severity: "warning",
      code: "argument-ignored",
      setting: ["extraArgs", flag],
      message: `kube-scheduler ignores "${flag}" because it has a config file`,
      hint: `Set ${setting} in cluster.scheduler.config instead`,
    }));
}

function ownArguments(
  context: RenderContext,
  kubeconfig: string,
  configFile: string | undefined,
): Arguments {
  return {
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": context.loopback,
    ...(configFile === undefined
      ? { kubeconfig, "leader-elect": "true" }
      // A leader-elect flag would win over the file; the file's default is the same.
      : { config: configFile }),
  };
}

function volumes(
  context: RenderContext,
  directory: string,
  kubeconfig: ResolvedKubeconfig,
  hasConfigFile: boolean,
): readonly MountedVolume[] {
  const { cluster } = context;
  const extra = cluster.scheduler.extraVolumes.map(extraVolume);
  if (cluster.runAsNonRoot) {
    return [hostVolume("podstead", directory, "Directory"), memoryVolume("tmp", "/tmp"), ...extra];
  }
  return [
    ...(kubeconfig.inPlace ? [hostVolume("kubeconfig", kubeconfig.path, "File")] : []),
    ...(!kubeconfig.inPlace || hasConfigFile
      ? [hostVolume("podstead", directory, "Directory")]
      : []),
    ...extra,
  ];
}
