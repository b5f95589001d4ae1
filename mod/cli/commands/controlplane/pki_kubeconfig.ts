import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { type IssueFlags, issueFlags, issueOptions } from "./pki_settings.ts";

interface KubeconfigFlags extends IssueFlags {
  readonly group?: readonly string[];
  readonly server?: string;
}

/** `podstead pki kubeconfig`. */
export const kubeconfigCommand = defineCommand<KubeconfigFlags, [name: string]>({
  docs: {
    brief: "Make a kubeconfig for a person or a machine",
    fullDescription: [
      "Issues a client certificate from the cluster's authority and prints a kubeconfig with it.",
      "What the user may do is up to role bindings for the user or its groups. A certificate",
      "cannot be taken back before it ends: give people short --days.",
    ].join("\n"),
  },
  parameters: {
    positional: {
      kind: "tuple",
      parameters: [{ brief: "User, as Kubernetes sees it", parse: String, placeholder: "NAME" }],
    },
    flags: {
      ...issueFlags,
      group: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "Group of the user; can be given several times",
        placeholder: "GROUP",
      },
      server: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "URL of the API server (default: cluster.controlPlane.endpoint, or this node)",
        placeholder: "URL",
      },
    },
  },
  examples: [
    ["sudo podstead pki kubeconfig jane --group developers --days 30 > jane.conf", "for a person"],
    ["sudo podstead pki kubeconfig system:node:worker-1 --group system:nodes", "for a kubelet"],
  ],
  async func(this: CliContext, flags, name) {
    const { clientKubeconfig } = await import("../../../pki/mod.ts");
    const { group: groups = [], server } = flags;
    const text = await clientKubeconfig(
      { name, groups, ...(server === undefined ? {} : { server }) },
      await issueOptions(this, flags),
    );
    this.world.stdout.write(text);
  },
});
