import type { RemovalStep, Step } from "../../../install/mod.ts";
import type { Style } from "../../../text/mod.ts";

/** A step of `install` as one line, for what was done and for what would be. */
export function stepLine(step: Step, style: Style): string {
  switch (step.kind) {
    case "command":
      return `${style("cyan", "run    ")} ${step.argv.join(" ")}   ${
        style("dim", `# ${step.why}`)
      }`;
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

/** What a file will hold, indented; nothing for copies and for what stays as it is. */
export function stepContent(step: Step, style: Style): string {
  if (step.kind !== "file" || step.state === "keep" || step.content.kind === "copy") return "";
  if (step.content.secret) return style("dim", "    (not shown: it holds the token)\n");
  const lines = step.content.text.trimEnd().split("\n");
  return lines.map((line) => `${line === "" ? "" : `    ${line}`}\n`).join("");
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
