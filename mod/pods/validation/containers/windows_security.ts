/**
 * Security settings of Windows containers.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go,
 * `validateWindowsSecurityContextOptions`.
 */
import { invalid } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { WindowsSecurityContextOptions } from "../../types/mod.ts";
import { byteLength, dnsSubdomain, pushInvalid } from "../names.ts";

const MAX_CREDENTIAL_SPEC_BYTES = 64 * 1024;
const MAX_DOMAIN_BYTES = 255;
const MAX_USER_BYTES = 104;

// deno-lint-ignore no-control-regex -- control characters are what it finds
const CONTROL = /[\u0000-\u001f\u007f]/;
const NETBIOS_DOMAIN = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/u;
const DNS_DOMAIN =
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
const DOTS_AND_SPACES = /^[. ]+$/;
const FORBIDDEN_IN_USER = /["/\\:;|=,+*?<>@[\]]/;

/** `windowsOptions` of a container or a pod. */
export function validateWindowsSecurityContextOptions(
  options: WindowsSecurityContextOptions | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (options === undefined) return;
  const { gmsaCredentialSpecName, gmsaCredentialSpec, runAsUserName } = options;
  if (gmsaCredentialSpecName !== undefined) {
    const place = path.child("gmsaCredentialSpecName");
    pushInvalid(issues, place, gmsaCredentialSpecName, dnsSubdomain(gmsaCredentialSpecName));
  }
  if (gmsaCredentialSpec !== undefined) {
    const place = path.child("gmsaCredentialSpec");
    if (gmsaCredentialSpec === "") {
      issues.push(invalid(place, gmsaCredentialSpec, "must not be empty"));
    } else if (byteLength(gmsaCredentialSpec) > MAX_CREDENTIAL_SPEC_BYTES) {
      issues.push(invalid(place, undefined, "must be at most 64 KiB"));
    }
  }
  if (runAsUserName !== undefined) {
    for (const problem of userNameProblems(runAsUserName)) {
      issues.push(invalid(path.child("runAsUserName"), runAsUserName, problem));
    }
  }
}

function userNameProblems(name: string): readonly string[] {
  if (name === "") return ["must not be empty"];
  if (CONTROL.test(name)) return ["must not contain control characters"];
  const parts = name.split("\\");
  if (parts.length > 2) return ["must not contain more than one backslash"];
  const user = parts[parts.length - 1]!;
  const domain = parts.length === 2 ? parts[0] : undefined;
  const problems: string[] = [];
  if (domain !== undefined) {
    if (byteLength(domain) > MAX_DOMAIN_BYTES) {
      problems.push(`its domain must be at most ${MAX_DOMAIN_BYTES} bytes`);
    }
    if (!NETBIOS_DOMAIN.test(domain) && !DNS_DOMAIN.test(domain)) {
      problems.push("its domain must be a NetBIOS or a DNS name");
    }
  }
  if (user === "") problems.push("its user must not be empty");
  else if (byteLength(user) > MAX_USER_BYTES) {
    problems.push(`its user must be at most ${MAX_USER_BYTES} bytes`);
  }
  if (DOTS_AND_SPACES.test(user)) problems.push("its user must not be only dots and spaces");
  if (FORBIDDEN_IN_USER.test(user)) {
    problems.push('its user must not contain any of " / \\ : ; | = , + * ? < > @ [ ]');
  }
  return problems;
}
