import { resolve } from "node:path";
import type { KeyType, Owner, PkiIdentity, PkiOptions } from "../../../pki/mod.ts";
import { UsageError } from "../../../core/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";
import { countOf } from "../../shell/parsers.ts";

/** Flags that say where a PKI is. */
export interface PkiPlaceFlags {
  readonly directory?: string;
  readonly kubeconfigDirectory?: string;
}

/** Flags of commands that issue certificates. */
export interface IssueFlags extends PkiPlaceFlags {
  readonly keyType: KeyType;
  readonly days: number;
}

/** Where a PKI is and for whom, from the config and the flags. */
export interface PkiPlace {
  readonly directory: string;
  readonly kubeconfigDirectory: string;
  readonly identity: PkiIdentity;
  /** What the config says of both directories, for `cluster`. */
  readonly configured: { readonly pkiDirectory: string; readonly kubeconfigDirectory: string };
}

export const placeFlags = {
  directory: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "Where the certificates are (default: cluster.pkiDirectory)",
    placeholder: "DIR",
  },
  kubeconfigDirectory: {
    kind: "parsed",
    parse: String,
    optional: true,
    brief: "Where the kubeconfigs are (default: cluster.kubeconfigDirectory, or --directory)",
    placeholder: "DIR",
  },
} as const;

export const issueFlags = {
  ...placeFlags,
  keyType: {
    kind: "enum",
    values: ["ECDSA-P256", "RSA-2048"],
    default: "ECDSA-P256",
    brief: "Kind of new keys; those of service accounts are always RSA",
  },
  days: {
    kind: "parsed",
    parse: daysOf,
    default: "365",
    brief: "Validity of certificates; authorities are valid for ten years",
    placeholder: "N",
  },
} as const;

/** Puts config and flags together; a node without a config gets the defaults. */
export async function pkiPlace(context: CliContext, flags: PkiPlaceFlags): Promise<PkiPlace> {
  const { parseCluster } = await import("../../../config/mod.ts");
  const { applyDocuments } = await import("../../../controlplane/mod.ts");
  const { pkiIdentity } = await import("../../../pki/mod.ts");
  const { controlPlane, node } = await clientSettings(context);
  const cluster = controlPlane === null ? parseCluster({}) : applyDocuments(controlPlane).cluster;
  const directory = resolve(flags.directory ?? cluster.pkiDirectory);
  const kubeconfigDirectory = resolve(
    flags.kubeconfigDirectory ??
      (flags.directory === undefined ? cluster.kubeconfigDirectory : directory),
  );
  const { pkiDirectory } = cluster;
  return {
    directory,
    kubeconfigDirectory,
    identity: pkiIdentity(cluster, node),
    configured: { pkiDirectory, kubeconfigDirectory: cluster.kubeconfigDirectory },
  };
}

/** The options of issuing certificates. What is written belongs to the caller. */
export async function issueOptions(
  context: CliContext,
  flags: IssueFlags,
): Promise<PkiOptions & PkiPlace> {
  return {
    ...await pkiPlace(context, flags),
    keyType: flags.keyType,
    certificateDays: flags.days,
    nowMs: context.world.clock.now(),
    owner: await callerOwner(),
  };
}

async function callerOwner(): Promise<Owner> {
  const { processOwner } = await import("../../../os/mod.ts");
  return processOwner();
}

function daysOf(text: string): number {
  const days = countOf("--days")(text);
  if (days >= 1 && days <= 3650) return days;
  throw new UsageError(`--days must be 1 to 3650, current value is "${text}"`);
}
