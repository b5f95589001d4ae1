/**
 * The security context of a whole pod, sysctls included.
 *
 * Source: kubernetes 1.36 and 1.37 pkg/apis/core/validation, `validatePodSpecSecurityContext`;
 * the kernel namespaces are those of k8s.io/component-helpers node/util/sysctl.
 */
import { duplicate, invalid, notSupported, required } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";
import type { RuleOptions } from "../rules.ts";
import type { PodSecurityContext, PodSpec } from "../types/mod.ts";
import {
  validateAppArmorProfileField,
  validateSeccompProfileField,
  validateWindowsSecurityContextOptions,
} from "./containers/container_security.ts";
import { byteLength, pushInvalid, userId } from "./names.ts";

/** The pod's security context with the host namespaces next to it, `specPath` being `spec`. */
export function validatePodSecurityContext(
  spec: PodSpec,
  specPath: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const context = spec.securityContext;
  if (context === undefined) return;
  const path = specPath.child("securityContext");
  validateIds(context, path, issues);
  if (spec.shareProcessNamespace === true && spec.hostPID) {
    const place = specPath.child("shareProcessNamespace");
    // Up to 1.36 the kubelet keeps this field in the context, where no manifest has it.
    const named = options.sharesProcessesInSpec
      ? place
      : place.named(`${path}.shareProcessNamespace`);
    issues.push(invalid(named, true, "shareProcessNamespace and hostPID cannot both be true"));
  }
  validateSysctls(spec, context, path.child("sysctls"), issues);
  validateChoice(
    context.fsGroupChangePolicy,
    ["Always", "OnRootMismatch"],
    path.child("fsGroupChangePolicy"),
    issues,
  );
  validateSeccompProfileField(context.seccompProfile, path.child("seccompProfile"), issues);
  validateWindowsSecurityContextOptions(
    context.windowsOptions,
    path.child("windowsOptions"),
    issues,
  );
  validateAppArmorProfileField(context.appArmorProfile, path.child("appArmorProfile"), issues);
  validateChoice(
    context.supplementalGroupsPolicy,
    ["Merge", "Strict"],
    path.child("supplementalGroupsPolicy"),
    issues,
  );
  validateChoice(
    context.seLinuxChangePolicy,
    options.onlyRecursiveSELinuxChangePolicy ? ["Recursive"] : ["MountOption", "Recursive"],
    path.child("seLinuxChangePolicy"),
    issues,
  );
}

function validateIds(context: PodSecurityContext, path: FieldPath, issues: PodIssue[]): void {
  for (const name of ["fsGroup", "runAsUser", "runAsGroup"] as const) {
    const id = context[name];
    if (id !== undefined) pushInvalid(issues, path.child(name), id, userId(id));
  }
  const groups = path.child("supplementalGroups");
  for (const [index, id] of context.supplementalGroups.entries()) {
    pushInvalid(issues, groups.index(index), id, userId(id));
  }
}

function validateChoice(
  value: string | undefined,
  choices: readonly string[],
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (value === undefined || choices.includes(value)) return;
  issues.push(notSupported(path, value, choices));
}

const MAX_SYSCTL_BYTES = 253;
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

function validateSysctls(
  spec: PodSpec,
  context: PodSecurityContext,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const seen = new Set<string>();
  for (const [index, { name }] of context.sysctls.entries()) {
    const place = path.index(index).child("name");
    if (name === "") issues.push(required(place));
    else if (byteLength(name) > MAX_SYSCTL_BYTES || !SYSCTL.test(name)) {
      issues.push(
        invalid(
          place,
          name,
          `must have at most ${MAX_SYSCTL_BYTES} characters, in segments of a-z, 0-9, '-' and '_' with '.' or '/' between`,
        ),
      );
    } else if (seen.has(name)) issues.push(duplicate(place, name));
    validateHostSysctl(name, spec, place, issues);
    seen.add(name);
  }
}

function validateHostSysctl(
  name: string,
  spec: PodSpec,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const namespace = sysctlNamespace(name);
  if (spec.hostNetwork && namespace === "net") {
    issues.push(invalid(path, name, "may not be specified when 'hostNetwork' is true"));
  } else if (spec.hostIPC && namespace === "ipc") {
    issues.push(invalid(path, name, "may not be specified when 'hostIPC' is true"));
  }
}

const IPC_SYSCTLS: ReadonlySet<string> = new Set([
  "kernel.sem",
  "kernel.shm",
  "kernel.shmall",
  "kernel.shmmax",
  "kernel.shmmni",
  "kernel.shm_rmid_forced",
  "kernel.msg",
  "kernel.msgmax",
  "kernel.msgmnb",
  "kernel.msgmni",
]);

/** The kernel namespace that keeps a sysctl, where it is the network's or that of IPC. */
function sysctlNamespace(declared: string): "net" | "ipc" | undefined {
  const [name = ""] = dotted(declared).split("*");
  if (IPC_SYSCTLS.has(name) || name.startsWith("fs.mqueue.")) return "ipc";
  return name.startsWith("net.") ? "net" : undefined;
}

/** With slashes first, dots and slashes trade places, as sysctl(8) does it. */
function dotted(name: string): string {
  const first = /[./]/.exec(name)?.[0];
  if (first !== "/") return name;
  return name.replace(/[./]/g, (separator) => separator === "/" ? "." : "/");
}
