/**
 * The kubelet's interface to programs that know registry logins.
 *
 * Source: kubernetes 1.36 staging/src/k8s.io/kubelet/pkg/apis/credentialprovider/v1/types.go and
 * pkg/credentialprovider/plugin/plugin.go.
 */
import * as v from "valibot";
import { PodsteadError } from "../core/mod.ts";
import type { RegistryLogin } from "./docker_config.ts";

const GROUP = "credentialprovider.kubelet.k8s.io";

const RequestSchema = v.looseObject({
  apiVersion: v.picklist([`${GROUP}/v1`, `${GROUP}/v1beta1`, `${GROUP}/v1alpha1`]),
  kind: v.literal("CredentialProviderRequest"),
  image: v.pipe(v.string(), v.minLength(1)),
});

/** What the kubelet asks. */
export interface CredentialRequest {
  readonly apiVersion: string;
  /** Without its tag. */
  readonly image: string;
}

/** Reads a request. @throws {PodsteadError} `usage` if it is none */
export function parseCredentialRequest(text: string): CredentialRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined; // no JSON is no request either
  }
  const parsed = v.safeParse(RequestSchema, value);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new PodsteadError(
    "failed",
    `Standard input is not a CredentialProviderRequest: ${
      v.getDotPath(issue) ?? "it"
    }: ${issue.message}`,
    { hint: "The kubelet runs this command by itself; see `podstead credential-provider --help`" },
  );
}

/**
 * The answer, which the kubelet does not keep: a changed login counts at the next pull. Logins
 * that are a token alone have no form there. Of two for one pattern, the first one counts.
 */
export function credentialResponse(
  { apiVersion }: CredentialRequest,
  logins: readonly RegistryLogin[],
): string {
  const auth = new Map<string, { username: string; password: string }>();
  for (const { pattern, auth: { username, password } } of logins) {
    if (username === undefined || password === undefined || auth.has(pattern)) continue;
    auth.set(pattern, { username, password });
  }
  return JSON.stringify({
    apiVersion,
    kind: "CredentialProviderResponse",
    cacheKeyType: "Image",
    cacheDuration: "0s",
    auth: Object.fromEntries(auth),
  });
}
