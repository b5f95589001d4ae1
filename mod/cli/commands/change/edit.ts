import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { ChangeOutcome } from "../../../api/contract/mod.ts";
import { formatIssue, PodsteadError, UsageError } from "../../../core/mod.ts";
import { actingAgentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { podReference } from "../../shell/parsers.ts";
import { CHANGE_ALIASES, CHANGE_FLAGS, type ChangeFlags } from "./change_flags.ts";
import { fileDiff } from "./diff.ts";
import { makeChange } from "./make_change.ts";
import { declaredPod } from "./pod_reference.ts";

interface EditFlags extends ChangeFlags {
  readonly file?: string;
}

/** What marks the comments that podstead puts above wrong lines, so that it can take them out. */
const MARK = "# podstead: ";

export const editCommand = defineCommand<EditFlags, [string?]>({
  docs: {
    brief: "Edit the file that declares a pod, in $EDITOR",
    fullDescription: [
      "Opens the file in $VISUAL, $EDITOR or vi. What is wrong comes back as a comment above its",
      "line; what is right is shown as a diff, asked for, applied and waited for. Leave the file",
      "as it is to change nothing.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      ...CHANGE_FLAGS,
      file: {
        kind: "parsed",
        parse: String,
        optional: true,
        brief: "The file itself, instead of the one that declares POD (default: the main config)",
        placeholder: "FILE",
      },
    },
    aliases: CHANGE_ALIASES,
    positional: {
      kind: "tuple",
      parameters: [{ parse: podReference, brief: "POD", placeholder: "POD", optional: true }],
    },
  },
  nodes: { policy: "one" },
  traits: { takesPods: true },
  examples: [
    ["podstead edit nginx", "the file that declares this pod"],
    ["podstead edit --mode=try", "the main config; goes back if a changed pod does not stay ready"],
  ],
  async func(this: CliContext, flags, reference) {
    const { world } = this;
    if (!world.stdinIsTTY) {
      throw new UsageError("An editor needs a terminal", {
        hint: 'Without one: "podstead patch", "podstead set image" or "podstead apply -f FILE"',
      });
    }
    const agent = await actingAgentOf(this);
    const { files } = await agent.revision({});
    const path = flags.file ??
      (reference === undefined ? files[0]?.path : (await declaredPod(agent, reference)).file);
    const file = files.find((one) => one.path === path);
    if (file === undefined) {
      throw new PodsteadError("not-found", `"${path}" is no file of the config`, {
        hint: `Its files are ${files.map((one) => one.path).join(", ")}`,
      });
    }
    await using scratch = await scratchDirectory();
    const draft = join(scratch.path, basename(file.path));
    let text = file.text;
    for (let notes: readonly Note[] = [];;) {
      await writeFile(draft, withNotes(text, notes), { mode: 0o600 });
      openEditor(draft, world.env);
      const edited = withoutNotes(await readFile(draft, "utf8"));
      if (edited === file.text) {
        world.stderr.write("nothing was changed\n");
        return;
      }
      if (edited === text && notes.length > 0) {
        throw new PodsteadError("config", "It is still wrong; nothing was changed", {
          hint: notes.map(({ line, text }) => `line ${line}: ${text}`).join("; "),
        });
      }
      text = edited;
      const operations = [
        { kind: "write", file: file.path, text, baseSha256: file.sha256 },
      ] as const;
      const planned = await agent.change({ operations, trigger: "edit", dryRun: true });
      notes = flags.partial ? [] : notesOf(planned, file.path);
      if (planned.result === "refused" && notes.length > 0) continue;
      for (const one of planned.files) {
        world.stdout.write(fileDiff(one, styleOf(this, world.stdout)));
      }
      await makeChange(this, agent, { operations, trigger: "edit" }, flags);
      return;
    }
  },
});

/** What is wrong with a line of the edited file. */
interface Note {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
}

function notesOf({ reload }: ChangeOutcome, path: string): readonly Note[] {
  const ofPods = reload.pods.filter(({ source }) => source.file === path)
    .flatMap(({ errors }) =>
      errors.map((issue) => ({ line: issue.line, text: formatIssue(issue) }))
    );
  const ofFile = reload.problems.filter(({ file, severity }) =>
    file === path && severity === "error"
  )
    .map(({ position, message, hint }) => ({
      line: position?.line ?? 1,
      text: hint === undefined ? message : `${message}. ${hint}`,
    }));
  return [...ofFile, ...ofPods].sort((a, b) => a.line - b.line);
}

function withNotes(text: string, notes: readonly Note[]): string {
  const lines = text.split("\n");
  for (const { line, text } of notes.toReversed()) {
    lines.splice(line - 1, 0, ...text.split("\n").map((one) => MARK + one));
  }
  return lines.join("\n");
}

function withoutNotes(text: string): string {
  return text.split("\n").filter((line) => !line.startsWith(MARK)).join("\n");
}

/** @throws {PodsteadError} when the editor cannot be run, or ends with an error */
function openEditor(file: string, env: CliContext["world"]["env"]): void {
  const editor = env.VISUAL ?? env.EDITOR ?? "vi";
  // As git and kubectl do: an editor may be a command line, such as "code --wait".
  const { status, error } = spawnSync("sh", ["-c", `${editor} "$1"`, "sh", file], {
    stdio: "inherit",
  });
  if (status === 0) return;
  throw new PodsteadError(
    "failed",
    `The editor "${editor}" ended with an error; nothing was changed`,
    {
      cause: error,
      hint: "Name another one with EDITOR=nano podstead edit …",
    },
  );
}

async function scratchDirectory(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "podstead-edit-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
