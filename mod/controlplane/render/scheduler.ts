/** kube-scheduler. Flags, paths and probes as kubeadm sets them. */
import { SCHEDULER_POLICY } from "./argument_policy.ts";
import type { Arguments } from "./arguments.ts";
import { assembleComponent } from "./component.ts";
import { componentArguments } from "./component_arguments.ts";
import type { ConfigFile } from "./config_file.ts";
import { schedulerConfig } from "./config_kinds.ts";
import {
  type ComponentProblem,
  componentVersion,
  type RenderContext,
  type RenderedComponent,
} from "../context.ts";
import { resolveKubeconfig } from "./kubeconfig_client.ts";
import { livenessProbe, readinessProbe, secureTarget, startupProbe } from "./probes.ts";
import { SecretFiles } from "./secret_files.ts";

const COMPONENT = "kube-scheduler";
/** Source: kubernetes pkg/scheduler/apis/config, `DefaultKubeSchedulerPort`. */
const PORT = 10259;

/** Renders kube-scheduler. */
export function renderScheduler(context: RenderContext): RenderedComponent {
  const config = context.cluster.scheduler;
  const secrets = new SecretFiles(COMPONENT, context.cluster);
  const kubeconfig = resolveKubeconfig(context, config, secrets);
  const value = schedulerConfig(config, kubeconfig.path);
  const configFiles: readonly ConfigFile[] = value === undefined ? [] : [{
    flag: "config",
    path: `${secrets.directory}/scheduler-config.yaml`,
    value,
    setting: "cluster.scheduler.config",
    reloaded: false,
  }];
  const hasConfigFile = configFiles.length > 0;
  const { args, problems } = componentArguments({
    own: ownArguments(context, kubeconfig.path, hasConfigFile),
    extraArgs: config.extraArgs,
    policy: SCHEDULER_POLICY,
    rules: {
      component: COMPONENT,
      minor: componentVersion(context, config).minor,
      allowUnknown: context.allowUnknownFlags,
    },
    configFiles,
  });
  const target = secureTarget(args, { port: PORT });
  return assembleComponent(context, {
    component: COMPONENT,
    config,
    args,
    probes: {
      livenessProbe: livenessProbe(target, "/livez"),
      readinessProbe: readinessProbe(target, "/readyz"),
      startupProbe: startupProbe(target, "/livez", context.defaults),
    },
    volumes: kubeconfig.volumes,
    configFiles,
    files: [...kubeconfig.files, ...secrets.copies],
    requires: kubeconfig.requires,
    readAtStart: kubeconfig.readAtStart,
    problems: hasConfigFile ? withIgnored(problems, config.extraArgs) : problems,
  });
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

/** That a flag is ignored says more than that it is deprecated. */
function withIgnored(
  problems: readonly ComponentProblem[],
  extraArgs: Arguments,
): readonly ComponentProblem[] {
  const ignored = Object.entries(IGNORED_WITH_CONFIG)
    .filter(([flag]) => Object.hasOwn(extraArgs, flag))
    .map(([flag, setting]): ComponentProblem => ({
      severity: "warning",
      code: "argument-ignored",
      setting: ["extraArgs", flag],
      message: `kube-scheduler ignores "${flag}" because it has a config file`,
      hint: `Set ${setting} in cluster.scheduler.config instead`,
    }));
  const others = problems.filter(({ code, setting }) =>
    code !== "argument-deprecated" || !Object.hasOwn(IGNORED_WITH_CONFIG, setting[1] ?? "")
  );
  return [...others, ...ignored];
}

function ownArguments(
  context: RenderContext,
  kubeconfig: string,
  hasConfigFile: boolean,
): Arguments {
  return {
    "authentication-kubeconfig": kubeconfig,
    "authorization-kubeconfig": kubeconfig,
    "bind-address": context.loopback,
    // A leader-elect flag would win over the file; the file's default is the same.
    ...(hasConfigFile ? {} : { kubeconfig, "leader-elect": "true" }),
  };
}
