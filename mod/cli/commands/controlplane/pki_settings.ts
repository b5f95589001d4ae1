import { resolve } from "node:path";
import type { PkiIdentity } from "../../../pki/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";

/** Flags that say where a PKI is. */
export interface PkiPlaceFlags {
  readonly directory?: string;
  readonly kubeconfigDirectory?: string;
}

/** Where a PKI is and for whom, from the config and the flags. */
export interface PkiPlace {
  readonly directory: string;
  readonly kubeconfigDirectory: string;
  readonly identity: PkiIdentity;
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
  return { directory, kubeconfigDirectory, identity: pkiIdentity(cluster, node) };
}
