/**
 * The frame of a component: what all four have in common, around what each of
 * them says of itself.
 */
import { type Arguments, formatArguments } from "./arguments.ts";
import type { ClusterConfig, ComponentConfig } from "../config.ts";
import { type ConfigFile, configHash, formatConfigFile } from "./config_file.ts";
import type { ComponentProblem, RenderContext, RenderedComponent } from "../context.ts";
import { userId } from "../access/identity.ts";
import type { Component, ControlPlaneDirectory, ControlPlaneFile, Requirement } from "../plan.ts";
import { buildPod, CONFIG_HASH_ANNOTATION, type PodParts } from "./pod.ts";
import { readableBy } from "./secret_files.ts";
import {
  extraVolume,
  extraVolumeRequirement,
  hostVolume,
  memoryVolume,
  type MountedVolume,
} from "./volumes.ts";

/** What is peculiar to one component. */
export interface ComponentParts
  extends Pick<PodParts, "component" | "config" | "probes" | "capabilities"> {
  /** Where absent: the configured one, or the repository's at the cluster's version. */
  readonly image?: string;
  readonly args: Arguments;
  /** Annotations besides the hash of the config files. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Volumes besides its own directory, scratch space and the user's. */
  readonly volumes: readonly MountedVolume[];
  readonly configFiles?: readonly ConfigFile[];
  /** Further files of its own directory: copies of secrets, a kubeconfig. */
  readonly files: readonly ControlPlaneFile[];
  /** Directories besides its own. */
  readonly directories?: readonly ControlPlaneDirectory[];
  /** Requirements besides the user's volumes. */
  readonly requires: readonly Requirement[];
  readonly readAtStart: readonly string[];
  readonly problems: readonly ComponentProblem[];
}

/** Puts a component together. One without files of its own has no directory and mounts none. */
export function assembleComponent(
  context: RenderContext,
  parts: ComponentParts,
): RenderedComponent {
  const { cluster } = context;
  const { component, config, configFiles = [], directories = [] } = parts;
  const files = [...configFiles.map((file) => written(file, component, cluster)), ...parts.files];
  const own = files.length === 0 ? [] : [ownDirectory(component, cluster)];
  const hash = configHash(configFiles);
  return {
    plan: {
      component,
      id: component,
      earlierPods: [],
      pod: buildPod({
        ...parts,
        image: parts.image ?? imageOf(context, component, config),
        runAsNonRoot: cluster.runAsNonRoot,
        command: [component, ...formatArguments(parts.args)],
        volumes: [
          ...own.map(({ path }) => hostVolume("podstead", path, "Directory")),
          ...(userId(component, cluster.runAsNonRoot) === 0 ? [] : [memoryVolume("tmp", "/tmp")]),
          ...parts.volumes,
          ...config.extraVolumes.map(extraVolume),
        ],
        annotations: {
          ...parts.annotations,
          ...(hash === undefined ? {} : { [CONFIG_HASH_ANNOTATION]: hash }),
        },
      }),
      directories: [...own, ...directories],
      files,
      requires: [...parts.requires, ...config.extraVolumes.flatMap(extraVolumeRequirement)],
      readAtStart: parts.readAtStart,
    },
    problems: parts.problems,
  };
}

function imageOf(context: RenderContext, component: Component, config: ComponentConfig): string {
  return config.image ??
    `${context.cluster.imageRepository}/${component}:${context.version.text}`;
}

function written(
  file: ConfigFile,
  component: Component,
  cluster: ClusterConfig,
): ControlPlaneFile {
  return {
    path: file.path,
    content: formatConfigFile(file.value),
    ...readableBy(component, cluster),
  };
}

/** The directory of a component's files; it enters by its group, others do not look into it. */
function ownDirectory(component: Component, cluster: ClusterConfig): ControlPlaneDirectory {
  return {
    path: `${cluster.configDirectory}/${component}`,
    mode: 0o750,
    uid: 0,
    gid: userId(component, cluster.runAsNonRoot),
  };
}
