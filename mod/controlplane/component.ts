/** What the renderers of the components share. */
import { posix } from "node:path";
import type { DeniedArgument } from "./arguments.ts";
import type { ClusterConfig } from "./config.ts";
import type { ComponentProblem, RenderContext } from "./context.ts";
import { userId } from "./identity.ts";
import type { Component, ControlPlaneDirectory } from "./plan.ts";
import { type ComponentVersion, imageTag, parseKubernetesVersion } from "./version.ts";
import { hostVolume, type MountedVolume } from "./volumes.ts";

/** The image of a component: the configured one, or the repository's at the cluster's version. */
export function imageOf(
  context: RenderContext,
  component: Component,
  image: string | undefined,
): string {
  return image ?? `${context.cluster.imageRepository}/${component}:${context.version.text}`;
}

/** The version of one component: its own image's tag counts, so that upgrades can go one by one. */
export function versionOf(context: RenderContext, image: string | undefined): ComponentVersion {
  const tag = image === undefined ? undefined : imageTag(image);
  return (tag === undefined ? undefined : parseKubernetesVersion(tag)) ?? context.version;
}

/** Refused flags, as problems. */
export function deniedProblems(denied: readonly DeniedArgument[]): readonly ComponentProblem[] {
  return denied.map(({ flag, reason }) => ({
    severity: "error",
    code: "argument-denied",
    setting: ["extraArgs", flag],
    message: `Argument "${flag}" cannot be set here: ${reason}`,
    hint: `Remove "${flag}" from extraArgs`,
  }));
}

/** The directory of a component's files; it enters by its group, others do not look into it. */
export function componentDirectory(
  component: Component,
  cluster: ClusterConfig,
): ControlPlaneDirectory {
  return {
    path: `${cluster.configDirectory}/${component}`,
    mode: 0o750,
    uid: 0,
    gid: userId(component, cluster.runAsNonRoot),
  };
}

/** Mounts for the directories of files that lie outside of the PKI directory. */
export function externalVolumes(
  pkiDirectory: string,
  files: readonly string[],
  name: string,
): readonly MountedVolume[] {
  const directories = [...new Set(files.map((file) => posix.dirname(file)))].sort();
  return directories
    .filter((directory) => directory !== pkiDirectory && !directory.startsWith(`${pkiDirectory}/`))
    .map((directory, index) => hostVolume(`${name}-${index}`, directory, "Directory"));
}
