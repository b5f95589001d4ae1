/**
 * The security context of a container, and the profiles that pods have too.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `ValidateSecurityContext`,
 * `ValidateProcMountType`, `validateSeccompProfileField`, `ValidateAppArmorProfileField`.
 */
import { invalid, notSupported, required, tooLong } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { AppArmorProfile, SeccompProfile, SecurityContext } from "../../types/mod.ts";
import { byteLength, pushInvalid, userId } from "../names.ts";
import { validateDescendingPath } from "../volumes/relative_paths.ts";
import { validateWindowsSecurityContextOptions } from "./windows_security.ts";

export { validateWindowsSecurityContextOptions };

const PROC_MOUNTS = ["Default", "Unmasked"];

/** `securityContext` of a container; the kubelet itself allows privileged ones. */
export function validateSecurityContext(
  context: SecurityContext,
  hasHostUsers: boolean,
  path: FieldPath,
  issues: PodIssue[],
): void {
  const { runAsUser, runAsGroup, procMount } = context;
  if (runAsUser !== undefined) {
    pushInvalid(issues, path.child("runAsUser"), runAsUser, userId(runAsUser));
  }
  if (runAsGroup !== undefined) {
    pushInvalid(issues, path.child("runAsGroup"), runAsGroup, userId(runAsGroup));
  }
  if (procMount !== undefined) {
    const place = path.child("procMount");
    if (!PROC_MOUNTS.includes(procMount)) {
      issues.push(notSupported(place, procMount, PROC_MOUNTS));
    }
    if (hasHostUsers && procMount === "Unmasked") {
      issues.push(invalid(place, procMount, "Unmasked needs the pod's hostUsers to be false"));
    }
  }
  if (context.seccompProfile !== undefined) {
    validateSeccompProfileField(context.seccompProfile, path.child("seccompProfile"), issues);
  }
  validatePrivileges(context, path, issues);
  if (context.windowsOptions !== undefined) {
    const place = path.child("windowsOptions");
    validateWindowsSecurityContextOptions(context.windowsOptions, place, issues);
  }
  if (context.appArmorProfile !== undefined) {
    validateAppArmorProfileField(context.appArmorProfile, path.child("appArmorProfile"), issues);
  }
}

/** Who may gain no privileges must not have all of them. */
function validatePrivileges(context: SecurityContext, path: FieldPath, issues: PodIssue[]): void {
  if (context.allowPrivilegeEscalation !== false) return;
  const place = path.at("allowPrivilegeEscalation");
  if (context.privileged === true) {
    const detail = "allowPrivilegeEscalation cannot be false where privileged is true";
    issues.push(invalid(place, false, detail));
  }
  for (const capability of context.capabilities?.add ?? []) {
    if (capability !== "CAP_SYS_ADMIN") continue;
    const detail = "allowPrivilegeEscalation cannot be false where CAP_SYS_ADMIN is added";
    issues.push(invalid(place, false, detail));
  }
}

const PROFILE_TYPES = ["Localhost", "RuntimeDefault", "Unconfined"];

/** A seccomp profile, of a container or a pod. */
export function validateSeccompProfileField(
  profile: SeccompProfile | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  validateProfileType(type, path, issues);
  const place = path.child("localhostProfile");
  if (type !== "Localhost") {
    if (localhostProfile !== undefined) {
      issues.push(invalid(place, localhostProfile, "goes with type Localhost only"));
    }
  } else if (localhostProfile === undefined) {
    issues.push(required(place, "type Localhost needs it"));
  } else {
    validateDescendingPath(localhostProfile, place, issues);
  }
}

function validateProfileType(type: string, path: FieldPath, issues: PodIssue[]): void {
  if (type === "") issues.push(required(path.child("type")));
  else if (!PROFILE_TYPES.includes(type)) {
    issues.push(notSupported(path.child("type"), type, PROFILE_TYPES));
  }
}

/** The longest path of Linux, without its final NUL. */
const MAX_LOCALHOST_PROFILE_BYTES = 4095;

/** An AppArmor profile, of a container or a pod. */
export function validateAppArmorProfileField(
  profile: AppArmorProfile | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (profile === undefined) return;
  const { type, localhostProfile } = profile;
  validateProfileType(type, path, issues);
  const place = path.child("localhostProfile");
  if (type === "Localhost") {
    const name = localhostProfile === undefined ? "" : trimSpace(localhostProfile);
    if (localhostProfile !== undefined && name !== localhostProfile) {
      issues.push(invalid(place, localhostProfile, "must not have white space around it"));
    } else if (name === "") {
      issues.push(required(place, "type Localhost needs it"));
    }
    if (
      localhostProfile !== undefined && byteLength(localhostProfile) > MAX_LOCALHOST_PROFILE_BYTES
    ) {
      issues.push(tooLong(place, MAX_LOCALHOST_PROFILE_BYTES));
    }
  } else if (PROFILE_TYPES.includes(type) && localhostProfile !== undefined) {
    issues.push(invalid(place, localhostProfile, "goes with type Localhost only"));
  }
}

const WHITE_SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Go's `strings.TrimSpace`: U+0085 is white space, a byte order mark is none. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && WHITE_SPACE.test(text[start]!)) start += 1;
  while (end > start && WHITE_SPACE.test(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}
