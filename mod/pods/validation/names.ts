/**
 * The shared forms of names. Each function gives what is wrong with a value, one
 * sentence a reason; an empty list means that the value is fine. Lengths are in
 * bytes of UTF-8, as Go counts them.
 *
 * Source: Kubernetes 1.36, k8s.io/apimachinery pkg/util/validation and pkg/api/validate/content.
 */
import { invalid } from "../issue.ts";
import type { FieldPath, PodIssue } from "../issue.ts";

/** What is wrong with a value; empty when nothing is. */
export type Reasons = readonly string[];

const NONE: Reasons = [];

/** Adds one `Invalid value` for each reason. */
export function pushInvalid(
  issues: PodIssue[],
  path: FieldPath,
  value: string | number | bigint,
  reasons: Reasons,
): void {
  for (const reason of reasons) issues.push(invalid(path, value, reason));
}

/** Length in bytes of UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    if (unit < 0x800) bytes += 1;
    else if (unit >= 0xd800 && unit <= 0xdbff) {
      bytes += 2;
      index += 1;
    } else bytes += 2;
  }
  return bytes;
}

function matching(
  value: string,
  pattern: RegExp,
  message: string,
  maxBytes = Infinity,
): Reasons {
  const fits = pattern.test(value);
  const short = value.length <= maxBytes / 3 || byteLength(value) <= maxBytes;
  if (fits && short) return NONE;
  const reasons: string[] = [];
  if (!short) reasons.push(maxLength(maxBytes));
  if (!fits) reasons.push(message);
  return reasons;
}

/** Says that a text must not be longer. */
export function maxLength(maxBytes: number): string {
  return `must be no more than ${maxBytes} characters`;
}

/** Says that a number must be in a range. */
export function inclusiveRange(low: number, high: number): string {
  return `must be between ${low} and ${high}, inclusive`;
}

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const SUBDOMAIN_UNDERSCORE =
  /^_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?(\._?[a-z0-9]([-_a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_VALUE = /^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$/;

const LABEL_RULE =
  "must consist of lower case letters, digits or '-', and begin and end with a letter or digit";
const SUBDOMAIN_RULE =
  "must consist of lower case letters, digits, '-' or '.', and begin and end with a letter or digit";
const QUALIFIED_RULE =
  "must consist of letters, digits, '-', '_' or '.', and begin and end with a letter or digit";

/** A DNS label of RFC 1123, at most 63 bytes. */
export function dnsLabel(value: string): Reasons {
  const dotted = !LABEL.test(value) && SUBDOMAIN.test(value);
  return matching(value, LABEL, dotted ? "must not contain dots" : LABEL_RULE, 63);
}

/** A DNS subdomain of RFC 1123, at most 253 bytes. */
export function dnsSubdomain(value: string): Reasons {
  return matching(value, SUBDOMAIN, SUBDOMAIN_RULE, 253);
}

/** The same, where underscores are allowed. */
export function dnsSubdomainWithUnderscore(value: string): Reasons {
  return matching(value, SUBDOMAIN_UNDERSCORE, SUBDOMAIN_RULE.replace("'-'", "'_', '-'"), 253);
}

/** A name with an optional DNS prefix: `example.com/name`. Label and annotation keys, resources. */
export function qualifiedName(value: string): Reasons {
  const parts = value.split("/");
  const reasons: string[] = [];
  if (parts.length > 2) {
    return [`${QUALIFIED_RULE}, after at most one prefix such as 'example.com/'`];
  }
  const name = parts[parts.length - 1]!;
  if (parts.length === 2) {
    if (parts[0] === "") reasons.push("prefix part must be non-empty");
    else for (const reason of dnsSubdomain(parts[0]!)) reasons.push(`prefix part ${reason}`);
  }
  if (name === "") reasons.push("name part must be non-empty");
  else if (byteLength(name) > 63) reasons.push(`name part ${maxLength(63)}`);
  if (!QUALIFIED.test(name)) reasons.push(`name part ${QUALIFIED_RULE}`);
  return reasons.length === 0 ? NONE : reasons;
}

/** The value of a label; may be empty. */
export function labelValue(value: string): Reasons {
  return matching(value, LABEL_VALUE, `${QUALIFIED_RULE}, or be empty`, 63);
}

/** The name of an environment variable: any printable ASCII but `=`. */
export function envVarName(value: string): Reasons {
  if (value === "") return ["environment variable name must be non-empty"];
  return matching(
    value,
    /^[ -<>-~]+$/,
    "must consist of printable ASCII characters other than '='",
  );
}

/** The name of a variable as kubelets before relaxed naming wanted it. */
export function strictEnvVarName(value: string): Reasons {
  const reasons = matching(
    value,
    /^[-._a-zA-Z][-._a-zA-Z0-9]*$/,
    "must consist of letters, digits, '_', '-' or '.', and not begin with a digit",
  );
  return [...reasons, ...parentDirectory(value)];
}

/** A key of a config map or a secret. */
export function configMapKey(value: string): Reasons {
  const reasons = matching(
    value,
    /^[-._a-zA-Z0-9]+$/,
    "must consist of letters, digits, '-', '_' or '.'",
    253,
  );
  const more = parentDirectory(value);
  return more.length === 0 ? reasons : [...reasons, ...more];
}

function parentDirectory(value: string): Reasons {
  if (value === ".") return ["must not be '.'"];
  if (value === "..") return ["must not be '..'"];
  return value.startsWith("..") ? ["must not start with '..'"] : NONE;
}

/** The name of a port as IANA wants it: at most 15 letters, digits and single hyphens. */
export function portName(value: string): Reasons {
  const reasons: string[] = [];
  if (byteLength(value) > 15) reasons.push(maxLength(15));
  if (!/^[-a-z0-9]+$/.test(value)) reasons.push("must contain only a-z, 0-9 and hyphens (-)");
  if (!/[a-z]/.test(value)) reasons.push("must contain at least one letter (a-z)");
  if (value.includes("--")) reasons.push("must not contain consecutive hyphens");
  if (/^-|-$/.test(value)) reasons.push("must not begin or end with a hyphen");
  return reasons;
}

/** A port from 1 to 65535. */
export function portNumber(value: number): Reasons {
  return value >= 1 && value <= 65535 ? NONE : [inclusiveRange(1, 65535)];
}

/** A user or group id: 0 to the greatest int32. */
export function userId(value: number | bigint): Reasons {
  return value >= 0 && value <= 2147483647 ? NONE : [inclusiveRange(0, 2147483647)];
}

/** The name of an HTTP header. */
export function httpHeaderName(value: string): Reasons {
  return matching(value, /^[-A-Za-z0-9]+$/, "must consist of letters, digits or '-'");
}
