import type { NodeFiles } from "../os/mod.ts";
import { type KubeletCommand, readCommand } from "./command.ts";
import { commandWords, listSetting, readUnit, unitEnvironment } from "./unit_file.ts";

/** The kubelet's unit on nodes that have one of its own. */
const KUBELET_UNIT = "kubelet.service";

/** Units of distributions that run the kubelet inside their own process. */
const EMBEDDING_UNITS: Readonly<Record<string, "k3s" | "RKE2">> = {
  "k3s.service": "k3s",
  "k3s-agent.service": "k3s",
  "rke2-server.service": "RKE2",
  "rke2-agent.service": "RKE2",
};

/** The variable that packaged units leave to the administrator. Source: kubeadm's 10-kubeadm.conf. */
const EXTRA_ARGUMENTS = "KUBELET_EXTRA_ARGS";

/** How this node's kubelet is started and configured. */
export interface KubeletFacts extends KubeletCommand {
  /** The unit and its drop-ins. */
  readonly unitFiles: readonly string[];
  /** The command as it runs, variables filled in. */
  readonly command: readonly string[];
  /** The variable for more flags, where the command uses one. */
  readonly extraArguments: ExtraArguments | undefined;
  /** Whether kubeadm's drop-in is there: then `--config` is not for hand edits. */
  readonly kubeadm: boolean;
}

/** A variable that the command line ends with. */
export interface ExtraArguments {
  readonly variable: string;
  /** Empty when it is not set or set to nothing. */
  readonly value: string;
  /** The file that sets it. */
  readonly from: string | undefined;
}

/** What runs the kubelet on a node. */
export type KubeletFound =
  | { readonly kind: "unit"; readonly facts: KubeletFacts }
  | { readonly kind: "embedded"; readonly by: "k3s" | "RKE2"; readonly unit: string }
  | { readonly kind: "none" };

/** Finds the kubelet of a node, by its files alone. */
export async function discoverKubelet(files: NodeFiles): Promise<KubeletFound> {
  const unit = await readUnit(files, KUBELET_UNIT);
  if (unit === undefined) {
    for (const [name, by] of Object.entries(EMBEDDING_UNITS)) {
      if (await readUnit(files, name) !== undefined) return { kind: "embedded", by, unit: name };
    }
    return { kind: "none" };
  }
  const environment = await unitEnvironment(files, unit);
  const commandLine = listSetting(unit, "ExecStart").at(-1) ?? "";
  const command = commandWords(commandLine, environment);
  const extra = environment.get(EXTRA_ARGUMENTS);
  return {
    kind: "unit",
    facts: {
      ...await readCommand(files, command),
      unitFiles: unit.files,
      command,
      extraArguments: commandLine.includes(`$${EXTRA_ARGUMENTS}`)
        ? { variable: EXTRA_ARGUMENTS, value: extra?.value ?? "", from: extra?.from }
        : undefined,
      kubeadm: unit.files.some((path) => path.includes("kubeadm")),
    },
  };
}
