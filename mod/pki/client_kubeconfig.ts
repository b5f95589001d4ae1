/** A kubeconfig for a person or a machine. */
import { PodsteadError } from "../core/mod.ts";
import { formatKubeconfig } from "../controlplane/mod.ts";
import { readAuthority } from "./authorities.ts";
import { formatPrivateKey, generateKey } from "./keys.ts";
import { issueLeaf } from "./make_files.ts";
import type { PkiOptions } from "./options.ts";
import { targetOf } from "./write_files.ts";

/** For whom. */
export interface ClientSubject {
  /** The user, as Kubernetes will see it. */
  readonly name: string;
  readonly groups: readonly string[];
  /** URL of the API server; the cluster's endpoint if absent. */
  readonly server?: string;
}

/**
 * Makes a client certificate and a kubeconfig around it, as text. Writes nothing.
 *
 * @throws {PodsteadError} `failed` if the authority or its key cannot be used, `usage` for a bad name
 */
export async function clientKubeconfig(
  subject: ClientSubject,
  options: PkiOptions,
): Promise<string> {
  for (const name of [subject.name, ...subject.groups]) refuseBadName(name);
  const { fs } = targetOf(options);
  const issuer = await readAuthority(
    `${options.directory}/ca`,
    "make a kubeconfig",
    options.nowMs,
    fs,
  );
  const key = await generateKey(options.keyType);
  const certificatePem = issueLeaf(
    {
      authority: "ca",
      subject: { commonName: subject.name, organizations: subject.groups },
      usages: ["client"],
      names: [],
    },
    key,
    new Map([["ca", issuer]]),
    options,
  );
  return formatKubeconfig({
    clusterName: options.identity.clusterName,
    userName: subject.name,
    server: subject.server ?? options.identity.clusterServer,
    ca: { pem: issuer.certificate.toString() },
    client: { certificatePem, keyPem: formatPrivateKey(key.privateKey) },
  });
}

/** RFC 5280, appendix A.1: a common name and an organization have up to 64 characters. */
function refuseBadName(name: string): void {
  // deno-lint-ignore no-control-regex -- what must not come into a certificate or a YAML file
  if (name !== "" && [...name].length <= 64 && !/[\u0000-\u001f\u007f\\]/.test(name)) return;
  throw new PodsteadError(
    "failed",
    `Cannot make a kubeconfig for ${
      JSON.stringify(name)
    }: a user or group has 1 to 64 characters, without control characters and backslashes`,
  );
}
