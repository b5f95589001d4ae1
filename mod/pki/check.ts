/** Looks at a PKI without changing it. */
import type {
  CertificateFacts,
  ControlPlaneFs,
  Finding,
  Requirement,
} from "../controlplane/mod.ts";
import { inspectRequirements, nodeFs } from "../controlplane/mod.ts";
import { AUTHORITIES, certificateSpecs, kubeconfigSpecs, type PkiIdentity } from "./layout.ts";

/** What to look at. */
export interface CheckOptions {
  readonly directory: string;
  readonly kubeconfigDirectory: string;
  readonly identity: PkiIdentity;
  readonly nowMs: number;
  /** Without it: the file system of this machine. */
  readonly fs?: ControlPlaneFs;
}

/** What was found. */
export interface PkiReport {
  /** Every certificate that could be read, authorities first. */
  readonly certificates: readonly CertificateFacts[];
  readonly findings: readonly Finding[];
}

/** Checks every certificate and key of a PKI: present, readable, matching, in date. Never throws. */
export async function checkPki(options: CheckOptions): Promise<PkiReport> {
  const { directory, kubeconfigDirectory, identity } = options;
  const caPath = (name: string) => `${directory}/${name}.crt`;
  const requirements: readonly Requirement[] = [
    ...AUTHORITIES.map(({ name }): Requirement => ({
      kind: "certificate",
      path: caPath(name),
      keyPath: `${directory}/${name}.key`,
    })),
    ...certificateSpecs(identity).map((spec): Requirement => ({
      kind: "certificate",
      path: `${directory}/${spec.name}.crt`,
      keyPath: `${directory}/${spec.name}.key`,
      caPath: caPath(spec.authority),
      ...(spec.names.length === 0 ? {} : { names: spec.names }),
    })),
    { kind: "key", path: `${directory}/sa.key`, publicKeyPath: `${directory}/sa.pub` },
    ...kubeconfigSpecs(identity).map((spec): Requirement => ({
      kind: "kubeconfig",
      path: `${kubeconfigDirectory}/${spec.file}`,
      caPath: caPath(spec.authority),
    })),
  ];
  return await inspectRequirements(requirements, options.fs ?? nodeFs, options.nowMs);
}
