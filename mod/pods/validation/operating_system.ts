/**
 * What a pod for one operating system may not set, and what a pod in a user
 * namespace may not share with its host.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation, `validateOS`, `validateLinux`,
 * `validateWindows`, `validateWindowsHostProcessPod`, `validateHostUsers`.
 */
import { forbidden, invalid, notSupported, required } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import { NIL_LIST } from "../types/mod.ts";
import type { PodSecurityContext, PodSpec, SecurityContext } from "../types/mod.ts";
import { allContainers } from "./containers/visit_containers.ts";

/** The rules of the pod's `os`, where it names one. */
export function validateOperatingSystem(
  spec: PodSpec,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const name = spec.os?.name;
  const place = path.child("os").child("name");
  switch (name) {
    case undefined:
      return;
    case "":
      issues.push(required(place));
      return;
    case "linux":
      return validateLinux(spec, path, issues);
    case "windows":
      return validateWindows(spec, path, issues);
    default:
      // The kubelet names the struct here, and its `name` only where that is missing.
      issues.push(notSupported(path.child("os").at("name"), name, ["linux", "windows"]));
  }
}

function validateLinux(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  const contexts = [
    { context: spec.securityContext, path },
    ...allContainers(spec, path).map((placed) => ({
      context: placed.container.securityContext,
      path: placed.path,
    })),
  ];
  for (const { context, path: place } of contexts) {
    if (context?.windowsOptions === undefined) continue;
    const windows = place.child("securityContext").child("windowsOptions");
    issues.push(forbidden(windows, "windows options cannot be set for a linux pod"));
  }
}

const NOT_FOR_WINDOWS = "cannot be set for a windows pod";

const POD_CONTEXT_LINUX_ONLY: readonly (keyof PodSecurityContext)[] = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "fsGroup",
  "fsGroupChangePolicy",
  "sysctls",
  "runAsUser",
  "runAsGroup",
  "supplementalGroups",
  "supplementalGroupsPolicy",
  "seLinuxChangePolicy",
];

const CONTEXT_LINUX_ONLY: readonly (keyof SecurityContext)[] = [
  "appArmorProfile",
  "seLinuxOptions",
  "seccompProfile",
  "capabilities",
  "readOnlyRootFilesystem",
  "privileged",
  "allowPrivilegeEscalation",
  "procMount",
  "runAsUser",
  "runAsGroup",
];

function validateWindows(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  const context = spec.securityContext;
  for (const name of POD_CONTEXT_LINUX_ONLY) {
    const value = context?.[name];
    if (value === undefined || value === NIL_LIST) continue;
    if (name === "sysctls" && context?.sysctls.length === 0) continue;
    issues.push(forbidden(path.child("securityContext").child(name), NOT_FOR_WINDOWS));
  }
  const sharing = [
    ["hostUsers", spec.hostUsers !== undefined],
    ["hostPID", spec.hostPID],
    ["hostIPC", spec.hostIPC],
    ["shareProcessNamespace", spec.shareProcessNamespace !== undefined],
  ] as const;
  for (const [name, isSet] of sharing) {
    if (isSet) issues.push(forbidden(path.child(name), NOT_FOR_WINDOWS));
  }
  for (const { container, path: place } of allContainers(spec, path)) {
    for (const name of CONTEXT_LINUX_ONLY) {
      if (container.securityContext?.[name] === undefined) continue;
      issues.push(forbidden(place.child("securityContext").child(name), NOT_FOR_WINDOWS));
    }
  }
}

/** Host process containers: all or none, and only on the host's network. */
export function validateHostProcess(spec: PodSpec, path: FieldPath, issues: PodIssue[]): void {
  const ofPod = spec.securityContext?.windowsOptions?.hostProcess;
  const containers = allContainers(spec, path);
  let hostProcesses = 0;
  for (const { container, path: place } of containers) {
    const own = container.securityContext?.windowsOptions?.hostProcess;
    if (ofPod !== undefined && own !== undefined && ofPod !== own) {
      const hostProcess = place.child("securityContext").child("windowsOptions").child(
        "hostProcess",
      );
      issues.push(
        invalid(hostProcess, own, `must be identical to the pod's hostProcess, which is ${ofPod}`),
      );
    }
    if (own ?? ofPod ?? false) hostProcesses += 1;
  }
  if (hostProcesses === 0) return;
  if (hostProcesses !== containers.length) {
    issues.push(
      invalid(path, "", "if one container is a hostProcess container, all containers must be"),
    );
  }
  if (!spec.hostNetwork) {
    issues.push(
      invalid(
        path.child("hostNetwork"),
        false,
        "must be true if the pod has hostProcess containers",
      ),
    );
  }
}

const WITHOUT_HOST_USERS = "when `hostUsers` is false";

/** A pod in a user namespace of its own shares no other namespace with the host. */
export function validateHostUsers(
  spec: PodSpec,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  if (spec.hostUsers !== false) return;
  if (spec.hostNetwork && !options.userNamespacesHostNetwork) {
    issues.push(forbidden(path.child("hostNetwork"), WITHOUT_HOST_USERS));
  }
  // The kubelet spells these two as Go does.
  for (const name of ["hostPID", "hostIPC"] as const) {
    if (!spec[name]) continue;
    const place = path.child(name).named(`${path}.H${name.slice(1)}`);
    issues.push(forbidden(place, WITHOUT_HOST_USERS));
  }
  if (!options.userNamespacesWithoutVolumeDevices) return;
  for (const { container, path: place } of allContainers(spec, path)) {
    if (container.volumeDevices.length === 0) continue;
    issues.push(forbidden(place.child("volumeDevices"), WITHOUT_HOST_USERS));
  }
}
