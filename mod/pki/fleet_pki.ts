/** The certificates of a fleet's etcd: one authority, members, and clients by their names. */
import { X509Certificate } from "node:crypto";
import { PodsteadError } from "../core/mod.ts";
import { nodeFs } from "../controlplane/mod.ts";
import { readAuthority } from "./authorities.ts";
import { issueCertificate, type Issuer, type Usage } from "./certificate.ts";
import { formatPrivateKey, generateKey } from "./keys.ts";
import { AUTHORITY_DAYS, CERTIFICATE_DAYS, type Owner } from "./options.ts";
import { type PkiFile, writeFiles } from "./write_files.ts";

/** What to make. */
export interface FleetPkiOptions {
  /** Absolute; everything is below it. */
  readonly directory: string;
  readonly fleet: string;
  /** etcd's members: name and address. */
  readonly etcd: readonly { readonly name: string; readonly address: string }[];
  /** The fleet's nodes by name: each is a user of etcd. */
  readonly nodes: readonly string[];
  readonly nowMs: number;
  readonly owner: Owner;
}

/** The common name of who begins roll-outs. */
export const FLEET_OPERATOR = "podstead-operator";

const DAY_MS = 86_400_000;
/** Clocks of machines differ. */
const EARLIER_MS = 3_600_000;

/**
 * Makes what is missing: an authority that is there is used, a certificate that is there stays.
 * `DIRECTORY/ca`, `root` (etcd's administrator), `operator`, `etcd/NAME/server` and `peer`, `nodes/NAME/node`,
 * each a `.crt` with its `.key`, and the authority's certificate beside them.
 *
 * @returns the paths that were written
 * @throws {PodsteadError} if the authority is damaged or has ended, or a file cannot be written
 */
export async function makeFleetPki(options: FleetPkiOptions): Promise<readonly string[]> {
  const { directory, etcd, nodes, owner, nowMs } = options;
  const target = { fs: nodeFs, owner };
  const path = `${directory}/ca`;
  const files: PkiFile[] = [];
  const isThere = await nodeFs.facts(`${path}.crt`) !== undefined;
  const authority = isThere
    ? await readAuthority(path, "extend the fleet's etcd", nowMs, nodeFs)
    : await makeAuthority(options, files);
  const ca = authority.certificate.toString();
  const wanted: readonly Wanted[] = [
    { path: `${directory}/root`, name: "root", usages: ["client"], names: [] },
    { path: `${directory}/operator`, name: FLEET_OPERATOR, usages: ["client"], names: [] },
    ...etcd.flatMap(({ name, address }): readonly Wanted[] => {
      const names = [...new Set([address, "127.0.0.1", "localhost"])];
      const usages = ["server", "client"] as const;
      const at = `${directory}/etcd/${name}`;
      return [
        { path: `${at}/server`, name: `etcd-${name}`, usages, names },
        { path: `${at}/peer`, name: `etcd-${name}`, usages, names },
      ];
    }),
    ...nodes.map((name): Wanted => ({
      path: `${directory}/nodes/${name}/node`,
      name,
      usages: ["client"],
      names: [],
    })),
  ];
  for (const one of wanted) {
    if (await nodeFs.facts(`${one.path}.crt`) !== undefined) continue;
    files.push(...await issue(one, authority, nowMs));
    const besides = `${one.path.slice(0, one.path.lastIndexOf("/"))}/ca.crt`;
    const isOwn = besides === `${path}.crt` || files.some((file) => file.path === besides);
    if (!isOwn) files.push({ path: besides, content: ca, mode: 0o644 });
  }
  return (await writeFiles(files, target)).map((written) => written.path);
}

interface Wanted {
  /** Without its ending. */
  readonly path: string;
  readonly name: string;
  readonly usages: readonly Usage[];
  readonly names: readonly string[];
}

type Authority = Issuer & { readonly certificate: X509Certificate };

async function makeAuthority(
  { directory, fleet, nowMs }: FleetPkiOptions,
  files: PkiFile[],
): Promise<Authority> {
  const keys = await generateKey("ECDSA-P256");
  const pem = issueCertificate({
    subject: { commonName: `podstead-fleet-${fleet}` },
    publicKey: keys.publicKey,
    fromMs: nowMs - EARLIER_MS,
    toMs: nowMs + AUTHORITY_DAYS * DAY_MS,
    kind: { ca: true },
  }, { privateKey: keys.privateKey });
  files.push(...pair(`${directory}/ca`, pem, formatPrivateKey(keys.privateKey)));
  return { privateKey: keys.privateKey, certificate: new X509Certificate(pem) };
}

async function issue(
  { path, name, usages, names }: Wanted,
  authority: Authority,
  nowMs: number,
): Promise<readonly PkiFile[]> {
  if (!/^[\w.-]{1,64}$/.test(name)) {
    throw new PodsteadError(
      "usage",
      `A name of at most 64 letters, digits, -, _ and dots is wanted: "${name}"`,
    );
  }
  const keys = await generateKey("ECDSA-P256");
  const pem = issueCertificate({
    subject: { commonName: name },
    publicKey: keys.publicKey,
    fromMs: nowMs - EARLIER_MS,
    toMs: nowMs + CERTIFICATE_DAYS * DAY_MS,
    kind: { ca: false, usages, names },
  }, authority);
  return pair(path, pem, formatPrivateKey(keys.privateKey));
}

function pair(path: string, certificate: string, key: string): readonly PkiFile[] {
  return [
    { path: `${path}.key`, content: key, mode: 0o600 },
    { path: `${path}.crt`, content: certificate, mode: 0o644 },
  ];
}
