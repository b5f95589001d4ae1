import type { AgentClient } from "../../../api/client/mod.ts";
import type { ChangedFile, ReloadOutcome } from "../../../api/contract/mod.ts";
import { hideSecrets, unifiedDiff } from "../../../change/mod.ts";
import type { Style } from "../../../text/mod.ts";
import { agentOf } from "../../shell/agent.ts";
import { defineCommand } from "../../shell/command.ts";
import { type CliContext, styleOf } from "../../shell/context.ts";
import { EXIT } from "../../shell/exit_codes.ts";
import { documentOf, isDataOutput, type Output } from "../../output/mod.ts";
import { proseOutputFlag, showSecretsFlag } from "../../shell/shared_flags.ts";
import { revisionOf } from "./change_flags.ts";
import { readChange } from "./change_input.ts";
import { changeReport } from "./change_report.ts";
import { reloadPlanReport } from "./reload_plan.ts";

interface DiffFlags {
  readonly output: Output<"text">;
  readonly filename?: readonly string[];
  readonly showSecrets: boolean;
}

/** Exit code for differences, as `diff` and `kubectl diff` have theirs; 1 is podstead's failure. */
const CHANGES = 2;

export const diffCommand = defineCommand<DiffFlags, [number?, number?]>({
  docs: {
    brief: "Show what changed, or would change, line by line",
    fullDescription: [
      "Without a number: the config's files as they are now against the revision that is served,",
      "and what a reload would do. With one: that revision against the one before it. With two:",
      "the first against the second. With -f: what applying a file would change. Each says per pod",
      "what would restart, and how.",
      "",
      "Exit code 0: nothing differs. 2: something does.",
    ].join("\n"),
  },
  parameters: {
    flags: {
      output: proseOutputFlag,
      filename: {
        kind: "parsed",
        parse: String,
        variadic: true,
        optional: true,
        brief: "File, directory or - that would be applied",
        placeholder: "FILE",
      },
      showSecrets: showSecretsFlag,
    },
    aliases: { f: "filename", o: "output" },
    positional: {
      kind: "tuple",
      parameters: [
        { parse: revisionOf, brief: "Revision", placeholder: "REV", optional: true },
        { parse: revisionOf, brief: "Revision", placeholder: "REV", optional: true },
      ],
    },
  },
  nodes: { policy: "many" },
  examples: [
    ["podstead diff", "what is edited and not yet applied"],
    ["podstead diff 11 12", "what changed between two revisions"],
    ["podstead diff -f web.yaml", "what applying this file would change"],
  ],
  async func(this: CliContext, { output, filename, showSecrets }, first, second) {
    const agent = await agentOf(this);
    const { stdout } = this.world;
    const style = styleOf(this, stdout);
    const { files, reload, report } = filename !== undefined && filename.length > 0
      ? await diffOfFiles(this, agent, filename)
      : first === undefined
      ? await diffOfNow(agent)
      : await diffOfRevisions(agent, second === undefined ? first - 1 : first, second ?? first);
    const shown = files.map((file) => ({
      path: file.path,
      diff: fileDiff(file, isDataOutput(output) ? plain : style, { showSecrets }),
    }));
    if (isDataOutput(output)) {
      await this.print.data(
        output,
        documentOf("Diff", {
          changed: files.length > 0,
          files: shown,
          ...(reload === undefined ? {} : { pods: reload.pods, problems: reload.problems }),
        }),
      );
    } else stdout.write(shown.map(({ diff }) => diff).join("") + report(style));
    this.process.exitCode = files.length > 0 ? CHANGES : EXIT.ok;
  },
});

/** Files that differ, and what that does to the pods. */
interface Difference {
  readonly files: readonly ChangedFile[];
  /** Undefined if no file differs. */
  readonly reload: ReloadOutcome | undefined;
  readonly report: (style: Style) => string;
}

async function diffOfFiles(
  context: CliContext,
  agent: AgentClient,
  paths: readonly string[],
): Promise<Difference> {
  const operations = await readChange(context, paths);
  const outcome = await agent.change({ operations, trigger: "apply", dryRun: true });
  const { files, reload } = outcome;
  return { files, reload, report: (style) => changeReport({ ...outcome, files: [] }, style) };
}

/** The files on disk against the revision that is served. */
async function diffOfNow(agent: AgentClient): Promise<Difference> {
  const current = (await agent.history({})).find((one) => one.current)?.number;
  const files = await compare(agent, current, undefined);
  if (files.length === 0) return { files, reload: undefined, report: () => "" };
  const reload = await agent.plan({});
  return { files, reload, report: (style) => reloadPlanReport(reload, style) };
}

async function diffOfRevisions(agent: AgentClient, from: number, to: number): Promise<Difference> {
  const files = await compare(agent, from, to);
  if (files.length === 0) return { files, reload: undefined, report: () => "" };
  const reload = await agent.compare({ from, to });
  return {
    files,
    reload,
    report: (style) => changeReport({ result: "planned", files: [], reload }, style),
  };
}

/** As data, nothing has a colour. */
function plain(_look: unknown, text: string): string {
  return text;
}

/** The files that differ between two revisions; without a number, those on disk now. */
async function compare(
  agent: AgentClient,
  from: number | undefined,
  to: number | undefined,
): Promise<readonly ChangedFile[]> {
  const filesOf = async (number: number | undefined) =>
    (await agent.revision(number === undefined ? {} : { number })).files;
  const [before, after] = await Promise.all([
    from === undefined || from === 0 ? [] : filesOf(from),
    filesOf(to),
  ]);
  const [left, right] = [before, after].map((files) =>
    new Map(files.map(({ path, text }) => [path, text]))
  );
  return [...new Set([...left?.keys() ?? [], ...right?.keys() ?? []])].sort()
    .map((path): ChangedFile => {
      const [was, is] = [left?.get(path), right?.get(path)];
      return {
        path,
        ...(was === undefined ? {} : { before: was }),
        ...(is === undefined ? {} : { after: is }),
      };
    })
    .filter((file) => file.before !== file.after);
}

const COLOURS = {
  header: "bold",
  hunk: "cyan",
  added: "green",
  removed: "red",
  context: undefined,
} as const;

/** One file's unified diff, in colour if requested; values of Secrets are hidden. */
export function fileDiff(
  { path, before, after }: ChangedFile,
  style: Style,
  { showSecrets = false }: { readonly showSecrets?: boolean } = {},
): string {
  const shown = (text: string, old?: string) => showSecrets ? text : hideSecrets(text, old);
  const lines = unifiedDiff(
    { name: before === undefined ? "/dev/null" : path, text: shown(before ?? "") },
    { name: after === undefined ? "/dev/null" : path, text: shown(after ?? "", before) },
  );
  return lines.map(({ kind, text }) => {
    const colour = COLOURS[kind];
    return `${colour === undefined ? text : style(colour, text)}\n`;
  }).join("");
}
