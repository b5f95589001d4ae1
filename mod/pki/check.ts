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
  const { directory, kubeconfigDirectory, identity, fs = nodeFs } = options;
  const caPath = (name: string) => `${directory}/${name}.crt`;
  const requirements: Requirement[] = [
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
  ];
  for (const spec of kubeconfigSpecs(identity)) {
    const path = `${kubeconfigDirectory}/${spec.file}`;
    if (spec.optional && !await exists(path, fs)) continue;
    requirements.push({
      kind: "kubeconfig",
      path,
      caPath: caPath(spec.authority),
      followsFiles: true,
    });
  }
  return await inspectRequirements(requirements, fs, options.nowMs);
}

async function exists(path: string, fs: ControlPlaneFs): Promise<boolean> {
  // One that cannot be looked at is there, and inspecting says what is wrong with it.
  return await fs.facts(path).catch(() => true) !== undefined;
}
