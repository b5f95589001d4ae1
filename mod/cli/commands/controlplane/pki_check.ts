import { formatDuration } from "../../../core/mod.ts";
import type { CertificateFacts } from "../../../controlplane/mod.ts";
import { isDataOutput } from "../../output/mod.ts";
import type { Column } from "../../../text/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { type ListFlags, writeListing } from "../../shell/listing.ts";
import { LIST_ALIASES, LIST_FLAGS } from "../../shell/shared_flags.ts";
import { pkiPlace, type PkiPlaceFlags, placeFlags } from "./pki_settings.ts";

type CheckFlags = PkiPlaceFlags & ListFlags;

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
    flags: { ...placeFlags, ...LIST_FLAGS },
    aliases: LIST_ALIASES,
  },
  examples: [["sudo podstead pki check", "all certificates of this node"]],
  async func(this: CliContext, flags) {
    const { checkPki } = await import("../../../pki/mod.ts");
    const { stderr, clock } = this.world;
    const nowMs = clock.now();
    const { certificates, findings } = await checkPki({ ...await pkiPlace(this, flags), nowMs });
    await writeListing(this, flags, {
      kind: "CertificateList",
      items: certificates,
      document: ({ fromMs, toMs, ...facts }) => ({
        ...facts,
        notBefore: new Date(fromMs).toISOString(),
        notAfter: new Date(toMs).toISOString(),
      }),
      names: ({ path }) => [`certificate/${path}`],
      ids: ({ path }) => [path],
      columns: certificateColumns(nowMs),
      more: { findings },
    });
    if (!isDataOutput(flags.output)) {
      findings.forEach(({ severity, message, hint }, at) => {
        stderr.write(`${severity === "held" ? "error" : "warning"}: ${message}\n`);
        // A next step that several in a row share is said once.
        if (hint !== undefined && findings[at + 1]?.hint !== hint) stderr.write(`  ${hint}\n`);
      });
      if (findings.some(({ code }) => code === "unreadable")) {
        stderr.write("  Keys are their owner's alone: run it as that user, such as root\n");
      }
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
    {
      header: "expires",
      cell: ({ toMs }) => new Date(toMs).toISOString().slice(0, 10),
      sortValue: ({ toMs }) => toMs,
    },
    {
      header: "left",
      cell: ({ toMs }) => toMs > nowMs ? formatDuration(toMs - nowMs) : "expired",
      look: ({ toMs }) => toMs > nowMs ? undefined : "red",
      sortValue: ({ toMs }) => toMs,
    },
  ];
}
