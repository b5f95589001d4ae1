import { buildRouteMap } from "@stricli/core";
import { formatDuration, UsageError } from "../../../core/mod.ts";
import type { CertificateFacts } from "../../../controlplane/mod.ts";
import type { KeyType, WrittenFile } from "../../../pki/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { type Column, formatTable } from "../../../text/mod.ts";
import { formatData, isDataOutput, type Output, parseOutput } from "../../output/mod.ts";
import { withCommas } from "../../shell/help_text.ts";
import { countOf } from "../../shell/parsers.ts";
import { pkiPlace, type PkiPlaceFlags, placeFlags } from "./pki_settings.ts";

interface IssueFlags extends PkiPlaceFlags {
  readonly keyType: KeyType;
  readonly days: number;
}

const issueFlags = {
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
    brief: "How long certificates count; authorities count ten years",
    placeholder: "N",
  },
} as const;

const initCommand = defineCommand<IssueFlags>({
  docs: {
    brief: "Make a complete PKI for a single-node control plane",
    fullDescription: [
      "Makes authorities, certificates and keys in kubeadm's layout, and the kubeconfigs of",
      "administrator, controller manager, scheduler and kubelet. Names and addresses come from",
      "the config. Private keys are readable by root only. Overwrites nothing: when one of the",
      "files exists, none is written.",
    ].join("\n"),
  },
  parameters: { flags: issueFlags },
  examples: [
    ["sudo podstead pki init", "on a fresh node, before its control plane starts"],
    ["podstead pki init --directory ./pki --days 90", "somewhere else, for 90 days"],
  ],
  async func(this: CliContext, flags) {
    const { initPki } = await import("../../../pki/mod.ts");
    const place = await pkiPlace(this, flags);
    const written = await initPki({
      ...place,
      keyType: flags.keyType,
      certificateDays: flags.days,
      nowMs: this.world.clock.now(),
    });
    this.world.stdout.write(formatWritten(written));
    this.world.stderr.write(
      `Done. To use the cluster: kubectl --kubeconfig ${place.kubeconfigDirectory}/admin.conf get nodes\n`,
    );
  },
});

const renewCommand = defineCommand<IssueFlags>({
  docs: {
    brief: "Issue all certificates anew from the authorities that are there",
    fullDescription: [
      "Authorities and private keys stay as they are; what is missing is made. Names that an",
      "existing certificate covers are kept, those of the config are added. The agent notices",
      "and restarts the controller manager and the scheduler, which read their kubeconfigs only",
      "when they start; the others read their certificates again by themselves.",
    ].join("\n"),
  },
  parameters: { flags: issueFlags },
  examples: [["sudo podstead pki renew", "once a year, or after a change of certSANs"]],
  async func(this: CliContext, flags) {
    const { renewPki } = await import("../../../pki/mod.ts");
    const written = await renewPki({
      ...await pkiPlace(this, flags),
      keyType: flags.keyType,
      certificateDays: flags.days,
      nowMs: this.world.clock.now(),
    });
    this.world.stdout.write(formatWritten(written));
  },
});

interface CheckFlags extends PkiPlaceFlags {
  readonly output: Output;
}

const checkCommand = defineCommand<CheckFlags>({
  docs: {
    brief: "Show when certificates end, and what is wrong with them",
    fullDescription: [
      "Looks at every certificate and key: there, readable, matching, issued by its authority,",
      "in date. Ends with 1 when something would hold the control plane back.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...placeFlags,
      output: {
        kind: "parsed",
        parse: (text: string) => parseOutput(text, [], ["wide"]),
        default: "table",
        brief: "table, json, yaml or jsonpath=TEMPLATE",
        placeholder: "FORMAT",
      },
    },
    aliases: { o: "output" },
  },
  examples: [["sudo podstead pki check", "all certificates of this node"]],
  async func(this: CliContext, flags) {
    const { checkPki } = await import("../../../pki/mod.ts");
    const { stdout, stderr, clock } = this.world;
    const nowMs = clock.now();
    const { certificates, findings } = await checkPki({ ...await pkiPlace(this, flags), nowMs });
    if (isDataOutput(flags.output)) {
      const items = certificates.map(({ fromMs, toMs, ...facts }) => ({
        ...facts,
        notBefore: new Date(fromMs).toISOString(),
        notAfter: new Date(toMs).toISOString(),
      }));
      stdout.write(
        await formatData(flags.output, { apiVersion: "podstead.dev/v1", items, findings }),
      );
    } else {
      stdout.write(
        formatTable(certificateColumns(nowMs), certificates, { style: styleOf(this, stdout) }),
      );
      for (const { severity, message, hint } of findings) {
        stderr.write(`${severity === "held" ? "error" : "warning"}: ${message}\n`);
        if (hint !== undefined) stderr.write(`  ${hint}\n`);
      }
    }
    if (findings.some((finding) => finding.severity === "held")) {
      this.process.exitCode = EXIT.failed;
    }
  },
});

/** `podstead pki`. */
export const pkiCommands = withCommas(buildRouteMap({
  routes: { init: initCommand, renew: renewCommand, check: checkCommand },
  docs: { brief: "Make, renew and check the certificates of a control plane" },
}));

function certificateColumns(nowMs: number): readonly Column<CertificateFacts>[] {
  return [
    { header: "certificate", cell: ({ path }) => path },
    { header: "subject", cell: ({ subject }) => subject },
    { header: "expires", cell: ({ toMs }) => date(toMs) },
    {
      header: "left",
      cell: ({ toMs }) => toMs > nowMs ? formatDuration(toMs - nowMs) : "expired",
      look: ({ toMs }) => toMs > nowMs ? undefined : "red",
    },
  ];
}

function formatWritten(files: readonly WrittenFile[]): string {
  const columns: readonly Column<WrittenFile>[] = [
    { header: "file", cell: ({ path }) => path },
    { header: "expires", cell: ({ toMs }) => toMs === undefined ? "" : date(toMs) },
  ];
  return formatTable(columns, files);
}

function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function daysOf(text: string): number {
  const days = countOf("--days")(text);
  if (days >= 1 && days <= 3650) return days;
  throw new UsageError(`--days must be 1 to 3650, current value is "${text}"`);
}
