import { spawnSync } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import type { AgentClient } from "../../../api/client/mod.ts";
import type { ChangeOperation, ChangeOutcome, RevisionFiles } from "../../../api/contract/mod.ts";
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

/** What the comments begin with that podstead puts above wrong lines, and takes out again. */
const MARK = "# podstead: ";

export const editCommand = defineCommand<EditFlags, [string?]>({
  docs: {
    brief: "Edit the file that declares a pod, in $EDITOR",
    fullDescription: [
      "Opens the file in $VISUAL, $EDITOR or vi. What is wrong comes back as a comment above its",
      "line; what is right is shown as a diff, asked for, applied and waited for. Leave the file",
      "as it is to change nothing. What was written and not applied is kept, and its path told.",
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
    const scratch = await mkdtemp(join(tmpdir(), "podstead-edit-"));
    const draft = join(scratch, basename(file.path));
    let isLost = true;
    try {
      const text = await editUntilGood({
        ...{ agent, file, draft, env: world.env, partial: flags.partial },
      });
      const operations: readonly ChangeOperation[] = text === file.text
        ? []
        : [{ kind: "write", file: file.path, text, baseSha256: file.sha256 }];
      const style = styleOf(this, world.stdout);
      await makeChange(this, agent, {
        ...{ operations, trigger: "edit", question: "Apply this?" },
        show: ({ files }) => world.stdout.write(files.map((one) => fileDiff(one, style)).join("")),
      }, flags);
      const now = (await agent.revision({})).files.find(({ path }) => path === file.path);
      isLost = now?.text !== text;
    } finally {
      const left = await readFile(draft, "utf8").catch(() => undefined); // no editor was opened
      if (isLost && left !== undefined && left !== file.text) {
        world.stderr.write(`what you wrote is kept in ${draft}\n`);
      } else await rm(scratch, { recursive: true, force: true });
    }
  },
});

/** A file of the config, as it is edited. */
interface Edited extends Pick<EditFlags, "partial"> {
  readonly agent: AgentClient;
  readonly file: RevisionFiles["files"][number];
  /** The path that the editor is given. */
  readonly draft: string;
  readonly env: CliContext["world"]["env"];
}

/**
 * Opens the editor again until the text has no error on a line of its own.
 *
 * @throws {PodsteadError} if an edit with errors comes back as it was
 */
async function editUntilGood({ agent, file, draft, env, partial }: Edited): Promise<string> {
  let text = file.text;
  for (let notes: readonly Note[] = [];;) {
    const marked = withNotes(text, notes);
    await writeFile(draft, marked.text, { mode: 0o600 });
    openEditor(draft, env);
    const edited = withoutNotes(await readFile(draft, "utf8"), marked.lines);
    if (edited === file.text) return edited;
    if (edited === text && notes.length > 0) {
      throw new PodsteadError("config", "It is still wrong; nothing was changed", {
        hint: notes.map(({ line, text }) => `line ${line}: ${text}`).join("; "),
      });
    }
    text = edited;
    const operations = [{ kind: "write", file: file.path, text, baseSha256: file.sha256 }] as const;
    const planned = await agent.change({ operations, trigger: "edit", dryRun: true });
    notes = partial ? [] : notesOf(planned, file.path);
    if (planned.result !== "refused" || notes.length === 0) return text;
  }
}

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

/** The text with the notes as comments above their lines, and those comments. */
function withNotes(
  text: string,
  notes: readonly Note[],
): { readonly text: string; readonly lines: ReadonlySet<string> } {
  const lines = text.split("\n");
  const comments = notes.map(({ line, text }) => ({
    line,
    comments: text.split("\n").map((one) => MARK + one),
  }));
  for (const { line, comments: above } of comments.toReversed()) {
    lines.splice(line - 1, 0, ...above);
  }
  return { text: lines.join("\n"), lines: new Set(comments.flatMap((one) => one.comments)) };
}

function withoutNotes(text: string, notes: ReadonlySet<string>): string {
  return text.split("\n").filter((line) => !notes.has(line)).join("\n");
}

/** @throws {PodsteadError} if the editor cannot be run, or ends with an error */
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
