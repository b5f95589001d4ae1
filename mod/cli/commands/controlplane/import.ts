import { existsSync } from "node:fs";
import { chown, mkdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import {
  ConfigError,
  errorText,
  type JsonObject,
  PodsteadError,
  type Problem,
  UsageError,
} from "../../../core/mod.ts";
import type {
  ControlPlaneNode,
  FolderFs,
  ImportedPod,
  ImportResult,
} from "../../../controlplane/mod.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { clientSettings } from "../../shell/client_settings.ts";
import { DEFAULT_CONFIG_PATH } from "../../shell/globals.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { throughHangUp } from "../../shell/world.ts";
import { formatProblem, formatTable } from "../../../text/mod.ts";
import { documentOf, formatData, isDataOutput, type Output } from "../../output/mod.ts";
import { formatYaml } from "../../output/yaml.ts";
import { proseOutputFlag } from "../../shell/shared_flags.ts";

interface ImportFlags {
  readonly output: Output<"text">;
  readonly yes: boolean;
  readonly differences: boolean;
  readonly takeOver: boolean;
}

/** Where kubeadm and most kubelets have their manifests. */
const DEFAULT_FOLDER = "/etc/kubernetes/manifests";

export const importCommand = defineCommand<ImportFlags, [string?]>({
  docs: {
    brief: "Turn a kubelet's manifest folder into a config",
    fullDescription: [
      "Reads the pods of a manifest folder and prints the config that serves the same pods: a",
      "control plane as kubeadm makes it becomes settings, everything else is taken over as it",
      "is. On stderr: what became of each manifest, and in which fields the served pod will",
      "differ. Every pod restarts once when it is taken over. Changes nothing; with --yes it",
      "writes the config; into one that is there already it writes these pods and settings, and",
      "changes nothing else of it. The manifests stay where they are until --take-over moves them,",
      "each when the pod before runs from podstead and is ready; a step that fails is put back.",
      "",
      "Pods that the kubelet refuses, and further files with a pod that it runs already, are named",
      "and not taken over. Exit code 78: there are such files; --yes then writes nothing, and",
      "--take-over moves nothing.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      yes: { kind: "boolean", default: false, withNegated: false, brief: "Write the config" },
      takeOver: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief:
          "Serve the pods by the config that was written, and move the manifests away one by one",
      },
      differences: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Show every field that will differ, and why that is meant",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{
        parse: String,
        brief: `Manifest folder (default: ${DEFAULT_FOLDER})`,
        placeholder: "DIR",
        optional: true,
      }],
    },
    aliases: { o: "output" },
  },
  examples: [
    ["sudo podstead import", "show what taking over from kubeadm would mean"],
    ["sudo podstead import /etc/kubernetes/manifests --yes", "write the config"],
    ["sudo podstead import --take-over", "then let podstead's pods take the place of the folder's"],
  ],
  async func(this: CliContext, flags, folder = DEFAULT_FOLDER) {
    const { stdout, stderr } = this.world;
    const target = this.globals.config ?? DEFAULT_CONFIG_PATH;
    const takesOver = flags.takeOver && !flags.yes;
    if (takesOver && isDataOutput(flags.output)) {
      throw new UsageError("--take-over tells its steps as text", { hint: "Leave -o out" });
    }
    if (takesOver && !existsSync(target)) {
      throw new UsageError(`Cannot take over: there is no config "${target}" yet`, {
        hint: "Write it with `podstead import --yes`, look at it, then --take-over",
      });
    }
    const { result, problems } = await readAndImport(this, folder);
    if (problems.length > 0 && (flags.yes || takesOver)) throw refusedManifests(folder, problems);
    if (takesOver) {
      const { takeOver } = await import("./take_over.ts");
      const isDone = await throughHangUp(() => takeOver(this, folder, result.pods));
      if (!isDone) this.process.exitCode = EXIT.failed;
      return;
    }
    if (problems.length > 0) {
      this.process.exitCode = EXIT.config;
    }
    const config = formatYaml(result.config);
    if (isDataOutput(flags.output)) {
      const changed = flags.yes && (await writeConfig(target, config, result.config)).changed;
      const report = reportOf(result, problems);
      stdout.write(
        await formatData(
          flags.output,
          documentOf("ImportReport", { changed, path: target, config, ...report }),
        ),
      );
      return;
    }
    stderr.write(formatTable(COLUMNS, result.pods, { style: styleOf(this, stderr) }));
    for (const pod of result.pods) stderr.write(explain(pod, flags.differences));
    if (!flags.yes) {
      stdout.write(config);
      for (const problem of problems) {
        stderr.write(`\n${formatProblem(problem, { color: false })}\n`);
      }
      stderr.write(
        problems.length > 0
          ? `\nNothing was changed. ${problems.length} of the files are not taken over.\n`
          : "\nNothing was changed. With --yes this config is written.\n",
      );
      return;
    }
    stderr.write(
      `\n${(await writeConfig(target, config, result.config)).told}. Next, in this order:\n` +
        "  podstead validate             # once more, with the kubelet's rules\n" +
        "  podstead import --take-over   # serve the pods, and let them start one by one\n" +
        "or the second by hand:\n" +
        "  podstead reload  # serve the pods; the kubelet lets them wait\n" +
        `  ${moveStep(folder, result.pods)}   # let them start\n`,
    );
  },
});

/** Writes what was imported, into the config that is there already if there is one. */
async function writeConfig(
  target: string,
  text: string,
  imported: JsonObject,
): Promise<{ readonly changed: boolean; readonly told: string }> {
  const { writeFileAtomic } = await import("../../../os/mod.ts");
  const old = await readFile(target, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  if (old.trim() === "") {
    await mkdir(dirname(target), { recursive: true, mode: 0o755 });
    await writeFileAtomic(target, text, 0o600);
    return { changed: true, told: `Wrote ${target}` };
  }
  const { mergeConfig } = await import("./merge_config.ts");
  const merged = mergeConfig(old, target, imported);
  if (merged === old) return { changed: false, told: `${target} says so already` };
  const { mode, uid, gid } = await stat(target);
  await writeFileAtomic(target, merged, mode & 0o777);
  await chown(target, uid, gid);
  return { changed: true, told: `Wrote it into ${target}, and changed nothing else there` };
}

/** What happened to each manifest, for a program. */
function reportOf({ pods }: ImportResult, problems: readonly Problem[]) {
  return {
    problems,
    pods: pods.map(({ key, file, as, reason, differences }) => ({
      ...{ key, file, as, differences: differences.length },
      ...(reason === undefined ? {} : { reason }),
    })),
  };
}

/** Moves the files that were taken over, and no other. */
function moveStep(folder: string, pods: readonly ImportedPod[]): string {
  const target = `${folder.replace(/\/+$/, "")}.imported`;
  const files = pods.map(({ file }) => quoted(file)).join(" ");
  return `mkdir ${quoted(target)} && mv -- ${files} ${quoted(target)}/`;
}

/** A word of a shell. */
function quoted(text: string): string {
  return /^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function refusedManifests(folder: string, problems: readonly Problem[]): ConfigError {
  return new ConfigError(`Cannot import "${folder}" as it is`, problems, {
    hint: "Fix these files, or move them out of the folder",
  });
}

const COLUMNS = [
  { header: "pod", cell: ({ key }: ImportedPod) => key },
  { header: "becomes", cell: ({ as }: ImportedPod) => as },
  { header: "restarts", cell: () => "once" },
  { header: "differs in", cell: ({ differences }: ImportedPod) => `${differences.length} fields` },
  { header: "file", cell: ({ file }: ImportedPod) => file },
];

function explain(pod: ImportedPod, all: boolean): string {
  const reason = pod.reason === undefined ? [] : [`${pod.key} stays a pod: ${pod.reason}`];
  const differences = !all
    ? []
    : pod.differences.map(({ path, before, after, accepted }) =>
      `${pod.key} ${path}: ${text(before)} -> ${text(after)} (${accepted})`
    );
  return [...reason, ...differences].map((line) => `${line}\n`).join("");
}

function text(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}

async function readAndImport(
  context: CliContext,
  folder: string,
): Promise<{ readonly result: ImportResult; readonly problems: readonly Problem[] }> {
  const { importManifests, judgeManifests, readManifestFolder } = await import(
    "../../../controlplane/mod.ts"
  );
  const { findNodeKubelet } = await import("../../../kubelet/mod.ts");
  const { parseCluster } = await import("../../../config/mod.ts");
  const node = await nodeOf(context);
  const files = await openFolder();
  const { manifests, problems } = await readFolder(() => readManifestFolder(folder, files));
  if (problems.length > 0) throw refusedManifests(folder, problems);
  const judged = judgeManifests(manifests, {
    nodeName: node.name,
    kubeletVersion: (await findNodeKubelet()).version,
  });
  return {
    result: importManifests(judged.taken, { node, parseCluster }),
    problems: judged.problems,
  };

  async function readFolder<T>(read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code; // node:fs throws nothing else
      throw new PodsteadError(
        code === "EACCES" ? "permission" : code === "ENOENT" ? "not-found" : "failed",
        `Cannot read the manifest folder "${folder}": ${errorText(error)}`,
        {
          cause: error,
          hint: code === "EACCES" ? "Run it as root" : "Name the kubelet's staticPodPath",
        },
      );
    }
  }
}

/** The node by its config, or as it is if the config has yet to be written. */
async function nodeOf(context: CliContext): Promise<ControlPlaneNode> {
  if (existsSync(context.globals.config ?? DEFAULT_CONFIG_PATH)) {
    return (await clientSettings(context)).node;
  }
  const { defaultNodeAddress, defaultNodeName } = await import("../../../os/mod.ts");
  return { name: defaultNodeName(), address: defaultNodeAddress() };
}

/** A folder of which no pipe, and no mount that hangs, holds up the command. */
async function openFolder(): Promise<FolderFs> {
  const { BoundedFiles } = await import("../../../os/mod.ts");
  const { MAX_MANIFEST_BYTES } = await import("../../../pods/mod.ts");
  const files = new BoundedFiles();
  const isDirectory = (path: string) =>
    files.stat(path).then(({ kind }) => kind === "directory", () => false); // reading it says why
  return {
    async list(directory) {
      const names = await files.readdir(directory);
      const directories = await Promise.all(
        names.map((name) => isDirectory(join(directory, name))),
      );
      return names.filter((_, at) => directories[at] === false);
    },
    read: async (path) => (await files.readFile(path, MAX_MANIFEST_BYTES)).bytes,
  };
}
