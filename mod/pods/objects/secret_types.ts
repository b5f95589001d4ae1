/**
 * What the types of Secrets promise.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `ValidateSecret`.
 */
import { Buffer } from "node:buffer";
import { isSealed } from "./sealed_value.ts";

type Values = Readonly<Record<string, string>>;

const RULES: Readonly<Record<string, { wanted: string; holds: (values: Values) => boolean }>> = {
  "kubernetes.io/tls": {
    wanted: "the keys tls.crt and tls.key",
    holds: (values) => has(values, "tls.crt") && has(values, "tls.key"),
  },
  "kubernetes.io/dockerconfigjson": {
    wanted: "the key .dockerconfigjson with a JSON object",
    holds: (values) => isJson(values[".dockerconfigjson"]),
  },
  "kubernetes.io/dockercfg": {
    wanted: "the key .dockercfg with a JSON object",
    holds: (values) => isJson(values[".dockercfg"]),
  },
  "kubernetes.io/basic-auth": {
    wanted: "the key username or password",
    holds: (values) => has(values, "username") || has(values, "password"),
  },
  "kubernetes.io/ssh-auth": {
    wanted: "the key ssh-privatekey, not empty",
    holds: (values) => (values["ssh-privatekey"] ?? "") !== "",
  },
};

/**
 * What a Secret of this type lacks, as what is wanted; undefined if it lacks nothing.
 *
 * @param values in base64
 */
export function missingOfType(type: string, values: Values): string | undefined {
  const rule = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
  return rule === undefined || rule.holds(values) ? undefined : rule.wanted;
}

function has(values: Values, key: string): boolean {
  return Object.hasOwn(values, key);
}

function isJson(base64: string | undefined): boolean {
  if (isSealed(base64 ?? "")) return true; // it is looked at when it is opened
  try {
    JSON.parse(Buffer.from(base64 ?? "", "base64").toString("utf8"));
    return true;
  } catch {
    return false; // any text that is not JSON
  }
}
