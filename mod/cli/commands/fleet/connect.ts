/** A connection to the etcd of a fleet: from the node's config, or from flags. */
import { readFileSync } from "node:fs";
import type { FleetSettings } from "../../../config/mod.ts";
import { errorText, PodsteadError, UsageError } from "../../../core/mod.ts";
import type { Etcd } from "../../../etcd/mod.ts";
import type { FleetKeys } from "../../../fleet/store/mod.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import type { CliContext } from "../../shell/context.ts";

/** Which fleet, and how its etcd is reached. */
export interface FleetPlaceFlags {
  readonly fleet?: string;
  readonly endpoint?: readonly string[];
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly prefix?: string;
}

const text = (brief: string, placeholder: string) =>
  ({ kind: "parsed", parse: String, optional: true, brief, placeholder }) as const;

/** Those flags, in stricli's terms. */
export const FLEET_PLACE_FLAGS = {
  fleet: text("Name of the fleet (default: agent.fleet.name of the config)", "NAME"),
  endpoint: {
    kind: "parsed",
    parse: String,
    optional: true,
    variadic: true,
    brief: "Address of etcd (default: agent.fleet.endpoints); may be repeated",
    placeholder: "URL",
  },
  ca: text("Authority that etcd is verified by (default: the config's)", "FILE"),
  cert: text("Certificate that is shown to etcd (default: the config's)", "FILE"),
  key: text("Its key (default: the config's)", "FILE"),
  prefix: text("What the fleet's keys begin with (default: the config's, or /podstead/v1)", "KEY"),
} as const;

/** A fleet and its etcd. */
export interface OpenFleet {
  readonly name: string;
  readonly etcd: Etcd;
  readonly keys: FleetKeys;
}

/**
 * Opens a fleet, and closes it when `body` has ended.
 *
 * @throws {UsageError} if neither config nor flags name a fleet
 */
export async function withFleet<T>(
  context: CliContext,
  flags: FleetPlaceFlags,
  body: (fleet: OpenFleet) => Promise<T>,
): Promise<T> {
  const fleet = await openFleet(context, flags);
  try {
    return await body(fleet);
  } finally {
    fleet.etcd.close();
  }
}

/**
 * Opens a fleet; the caller closes its etcd.
 *
 * @throws {UsageError} if neither config nor flags name a fleet
 */
export async function openFleet(context: CliContext, flags: FleetPlaceFlags): Promise<OpenFleet> {
  const place = await fleetPlace(context, flags);
  const { connectEtcd } = await import("../../../etcd/mod.ts");
  const { fleetKeys } = await import("../../../fleet/store/mod.ts");
  const { clock } = context.world;
  const etcd = connect(() =>
    connectEtcd({ clock, endpoints: place.endpoints, certificates: certificatesOf(place) })
  );
  return { name: place.name, etcd, keys: fleetKeys(place.prefix, place.name) };
}

async function fleetPlace(context: CliContext, flags: FleetPlaceFlags): Promise<FleetSettings> {
  const isWhole = flags.fleet !== undefined && flags.endpoint !== undefined;
  const configured = isWhole ? null : (await clientSettings(context)).fleet;
  const name = flags.fleet ?? configured?.name;
  const endpoints = flags.endpoint ?? configured?.endpoints ?? [];
  if (name === undefined || endpoints.length === 0) {
    throw new UsageError("There is no fleet here: the config has no agent.fleet", {
      hint: "Run it on a node of the fleet, or name --fleet and --endpoint; see docs/fleet.md",
    });
  }
  return {
    name,
    endpoints,
    certificateAuthority: flags.ca ?? configured?.certificateAuthority ?? null,
    clientCertificate: flags.cert ?? configured?.clientCertificate ?? null,
    clientKey: flags.key ?? configured?.clientKey ?? null,
    labels: {},
    prefix: flags.prefix ?? configured?.prefix ?? "/podstead/v1",
  };
}

function connect(make: () => Etcd): Etcd {
  try {
    return make();
  } catch (error) {
    throw new UsageError(`Cannot connect to etcd: ${errorText(error)}`, {
      hint: "An endpoint is such as https://10.0.0.1:2379, and https needs --ca",
    });
  }
}

function certificatesOf({ certificateAuthority, clientCertificate, clientKey }: FleetSettings) {
  if (certificateAuthority === null) return undefined;
  // Once: a command's connection is short.
  const files = {
    ca: read(certificateAuthority),
    ...(clientCertificate === null ? {} : { cert: read(clientCertificate) }),
    ...(clientKey === null ? {} : { key: read(clientKey) }),
  };
  return () => files;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const isDenied = (error as NodeJS.ErrnoException).code === "EACCES";
    throw new PodsteadError(
      isDenied ? "permission" : "config",
      `Cannot read "${path}": ${errorText(error)}`,
      { hint: isDenied ? "Run it with sudo" : "Check agent.fleet, or --ca, --cert and --key" },
    );
  }
}
