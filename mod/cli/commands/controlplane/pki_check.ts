import { formatDuration } from "../../../core/mod.ts";
import type { CertificateFacts } from "../../../controlplane/mod.ts";
import { formatData, isDataOutput, type Output, parseOutput } from "../../output/mod.ts";
import { type Column, formatTable } from "../../../text/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { pkiPlace, type PkiPlaceFlags, placeFlags } from "./pki_settings.ts";

interface CheckFlags extends PkiPlaceFlags {
  readonly output: Output;
}

/** `podstead pki check`. */
export const checkCommand = defineCommand<CheckFlags>({
  docs: {
    brief: "Show when certificates end, and what is wrong with them",
    fullDescription: [
      "Looks at every certificate and key: there, readable, matching, issued by its authority,",
      "in date; also at the client certificate that a kubelet rotates itself. Ends with 1 when",
      "something would hold the control plane back.",
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
        await formatData(flags.output, {
          apiVersion: "podstead.dev/v1",
          kind: "CertificateList",
          items,
          findings,
        }),
      );
    } else {
      stdout.write(
        formatTable(certificateColumns(nowMs), certificates, { style: styleOf(this, stdout) }),
      );
      findings.forEach(({ severity, message, hint }, at) => {
        stderr.write(`${severity === "held" ? "error" : "warning"}: ${message}\n`);
        // What is to be done for several in a row is said once.
        if (hint !== undefined && findings[at + 1]?.hint !== hint) stderr.write(`  ${hint}\n`);
      });
    }
    if (findings.some((finding) => finding.severity === "held")) {
      this.process.exitCode = EXIT.failed;
    }
  },
});

function certificateColumns(nowMs: number): readonly Column<CertificateFacts>[] {
  return [
    { header: "certificate", cell: ({ path }) => path },
    { header: "subject", cell: ({ subject }) => subject },
    { header: "expires", cell: ({ toMs }) => new Date(toMs).toISOString().slice(0, 10) },
    {
      header: "left",
      cell: ({ toMs }) => toMs > nowMs ? formatDuration(toMs - nowMs) : "expired",
      look: ({ toMs }) => toMs > nowMs ? undefined : "red",
    },
  ];
}
