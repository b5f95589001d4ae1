/**
 * What the types of Secrets promise.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `ValidateSecret`.
 */
import { Buffer } from "node:buffer";
import { isJsonObject, type JsonObject, type JsonValue } from "../../core/mod.ts";
import { annotationOf } from "./object_labels.ts";
import { isSealed } from "./sealed_value.ts";

type Values = Readonly<Record<string, string>>;

interface TypeRule {
  readonly wanted: string;
  readonly holds: (values: Values, secret: JsonObject) => boolean;
}

const ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name";

const RULES: Readonly<Record<string, TypeRule>> = {
  "kubernetes.io/tls": {
    wanted: "the keys tls.crt and tls.key",
    holds: (values) => has(values, "tls.crt") && has(values, "tls.key"),
  },
  "kubernetes.io/dockerconfigjson": {
    wanted: "the key .dockerconfigjson with a JSON object",
    holds: (values) => isLogin(values[".dockerconfigjson"]),
  },
  "kubernetes.io/dockercfg": {
    wanted: "the key .dockercfg with a JSON object",
    holds: (values) => isLogin(values[".dockercfg"]),
  },
  "kubernetes.io/basic-auth": {
    wanted: "the key username or password",
    holds: (values) => has(values, "username") || has(values, "password"),
  },
  "kubernetes.io/ssh-auth": {
    wanted: "the key ssh-privatekey, not empty",
    holds: (values) => (values["ssh-privatekey"] ?? "") !== "",
  },
  "kubernetes.io/service-account-token": {
    wanted: `the annotation ${ACCOUNT_ANNOTATION}`,
    holds: (_, secret) => (annotationOf(secret, ACCOUNT_ANNOTATION) ?? "") !== "",
  },
};

/**
 * What a Secret of this type lacks, as what is wanted; undefined if it lacks nothing.
 *
 * @param values in base64
 * @param secret as it is written
 */
export function missingOfType(
  type: string,
  values: Values,
  secret: JsonObject,
): string | undefined {
  const rule = Object.hasOwn(RULES, type) ? RULES[type] : undefined;
  return rule === undefined || rule.holds(values, secret) ? undefined : rule.wanted;
}

function has(values: Values, key: string): boolean {
  return Object.hasOwn(values, key);
}

/** A JSON object, or null, which Go takes for an empty one. */
function isLogin(base64: string | undefined): boolean {
  if (isSealed(base64 ?? "")) return true; // it is looked at when it is opened
  try {
    const login: JsonValue = JSON.parse(Buffer.from(base64 ?? "", "base64").toString("utf8"));
    return login === null || isJsonObject(login);
  } catch {
    return false; // any text that is not JSON
  }
}
