import { errorText, formatBytes, PodsteadError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext } from "../../shell/context.ts";
import { durationOf } from "../../shell/parsers.ts";
import { buildInfo } from "../../../os/runtime.ts";

interface SupportFlags {
  readonly output: string | undefined;
  readonly timeout: number;
}

export const supportCommand = defineCommand<SupportFlags>({
  docs: {
    brief: "Gather what helps to find a fault into one archive, without secrets",
    fullDescription: [
      "One tar.gz of text and JSON files: the verdict, doctor, versions, config, pods as declared",
      "and as they are, revisions, events, containers, the last log lines of agent, kubelet and",
      "runtime, and of every pod that is not well a description and its logs. README.txt in it says",
      "what each file is and what is missing; nothing of podstead is needed to read it.",
      "",
      "Values of Secrets, ConfigMaps and environment variables, tokens, passwords and private keys",
      "are left out wherever they stand; sealed values stay sealed. Logs are as programs wrote them",
      "otherwise: look through them before handing the archive on.",
      "",
      "Works without an agent and as an ordinary user, and says what could not be read. It changes",
      "nothing on the node.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief:
          "The archive; - for standard output (default: podstead-support-NODE-TIME.tar.gz here)",
        placeholder: "FILE",
      },
      timeout: {
        kind: "parsed",
        parse: durationOf("--timeout", 1000),
        default: "10s",
        brief: "What takes longer is left out",
        placeholder: "DURATION",
      },
    },
    aliases: { o: "output" },
  },
  examples: [
    ["sudo podstead support", "podstead-support-node-1-20261130T042513Z.tar.gz in this directory"],
    ["ssh node-1 sudo podstead support -o - > node-1.tar.gz", "that of another node"],
  ],
  async func(this: CliContext, flags) {
    const { gatherSupport } = await import("./support_gather.ts");
    const { packBundle } = await import("../../../bundle/mod.ts");
    const { defaultNodeName } = await import("../../../os/mod.ts");
    const { clock, stdout, stderr, uid } = this.world;
    const timeMs = clock.now();
    const { files, notes, node = defaultNodeName() } = await gatherSupport(this, flags.timeout);
    const stamp = new Date(timeMs).toISOString().replace(/\.\d+|[-:]/g, "");
    const name = `podstead-support-${node.replace(/[^\w.-]+/g, "_").slice(0, 40)}-${stamp}`;
    const isRoot = (uid ?? 0) === 0;
    const archive = packBundle(name, files, {
      node,
      version: buildInfo().version,
      timeMs,
      user: isRoot ? "root" : "an ordinary user",
      notes: [
        ...notes,
        ...isRoot ? [] : ["Not gathered by root: sudo podstead support has more"],
      ],
    });
    if (flags.output === "-") return stdout.write(archive);
    const path = flags.output ?? `${name}.tar.gz`;
    await writeArchive(path, archive);
    const missing = files.filter((file) => file.missing !== undefined).length;
    stdout.write(`${path}: ${files.length} files, ${formatBytes(archive.length)}\n`);
    if (missing > 0) {
      stderr.write(`${missing} of them are not complete; README.txt in it says why\n`);
    }
    if (!isRoot) stderr.write("With root there is more in it: sudo podstead support\n");
  },
});

async function writeArchive(path: string, archive: Uint8Array): Promise<void> {
  const { writeFileAtomic } = await import("../../../os/mod.ts");
  try {
    await writeFileAtomic(path, archive, 0o600);
  } catch (error) {
    throw new PodsteadError("failed", `Cannot write "${path}": ${errorText(error)}`, {
      cause: error,
      hint: "Name a file in a directory that you may write to: podstead support -o FILE",
    });
  }
}
