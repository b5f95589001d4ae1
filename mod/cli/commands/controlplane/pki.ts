import { buildRouteMap } from "@stricli/core";
import { resolve } from "node:path";
import type { Swapped, WrittenFile } from "../../../pki/mod.ts";
import { type Column, formatTable } from "../../../text/mod.ts";
import { documentOf, formatData, isDataOutput, type Output } from "../../output/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";
import { checkCommand } from "./pki_check.ts";
import { kubeconfigCommand } from "./pki_kubeconfig.ts";
import { type IssueFlags, issueFlags, issueOptions, type PkiPlace } from "./pki_settings.ts";

interface RenewFlags extends IssueFlags {
  readonly output: Output<"text">;
}

interface InitFlags extends RenewFlags {
  readonly from?: string;
}

const initCommand = defineCommand<InitFlags>({
  docs: {
    brief: "Make a complete PKI for a control plane node",
    fullDescription: [
      "Makes authorities, certificates and keys in kubeadm's layout, and the kubeconfigs of",
      "administrator, controller manager, scheduler and kubelet. Names and addresses come from",
      "the config. Private keys are readable by their owner only. Overwrites nothing: when one of",
      "the files exists, none is written. Any user can run it on a directory of their own.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      ...issueFlags,
      from: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "PKI of the first node, whose authorities and service account keys are taken over",
        placeholder: "DIR",
      },
    },
    aliases: { o: "output" },
  },
  examples: [
    ["sudo podstead pki init", "on a new node, before its control plane starts"],
    ["sudo podstead pki init --from ./pki-of-node-1", "on a further control plane node"],
    ["podstead pki init --config node-1.yaml --directory ./node-1", "on a laptop, for a node"],
  ],
  async func(this: CliContext, flags) {
    const { initPki } = await import("../../../pki/mod.ts");
    const options = await issueOptions(this, flags);
    const from = flags.from === undefined ? {} : { from: resolve(flags.from) };
    const written = await initPki({ ...options, ...from });
    const { stdout, stderr } = this.world;
    stdout.write(await formatWritten(written, flags.output));
    const { nodeName, advertiseAddress } = options.identity;
    stderr.write(`Made for node ${nodeName} at ${advertiseAddress}.\n${elsewhere(options)}`);
    stderr.write(
      `To use the cluster: kubectl --kubeconfig ${options.kubeconfigDirectory}/admin.conf get nodes\n`,
    );
  },
});

const renewCommand = defineCommand<RenewFlags>({
  docs: {
    brief: "Issue all certificates again from the authorities that are there",
    fullDescription: [
      "Authorities, private keys, subjects and names stay as they are; names of the config are",
      "added, and what is missing is made. All certificates are made and checked before the first",
      "file is replaced, and the old files are kept. The agent notices and restarts the",
      "controller manager and the scheduler, which read their kubeconfigs only when they start;",
      "the others read their certificates again by themselves.",
    ].join("\n"),
  },
  parameters: { flags: { output: proseOutputFlag, ...issueFlags }, aliases: { o: "output" } },
  examples: [["sudo podstead pki renew", "once a year, or after a change of certSANs"]],
  async func(this: CliContext, flags) {
    const { renewPki } = await import("../../../pki/mod.ts");
    const options = await issueOptions(this, flags);
    const swapped = await renewPki(options);
    this.world.stdout.write(
      await formatWritten(swapped.written, flags.output, swapped.keptDirectory),
    );
    this.world.stderr.write(wayBack(swapped, options));
  },
});

/** `podstead pki`. */
export const pkiCommands = buildRouteMap({
  routes: {
    init: initCommand,
    renew: renewCommand,
    check: checkCommand,
    kubeconfig: kubeconfigCommand,
  },
  docs: { brief: "Make, renew and check the certificates of a control plane" },
});

/** What the config must say for files that are where it does not look. */
function elsewhere({ directory, kubeconfigDirectory, configured }: PkiPlace): string {
  const lines = [
    ...(directory === configured.pkiDirectory ? [] : [`  pkiDirectory: ${directory}`]),
    ...(kubeconfigDirectory === configured.kubeconfigDirectory
      ? []
      : [`  kubeconfigDirectory: ${kubeconfigDirectory}`]),
  ];
  if (lines.length === 0) return "";
  const { pkiDirectory, kubeconfigDirectory: kubeconfigs } = configured;
  return [
    `The config looks for certificates in ${pkiDirectory} and for kubeconfigs in ${kubeconfigs}.`,
    "Carry the files there, or let the config say:",
    "cluster:",
    ...lines,
    "",
  ].join("\n");
}

function wayBack(swapped: Swapped, { directory, kubeconfigDirectory }: PkiPlace): string {
  const { keptDirectory } = swapped;
  const copy = (name: string, to: string) =>
    `cp -a ${inShell(`${keptDirectory}/${name}/.`)} ${inShell(`${to}/`)}`;
  return [
    `The old files are in ${keptDirectory}. To go back:`,
    `  ${copy("pki", directory)} && ${copy("kubeconfig", kubeconfigDirectory)}`,
    "",
  ].join("\n");
}

/** A word of a command that is printed to be copied. */
function inShell(word: string): string {
  return /^[\w./:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** The files that were written; `keptDirectory` has those before. */
async function formatWritten(
  files: readonly WrittenFile[],
  output: Output<"text">,
  keptDirectory?: string,
): Promise<string> {
  if (isDataOutput(output)) {
    return await formatData(
      output,
      documentOf("PkiReport", {
        changed: files.length > 0,
        files: files.map(({ path, toMs }) => ({
          path,
          ...(toMs === undefined ? {} : { expires: new Date(toMs).toISOString() }),
        })),
        ...(keptDirectory === undefined ? {} : { keptDirectory }),
      }),
    );
  }
  const columns: readonly Column<WrittenFile>[] = [
    { header: "file", cell: ({ path }) => path },
    {
      header: "expires",
      cell: ({ toMs }) => toMs === undefined ? "" : new Date(toMs).toISOString().slice(0, 10),
    },
  ];
  return formatTable(columns, files);
}
