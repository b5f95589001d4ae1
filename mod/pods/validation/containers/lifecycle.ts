/**
 * Hooks of a container and the signal that stops it.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `validateLifecycle`,
 * `validateStopSignal`.
 */
import { forbidden, notSupported } from "../../issue.ts";
import type { FieldPath, PodIssue } from "../../issue.ts";
import type { RuleOptions } from "../../rules.ts";
import type { Int64, Lifecycle, PodOS } from "../../types/mod.ts";
import { validateHandler } from "./handlers.ts";

/** `lifecycle` of a container that may have it. */
export function validateLifecycle(
  lifecycle: Lifecycle,
  gracePeriodSeconds: Int64 | undefined,
  os: PodOS | undefined,
  path: FieldPath,
  options: RuleOptions,
  issues: PodIssue[],
): void {
  const { postStart, preStop, stopSignal } = lifecycle;
  if (postStart !== undefined) {
    validateHandler(postStart, gracePeriodSeconds, path.child("postStart"), options, issues);
  }
  if (preStop !== undefined) {
    validateHandler(preStop, gracePeriodSeconds, path.child("preStop"), options, issues);
  }
  if (stopSignal !== undefined) {
    validateStopSignal(stopSignal, os, path.child("stopSignal"), issues);
  }
}

const WINDOWS_SIGNALS = ["SIGKILL", "SIGTERM"];

/** The signals of Linux, real-time ones included. */
const LINUX_SIGNALS = [
  ..."ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT".split(" "),
  ..."SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH".split(" "),
  ..."XCPU XFSZ RTMIN RTMAX".split(" "),
  ...Array.from({ length: 15 }, (_, index) => `RTMIN+${index + 1}`),
  ...Array.from({ length: 14 }, (_, index) => `RTMAX-${index + 1}`),
].map((name) => `SIG${name}`);

function validateStopSignal(
  signal: string,
  os: PodOS | undefined,
  path: FieldPath,
  issues: PodIssue[],
): void {
  if (os === undefined) {
    issues.push(forbidden(path, "spec.os.name must be set for it"));
    return;
  }
  const signals = os.name === "windows"
    ? WINDOWS_SIGNALS
    : os.name === "linux"
    ? LINUX_SIGNALS
    : undefined;
  if (signals !== undefined && !signals.includes(signal)) {
    issues.push(notSupported(path, signal, signals));
  }
}
