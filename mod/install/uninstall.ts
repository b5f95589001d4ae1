import { readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../os/mod.ts";
import { type ExecuteDeps, runCommand, runStep, stepError } from "./execute.ts";
import { groupNames } from "./facts.ts";
import type { KeepPodStep } from "./kept_pods.ts";
import { LAYOUT } from "./layout.ts";
import { nodeFiles } from "../os/mod.ts";
import type { InstallRecord } from "./record.ts";
import type { CommandStep } from "./step.ts";

/** One thing that `uninstall` does. */
export type RemovalStep =
  | KeepPodStep
  | { readonly kind: "remove-file"; readonly path: string }
  | { readonly kind: "remove-directory"; readonly path: string; readonly withContent: boolean }
  | { readonly kind: "remove-group"; readonly name: string }
  | CommandStep;

/** What `uninstall` will do and what it leaves. */
export interface RemovalPlan {
  readonly steps: readonly RemovalStep[];
  readonly notes: readonly string[];
}

/** What decides about an uninstallation. */
export interface UninstallOptions {
  /** Removes what the administrator changed as well. */
  readonly purge: boolean;
  readonly live: boolean;
  /** Whether a package owns the service itself: then only the kubelet's link is taken back. */
  readonly packaged: boolean;
  /** Files of the record that differ from what was written, or are gone. */
  readonly changed: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  /** Pods to hand over to the kubelet's own directory, see `keepPodSteps`. */
  readonly keep: readonly KeepPodStep[];
}

/**
 * Takes back what the record says, in the reverse order: the kubelet first, so
 * that it never asks an endpoint that is no longer there.
 */
export function planUninstall(record: InstallRecord, options: UninstallOptions): RemovalPlan {
  const { live, purge, changed, gone, packaged } = options;
  const mine = record.files.filter((file) => !gone.has(file.path));
  const kept = mine.filter((file) =>
    file.policy === "seed" && changed.has(file.path) && !purge && file.path !== LAYOUT.token
  );
  const removed = mine.filter((file) => !kept.includes(file));
  const isLink = (path: string) =>
    path.endsWith(`/${LAYOUT.kubeletDropIn}`) || path === LAYOUT.kubeletEnvironment ||
    path === LAYOUT.kubeletUnitDropIn;
  // Named by a flag that is not ours, it must stay: a kubelet does not start without it.
  const isNamedByOthers = (directory: string) =>
    record.files.some(({ path }) => path === `${directory}/${LAYOUT.kubeletDropIn}`) &&
    !record.files.some(({ path }) => path === LAYOUT.kubeletEnvironment);
  const keptDirectories = record.directories.filter(isNamedByOthers);
  const links = removed.filter((file) => isLink(file.path));
  const rest = removed.filter((file) => !isLink(file.path));
  const systemctl = (args: readonly string[], why: string, optional = false): CommandStep => ({
    kind: "command",
    argv: ["systemctl", ...args],
    why,
    optional,
  });
  const removeFile = (file: { readonly path: string }): RemovalStep => ({
    kind: "remove-file",
    path: file.path,
  });
  const steps: RemovalStep[] = [
    ...options.keep,
    ...links.map(removeFile),
    ...(links.length > 0 && live
      ? [
        systemctl(["daemon-reload"], "make systemd read the units"),
        systemctl(["try-restart", "kubelet.service"], "make the kubelet forget podstead", true),
      ]
      : []),
    ...(record.enabled && !packaged
      ? [
        live
          ? systemctl(
            ["disable", "--now", LAYOUT.socketName, LAYOUT.unitName],
            "stop it for good",
            true,
          )
          : systemctl(
            ["disable", LAYOUT.socketName, LAYOUT.unitName],
            "start it no more",
            true,
          ),
      ]
      : []),
    ...rest.map(removeFile),
    ...[...record.directories].reverse()
      .filter((path) => path !== LAYOUT.stateDirectory && !keptDirectories.includes(path))
      .map((path): RemovalStep => ({
        kind: "remove-directory",
        path,
        withContent: purge && path === LAYOUT.configDirectory,
      })),
    ...record.groups.map((name): RemovalStep => ({ kind: "remove-group", name })),
    ...(live && record.files.some((file) => file.path === LAYOUT.unit)
      ? [systemctl(["daemon-reload"], "make systemd forget the unit", true)]
      : []),
    // Last, because the record is in it. The state belongs to the agent alone.
    record.directories.includes(LAYOUT.stateDirectory)
      ? { kind: "remove-directory", path: LAYOUT.stateDirectory, withContent: true }
      : removeFile({ path: LAYOUT.record }),
  ];
  return {
    steps,
    notes: [
      ...kept.map((file) => `${file.path} was changed after it was written and is kept`),
      ...keptDirectories.map((path) =>
        `${path} is kept: a kubelet whose command names it does not start without it`
      ),
      ...(rest.some(({ path }) => path === LAYOUT.credentialProvider) &&
          !links.some(({ path }) => path === LAYOUT.kubeletEnvironment)
        ? [
          `If the kubelet was given --image-credential-provider-config=${LAYOUT.credentialProvider} ` +
          "by hand, take that flag back: without the file it does not start",
        ]
        : []),
    ],
  };
}

/** Compares the record with the node: which of its files were changed, which are gone. */
export async function inspectRecord(
  root: string,
  record: InstallRecord,
): Promise<{ changed: ReadonlySet<string>; gone: ReadonlySet<string> }> {
  const files = nodeFiles(root);
  const changed = new Set<string>();
  const gone = new Set<string>();
  for (const { path, sha256 } of record.files) {
    const status = await files.status(path);
    if (status === undefined) gone.add(path);
    else if (status.sha256 !== sha256) changed.add(path);
  }
  return { changed, gone };
}

/** What `executeUninstall` needs of the world. */
export interface RemovalDeps extends Omit<ExecuteDeps, "onStep"> {
  readonly onStep: (step: RemovalStep) => unknown;
}

/**
 * Carries a removal out. Directories that hold files of others stay.
 *
 * @throws {PodsteadError} at the first step that fails
 */
export async function executeUninstall(plan: RemovalPlan, deps: RemovalDeps): Promise<void> {
  const { root, onStep, run = runCommand } = deps;
  for (const step of plan.steps) {
    await onStep(step);
    try {
      switch (step.kind) {
        case "keep-pod":
          await writeFileAtomic(join(root, step.path), step.text, 0o600);
          break;
        case "remove-file":
          await rm(join(root, step.path), { force: true });
          break;
        case "remove-directory": {
          const path = join(root, step.path);
          if (step.withContent) await rm(path, { recursive: true, force: true });
          else if ((await readdir(path).catch(() => ["absent"])).length === 0) await rmdir(path);
          break;
        }
        case "remove-group":
          if (!(await groupNames(nodeFiles(root))).has(step.name)) break;
          await run(["groupdel", ...(root === "/" ? [] : ["--prefix", root]), step.name]);
          break;
        case "command":
          await runStep(root === "/" ? step : inRoot(step, root), run);
          break;
      }
    } catch (error) {
      throw stepError(
        step.kind === "command" ? step : { kind: "command", argv: ["rm", nameOf(step)], why: "" },
        error,
      );
    }
  }
}

function inRoot(step: CommandStep, root: string): CommandStep {
  const [command, ...args] = step.argv;
  return { ...step, argv: [command, `--root=${root}`, ...args] };
}

function nameOf(step: Exclude<RemovalStep, CommandStep>): string {
  return step.kind === "remove-group" ? step.name : step.path;
}
