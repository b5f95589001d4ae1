/** Makes the PKI of a control plane node. */
import { PodsteadError } from "../core/mod.ts";
import type { ControlPlaneFs } from "../controlplane/mod.ts";
import { type Issuers, makeAuthorities, readAuthorities } from "./authorities.ts";
import { generateKey } from "./keys.ts";
import { AUTHORITIES, certificateSpecs, kubeconfigSpecs } from "./layout.ts";
import { issueLeaf, kubeconfigFile, pairFiles, serviceAccountFiles } from "./make_files.ts";
import type { PkiOptions } from "./options.ts";
import { type PkiFile, readText, targetOf, writeFiles, type WrittenFile } from "./write_files.ts";

/** Options of `initPki`. */
export interface InitOptions extends PkiOptions {
  /**
   * The PKI directory of another node of the cluster: its authorities and
   * service account keys are copied, so that both nodes trust each other.
   */
  readonly from?: string;
}

/**
 * Makes a complete PKI: authorities, certificates, the key pair of service
 * accounts, and the kubeconfigs of administrator, controller manager,
 * scheduler and kubelet. Writes nothing if one of the files exists.
 *
 * @throws {PodsteadError} `failed` if a file exists or cannot be written, or
 * `from` lacks an authority; what was written until then is named in the hint
 */
export async function initPki(options: InitOptions): Promise<readonly WrittenFile[]> {
  const target = targetOf(options);
  const { issuers, files: shared } = options.from === undefined
    ? await newCluster(options)
    : await joinCluster(options.from, options, target.fs);
  const files = [...shared];
  for (const spec of certificateSpecs(options.identity)) {
    const key = await generateKey(options.keyType);
    const pem = issueLeaf(spec, key, issuers, options);
    files.push(...pairFiles(`${options.directory}/${spec.name}`, pem, key));
  }
  for (const spec of kubeconfigSpecs(options.identity)) {
    if (spec.optional) continue;
    const key = await generateKey(options.keyType);
    files.push(kubeconfigFile(spec, key, issuers, options));
  }
  await refuseExisting(files, target.fs);
  return await writeFiles(files, target);
}

interface Shared {
  readonly issuers: Issuers;
  readonly files: readonly PkiFile[];
}

async function newCluster(options: PkiOptions): Promise<Shared> {
  const { issuers, files } = await makeAuthorities(options);
  return { issuers, files: [...files, ...await serviceAccountFiles(options)] };
}

/** The files that all control plane nodes of a cluster have alike. */
async function joinCluster(
  from: string,
  options: PkiOptions,
  fs: ControlPlaneFs,
): Promise<Shared> {
  const issuers = await readAuthorities(from, "join", options.nowMs, fs);
  const names = [
    ...AUTHORITIES.flatMap(({ name }) => [`${name}.crt`, `${name}.key`]),
    "sa.key",
    "sa.pub",
  ];
  const files: PkiFile[] = [];
  for (const name of names) {
    const content = await readText(`${from}/${name}`, fs);
    if (content === undefined) {
      throw new PodsteadError("failed", `Cannot join: "${from}/${name}" is missing`, {
        hint: "Copy ca, front-proxy-ca, etcd/ca and sa, each with its key, from the first node",
      });
    }
    const mode = name.endsWith(".crt") ? 0o644 : 0o600;
    files.push({ path: `${options.directory}/${name}`, content, mode });
  }
  return { issuers, files };
}

async function refuseExisting(files: readonly PkiFile[], fs: ControlPlaneFs): Promise<void> {
  const existing: string[] = [];
  for (const file of files) {
    if (await fs.facts(file.path) !== undefined) existing.push(file.path);
  }
  if (existing.length === 0) return;
  const more = existing.length === 1 ? "" : ` and ${existing.length - 1} more`;
  throw new PodsteadError("failed", `File "${existing[0]}"${more} exists; nothing was written`, {
    hint: "Use podstead pki renew to renew certificates, or another --directory",
  });
}
