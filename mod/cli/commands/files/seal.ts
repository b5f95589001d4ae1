import { UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";

interface SealFlags {
  readonly recipient?: readonly string[];
  readonly rotate: boolean;
  readonly init: boolean;
  readonly showRecipient: boolean;
  readonly identity?: string;
}

export const sealCommand = defineCommand<SealFlags, string[]>({
  docs: {
    brief: "Seal values of Secrets, so that only a node can read them",
    fullDescription: [
      "Encrypts every plain value of the Secrets in the files with age, and writes the files back;",
      "- reads standard input and writes standard output. The rest of a file stays as it is. The",
      "node opens the values in memory and on a tmpfs only. A file can be sealed on any machine:",
      "it takes the node's public key (-r), which podstead seal --show-recipient prints there.",
      "Without -r it seals for this node.",
      "",
      "--init makes this node's identity, in /etc/podstead/identity or --identity FILE, and prints",
      "its public key. --rotate opens values that are sealed already and seals them again, such as",
      "for another recipient; pods that use them in env restart.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      recipient: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "Public key that can open the values; may be given more than once",
        placeholder: "RECIPIENT",
      },
      rotate: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Also seal again what is sealed already",
      },
      init: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Make the identity of this node, and print its public key",
      },
      showRecipient: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Print the public key of this node's identity",
      },
      identity: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "Identity file (default: agent.identityFile, else /etc/podstead/identity)",
        placeholder: "FILE",
      },
    },
    aliases: { r: "recipient" },
    positional: {
      kind: "array",
      parameter: { parse: String, brief: "File or - for standard input", placeholder: "FILE" },
    },
  },
  examples: [
    ["sudo podstead seal --init", "make the node's identity; prints its public key age1…"],
    ["podstead seal -r age1… pods.d/db.yaml", "seal a file for that node"],
    [
      "kubectl create secret generic db --from-literal=password=x --dry-run=client -o yaml | " +
      "podstead seal -r age1… -",
      "seal what another program writes",
    ],
    ["sudo podstead seal --rotate -r age1… pods.d/db.yaml", "seal it again, for a new identity"],
  ],
  async func(this: CliContext, flags, ...paths) {
    const { recipient = [], identity, init, rotate, showRecipient } = flags;
    const { initIdentity, nodeRecipients, sealFiles } = await import("./seal_run.ts");
    if (init || showRecipient) {
      if (paths.length > 0 || recipient.length > 0 || rotate || init && showRecipient) {
        throw new UsageError(`--${init ? "init" : "show-recipient"} goes with --identity alone`);
      }
      const lines = init
        ? [await initIdentity(this, identity)]
        : await nodeRecipients(this, identity);
      this.world.stdout.write(lines.map((line) => `${line}\n`).join(""));
      return;
    }
    if (paths.length === 0) {
      throw new UsageError("There is no file to seal", {
        hint: 'Name one, or "-" for standard input: podstead seal -r RECIPIENT FILE',
      });
    }
    await sealFiles(this, paths, { recipients: recipient, identity, rotate });
  },
});
