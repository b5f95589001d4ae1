import { resolve } from "node:path";
import type { FleetPkiOptions } from "../../../pki/mod.ts";
import { UsageError } from "../../../core/mod.ts";
import type { EtcdMember } from "../../../fleet/operator/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { countOf } from "../../shell/parsers.ts";

interface InitFlags {
  readonly fleet: string;
  readonly on: string;
  readonly member?: readonly string[];
  readonly out: string;
  readonly image: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

/** The version that etcd's own page of downloads names, from Kubernetes' registry. */
const IMAGE = "registry.k8s.io/etcd:3.6.5-0";

export const initCommand = defineCommand<InitFlags>({
  docs: {
    brief: "Make an etcd for a fleet: static pods, certificates, settings of the nodes",
    fullDescription: [
      "Writes files only, to be carried to the nodes; nothing is started. For each node of --on: a",
      "static pod of etcd and its certificates. For each --member: the certificate by which etcd",
      "knows it, and the settings for its config. Repeat it with the same --out for further members:",
      "what is there stays. Three nodes suffice when one of them is gone, five when two are.",
      "",
      "Ports 2379 and 2380 are those of a control plane's etcd too: choose others on its nodes.",
      "",
      'When etcd runs, "podstead fleet auth" lets each node do its part, and nothing else.',
    ].join("\n"),
  },
  parameters: {
    flags: {
      fleet: {
        kind: "parsed",
        parse: fleetNameOf,
        brief: "Name of the fleet",
        placeholder: "NAME",
      },
      on: {
        kind: "parsed",
        parse: String,
        brief: "Nodes of etcd with their addresses: a=10.0.0.1,b=10.0.0.2,c=10.0.0.3",
        placeholder: "LIST",
      },
      member: {
        kind: "parsed",
        parse: String,
        optional: true,
        variadic: true,
        brief: "A node of the fleet, by its name (default: those of --on); may be repeated",
        placeholder: "NODE",
      },
      out: { kind: "parsed", parse: String, brief: "Where the files go", placeholder: "DIR" },
      image: {
        kind: "parsed",
        parse: String,
        default: IMAGE,
        brief: "Image of etcd",
        placeholder: "IMAGE",
      },
      clientPort: {
        kind: "parsed",
        parse: countOf("--client-port"),
        default: "2379",
        brief: "Port for clients",
        placeholder: "PORT",
      },
      peerPort: {
        kind: "parsed",
        parse: countOf("--peer-port"),
        default: "2380",
        brief: "Port between etcd's members",
        placeholder: "PORT",
      },
    },
  },
  examples: [
    [
      "podstead fleet init --fleet edge --on a=10.0.0.1,b=10.0.0.2,c=10.0.0.3 --out ./edge",
      "pods and certificates of three members",
    ],
  ],
  async func(this: CliContext, flags) {
    const { makeFleetPki } = await import("../../../pki/mod.ts");
    const { clientUrl, ETCD_PKI, etcdPod } = await import("../../../fleet/operator/mod.ts");
    const { formatYaml } = await import("../../output/yaml.ts");
    const { processOwner, writeFileAtomic } = await import("../../../os/mod.ts");
    const members = membersOf(flags.on);
    const nodes = flags.member ?? members.map(({ name }) => name);
    const directory = resolve(flags.out);
    const options: FleetPkiOptions = {
      ...{ directory, fleet: flags.fleet, etcd: members, nodes },
      nowMs: this.world.clock.now(),
      owner: processOwner(),
    };
    const written = [...await makeFleetPki(options)];
    const endpoints = members.map((one) => clientUrl(one, flags.clientPort));
    const write = async (path: string, text: string) => {
      await writeFileAtomic(path, text, 0o644);
      written.push(path);
    };
    for (const one of members) {
      const pod = etcdPod(one, { ...flags, members });
      await write(`${directory}/etcd/${one.name}/fleet-etcd.yaml`, formatYaml(pod));
    }
    for (const node of nodes) {
      const fleet = settingsOf(flags.fleet, endpoints);
      await write(`${directory}/nodes/${node}/agent.yaml`, formatYaml({ agent: { fleet } }));
    }
    const { stdout, stderr } = this.world;
    stdout.write(written.map((path) => `${path}\n`).join(""));
    stderr.write(nextSteps(directory, ETCD_PKI, flags.fleet, endpoints));
  },
});

function settingsOf(name: string, endpoints: readonly string[]) {
  return {
    name,
    endpoints: [...endpoints],
    certificateAuthority: "/etc/podstead/fleet/ca.crt",
    clientCertificate: "/etc/podstead/fleet/node.crt",
    clientKey: "/etc/podstead/fleet/node.key",
  };
}

function nextSteps(
  directory: string,
  pki: string,
  fleet: string,
  endpoints: readonly string[],
): string {
  return [
    "On each node NAME of etcd:",
    `  ${directory}/etcd/NAME/*.crt and *.key go to ${pki}/, and are root's alone`,
    `  ${directory}/etcd/NAME/fleet-etcd.yaml goes to /etc/podstead/pods.d/; then podstead reload`,
    "When they run:",
    `  podstead fleet auth --fleet ${fleet} ${
      endpoints.map((one) => `--endpoint ${one}`).join(" ")
    }` +
    ` --ca ${directory}/ca.crt --cert ${directory}/root.crt --key ${directory}/root.key` +
    " --member NODE …",
    "On each node NODE of the fleet:",
    `  ${directory}/nodes/NODE/*.crt and *.key go to /etc/podstead/fleet/`,
    `  what ${directory}/nodes/NODE/agent.yaml says goes into its config; then restart the agent`,
    "Roll-outs are begun with the operator's certificate:",
    `  podstead fleet rollout apply -f FILE --cert ${directory}/operator.crt --key ${directory}/operator.key`,
    `Keep the keys in ${directory} in a safe place: who has them can change every node.`,
    "",
  ].join("\n");
}

/** @throws {UsageError} */
function membersOf(text: string): readonly EtcdMember[] {
  const members = text.split(",").map((part): EtcdMember => {
    const [, name = "", address = ""] = /^([a-z0-9][a-z0-9.-]*)=([\w.:-]+)$/.exec(part.trim()) ??
      [];
    if (name === "" || address === "") {
      throw new UsageError(`--on must be NAME=ADDRESS,…, current value is "${text}"`, {
        hint: "For example: --on a=10.0.0.1,b=10.0.0.2,c=10.0.0.3",
      });
    }
    return { name, address };
  });
  if (new Set(members.map(({ name }) => name)).size !== members.length) {
    throw new UsageError("--on names a node twice");
  }
  if (members.length % 2 === 1) return members;
  throw new UsageError(`etcd wants an odd number of members, --on has ${members.length}`, {
    hint: "Three suffice when one is gone, and four do no better",
  });
}

/** @throws {UsageError} */
function fleetNameOf(text: string): string {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text)) return text;
  throw new UsageError(
    `--fleet must be of lower-case letters, digits and "-", current value is "${text}"`,
  );
}
