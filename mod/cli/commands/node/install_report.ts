import { type DocumentOf, documentOf } from "../../output/mod.ts";
import { unifiedDiff } from "../../../change/mod.ts";
import type { Plan, RemovalPlan, RemovalStep, Step } from "../../../install/mod.ts";
import type { Style } from "../../../text/mod.ts";

/** A step of `install` as one line, for what was done and for what would be. */
export function stepLine(step: Step, style: Style): string {
  switch (step.kind) {
    case "command":
      return `${style("cyan", "run    ")} ${step.argv.join(" ")}   ${
        style("dim", `# ${step.why}`)
      }`;
    case "remove":
      return `${style("red", "remove ")} ${step.path}   ${style("dim", `# ${step.why}`)}`;
    case "group":
      return `${verb(step.state, style)} group ${step.name}`;
    case "directory":
      return `${verb(step.state, style)} ${step.path}/ ${rights(step.mode, step.group)}`;
    case "file": {
      const origin = step.content.kind === "copy" ? `, a copy of ${step.content.from}` : "";
      return `${verb(step.state, style)} ${step.path} ${rights(step.mode, step.group)}${origin}`;
    }
  }
}

/** Whether a plan changes anything. */
export function isWork(step: Step): boolean {
  return !("state" in step) || step.state !== "keep";
}

/** What a program reads of an installation that was done, or would be. */
export function installReport(
  { steps, notes }: Plan,
  dryRun: boolean,
): DocumentOf<"InstallReport"> {
  const work = steps.filter(isWork);
  return documentOf("InstallReport", {
    changed: work.length > 0,
    dryRun,
    files: work.flatMap((step) => "path" in step ? [step.path] : []),
    groups: work.flatMap((step) => step.kind === "group" ? [step.name] : []),
    commands: work.flatMap((step) => step.kind === "command" ? [step.argv.join(" ")] : []),
    notes,
  });
}

/**
 * What a file will hold, indented: of one that is there already, only what differs. Nothing for
 * copies and for what stays as it is.
 *
 * @param current its text now; undefined if there is none
 */
export function stepContent(step: Step, style: Style, current?: string): string {
  if (step.kind !== "file" || step.state === "keep" || step.content.kind === "copy") return "";
  if (step.content.secret) {
    const what = step.policy === "pod" ? "a pod may hold secrets" : "it holds the token";
    return style("dim", `    (not shown: ${what})\n`);
  }
  if (current !== undefined && current !== step.content.text) {
    return unifiedDiff(
      { name: step.path, text: current },
      { name: step.path, text: step.content.text },
    ).map(({ kind, text }) => {
      const look = kind === "added" ? "green" : kind === "removed" ? "red" : "dim";
      return `    ${style(look, text)}\n`;
    }).join("");
  }
  const lines = step.content.text.trimEnd().split("\n");
  if (OWN_FILES.test(step.path)) {
    return style("dim", `    (not shown: ${lines.length} lines that are the same on every node)\n`);
  }
  // The file says why a unit is as it is.
  const shown = UNIT.test(step.path) ? lines.filter((line) => !line.startsWith("#")) : lines;
  return shown.map((line) => `${line === "" ? "" : `    ${line}`}\n`).join("");
}

const UNIT = /\.(?:service|socket)$/;

/** The manual and the completion scripts: nothing in them is about this node. */
const OWN_FILES = /\/share\/(man|bash-completion|zsh|fish)\//;

/** What a program reads of a removal that was done, or would be. */
export function removalReport(
  { steps, notes }: RemovalPlan,
  dryRun: boolean,
): DocumentOf<"UninstallReport"> {
  return documentOf("UninstallReport", {
    changed: steps.length > 0,
    dryRun,
    files: steps.flatMap((step) => "path" in step ? [step.path] : []),
    groups: steps.flatMap((step) => step.kind === "remove-group" ? [step.name] : []),
    commands: steps.flatMap((step) => step.kind === "command" ? [step.argv.join(" ")] : []),
    notes,
  });
}

/** A step of `uninstall` as one line. */
export function removalLine(step: RemovalStep, style: Style): string {
  switch (step.kind) {
    case "command":
      return `${style("cyan", "run    ")} ${step.argv.join(" ")}   ${
        style("dim", `# ${step.why}`)
      }`;
    case "keep-pod":
      return `${style("green", "create ")} ${step.path}`;
    case "remove-group":
      return `${style("red", "remove ")} group ${step.name}`;
    case "remove-file":
      return `${style("red", "remove ")} ${step.path}`;
    case "remove-directory":
      return `${style("red", "remove ")} ${step.path}/${step.withContent ? "" : " if it is empty"}`;
  }
}

function verb(state: "create" | "update" | "keep", style: Style): string {
  const look = state === "create" ? "green" : state === "update" ? "yellow" : "dim";
  return style(look, state.padEnd(7));
}

function rights(mode: number, group: string | undefined): string {
  return `(${mode.toString(8).padStart(4, "0")} root:${group ?? "root"})`;
}
