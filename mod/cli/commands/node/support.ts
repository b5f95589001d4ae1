import { Buffer } from "node:buffer";
import { join } from "node:path";
import { errorText, formatBytes, PodsteadError, UsageError } from "../../../core/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import type { CliContext, RemoteNode } from "../../shell/context.ts";
import { durationOf } from "../../shell/parsers.ts";
import { buildInfo } from "../../../os/runtime.ts";

interface SupportFlags {
  readonly output: string | undefined;
  readonly timeout: number;
}

export const supportCommand = defineCommand<SupportFlags>({
  docs: {
    brief: "Pack what helps to find a fault, without any secret",
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
      "With -N each node gathers its own, and each archive is written here; -o is then a directory.",
      "",
      "Works without an agent and as an ordinary user, and says what could not be read. It changes",
      "nothing on the node.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: {
        kind: "parsed",
        parse: archivePath,
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
  nodes: { policy: "many" },
  examples: [
    ["sudo podstead support", "podstead-support-node-1-20261130T042513Z.tar.gz in this directory"],
    ["podstead support -N edge-1,edge-2", "an archive of each of these nodes, in this directory"],
  ],
  async func(this: CliContext, flags) {
    if (this.node !== undefined) return await fetchArchive(this, this.node, flags);
    const { gatherSupport } = await import("./support_gather.ts");
    const { packBundle } = await import("../../../bundle/mod.ts");
    const { defaultNodeName } = await import("../../../os/mod.ts");
    const { clock, stdout, stderr, uid } = this.world;
    const timeMs = clock.now();
    const { files, notes, node = defaultNodeName() } = await gatherSupport(this, flags.timeout);
    const name = archiveName(node, timeMs);
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

/** @throws {UsageError} for a format, which `-o` says of other commands */
function archivePath(text: string): string {
  if (!/^(?:json|yaml|wide|table|name|text)$/.test(text)) return text;
  throw new UsageError(`-o is the file of the archive, and not a format such as "${text}"`, {
    hint: `A file of that name: -o ./${text}`,
  });
}

function archiveName(node: string, timeMs: number): string {
  const stamp = new Date(timeMs).toISOString().replace(/\.\d+|[-:]/g, "");
  return `podstead-support-${node.replace(/[^\w.-]+/g, "_").slice(0, 40)}-${stamp}`;
}

/** What a node's own podstead gathers there, written here. */
async function fetchArchive(
  { world: { clock, stdout } }: CliContext,
  node: RemoteNode,
  { output = ".", timeout }: SupportFlags,
): Promise<void> {
  const { stat } = await import("node:fs/promises");
  const isDirectory = await stat(output).then((found) => found.isDirectory(), () => false);
  if (!isDirectory) {
    throw new UsageError(`With -N, -o must be a directory, current value is "${output}"`, {
      hint: "Each node's archive is written into it",
    });
  }
  const chunks: Uint8Array[] = [];
  const command = ["support", "-o", "-", `--timeout=${timeout}ms`];
  for await (const chunk of node.run(command)) chunks.push(chunk);
  const archive = Buffer.concat(chunks);
  const path = join(output, `${archiveName(node.name, clock.now())}.tar.gz`);
  await writeArchive(path, archive);
  stdout.write(`${path}: ${formatBytes(archive.length)}\n`);
}

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
