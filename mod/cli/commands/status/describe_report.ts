import type { ContainerPart, PodChange, PodReport } from "../../../api/contract/mod.ts";
import { formatDuration, formatIssue } from "../../../core/mod.ts";
import { formatAge, type Look, oneLine, type Style } from "../../../text/mod.ts";

/** How a report is written. */
export interface ReportLook {
  readonly nowMs: number;
  readonly style: Style;
}

/** Events at the end of the page; `podstead events` has more. */
const MAX_EVENTS = 12;

/** The page about one pod; its last lines are the likely cause and the next step. */
export function describeReport(report: PodReport, look: ReportLook): string {
  const { style } = look;
  const lines = [
    headline(report, style),
    ...fields("  ", 10, [
      ["Declared", declaredText(report)],
      ...verdictLines(report, style),
      ["Served", servedText(report, look)],
      ["Fetched", fetchedText(report, look)],
      ["Kubelet", kubeletText(report)],
      ["Ready", readyText(report, look)],
      ["Runtime", report.runtimeFailure ?? ""],
      ...report.sandboxes.map((sandbox, index): Field => [
        index === 0 ? "Sandbox" : "",
        `${sandbox.id.slice(0, 12)} ${sandbox.state}, made ${ago(sandbox.created, look)}${
          sandbox.hash === undefined ? "" : `, version ${sandbox.hash}`
        }`,
      ]),
      ...report.badHostPaths.map((bad): Field => [
        "Host path",
        `${bad.path} is not there as ${bad.type}`,
      ]),
      ["Change", report.change === undefined ? "" : changeText(report.change)],
    ]),
    ...report.containers.flatMap((container) => containerLines(container, look)),
  ];
  if (report.logTail !== undefined) {
    lines.push("", `Last log lines of ${report.logTail.container}`);
    lines.push(...report.logTail.lines.map((line) => `  ${oneLine(line)}`));
  }
  if (report.events.length > 0) {
    lines.push("", "Events");
    for (const event of report.events.slice(-MAX_EVENTS)) {
      const age = `${ago(event.at, look)}`.padEnd(14);
      lines.push(`  ${age} ${event.type.padEnd(10)} ${oneLine(event.message)}`);
    }
  }
  const { cause, nextStep, code } = report.explanation;
  lines.push("", `${style("bold", "Cause")}  ${style(causeLook(code), oneLine(cause))}`);
  if (nextStep !== "") lines.push(`${style("bold", "Next")}   ${oneLine(nextStep)}`);
  return `${lines.join("\n")}\n`;
}

type Field = readonly [name: string, text: string];

function fields(indent: string, width: number, all: readonly Field[]): readonly string[] {
  return all.filter(([, text]) => text !== "")
    .map(([name, text]) => `${indent}${name.padEnd(width)}${oneLine(text)}`);
}

function headline(report: PodReport, style: Style): string {
  const state = report.ready === "True"
    ? "ready"
    : report.ready === "False"
    ? "not ready"
    : "not known whether it is ready";
  const look: Look = report.ready === "True"
    ? "green"
    : report.ready === "False"
    ? "red"
    : "yellow";
  const reason = report.reason === "" ? "" : ` (${oneLine(report.reason)})`;
  return `${style("bold", report.id)}: ${style(look, state)}${reason}`;
}

function declaredText({ declared, origin }: PodReport): string {
  if (declared === undefined) {
    return origin === "podstead"
      ? "nowhere any more"
      : `not with podstead: the kubelet has it from ${
        origin === "file" ? "a file of its staticPodPath" : "another URL"
      }`;
  }
  const { file, line, state, hash } = declared;
  return `${file}:${line}, ${state}${hash === undefined ? "" : `, version ${hash}`}`;
}

function verdictLines({ declared }: PodReport, style: Style): readonly Field[] {
  if (declared === undefined) return [];
  const at = (issue: { readonly line: number; readonly column: number }) =>
    `${declared.file}:${issue.line}:${issue.column}`;
  const lines = (issues: readonly Issue[], word: string) =>
    issues.flatMap((issue) => [
      `${at(issue)}: ${word}: ${formatIssue(issue)}`,
      ...(issue.hint === undefined ? [] : [`  hint: ${issue.hint}`]),
    ]);
  const errors = lines(declared.errors, style("red", "error"));
  const warnings = lines(declared.warnings, style("yellow", "warning"));
  const verdict = errors.length > 0
    ? "the kubelet would refuse it"
    : declared.state === "Served"
    ? "good"
    : declared.why ?? declared.state;
  return [["Verdict", verdict], ...[...errors, ...warnings].map((text): Field => ["", text])];
}

type Issue = NonNullable<PodReport["declared"]>["errors"][number];

function servedText({ declared, delivery }: PodReport, look: ReportLook): string {
  if (delivery.servedHash === undefined) return declared === undefined ? "" : "not in the list";
  const older = declared?.hash !== undefined && declared.hash !== delivery.servedHash;
  return `for ${age(delivery.servedSince, look)} at ${delivery.url}${
    older ? `, in the older version ${delivery.servedHash}` : ""
  }`;
}

function fetchedText({ delivery }: PodReport, look: ReportLook): string {
  const { lastFetch, intervalMs, fetched, lastRefused, servedHash } = delivery;
  const refused = lastRefused === undefined || (lastFetch ?? "") > lastRefused.at
    ? ""
    : `; refused ${ago(lastRefused.at, look)}: ${lastRefused.status} for ${lastRefused.path}`;
  if (lastFetch === undefined) return `never${refused}`;
  const interval = intervalMs === undefined ? "" : ` (every ${formatDuration(intervalMs)})`;
  const version = servedHash === undefined || fetched
    ? ""
    : ", but not since this version is served";
  return `${ago(lastFetch, look)}${interval}${version}${refused}`;
}

function kubeletText({ kubelet, phase }: PodReport): string {
  if (kubelet.failure !== undefined) return `cannot be asked: ${kubelet.failure}`;
  if (kubelet.accepted !== true) return "does not have it";
  return `has it, phase ${phase}${kubelet.message === undefined ? "" : `: ${kubelet.message}`}`;
}

function readyText(report: PodReport, look: ReportLook): string {
  const since = report.readySince === undefined
    ? ""
    : report.ready === "Unknown"
    ? `, last known ${ago(report.readySince, look)}`
    : ` for ${age(report.readySince, look)}`;
  const by = report.confirmedBy === "none" ? "" : `, says the ${report.confirmedBy}`;
  return `${report.ready}${since}${by}; ${report.drift}`;
}

/** `served 2ms, fetched 0.4s, running 1.2s, ready 1.5s after it was applied; 0.9s down`. */
export function changeText(change: PodChange): string {
  const applied = Date.parse(change.applied);
  const stages = (["served", "fetched", "running", "ready"] as const).flatMap((stage) => {
    const at = change[stage];
    return at === undefined ? [] : [`${stage} ${formatDuration(Date.parse(at) - applied)}`];
  });
  if (stages.length === 0) return "applied, not served yet";
  const down = change.downMs === undefined ? "" : `; ${formatDuration(change.downMs)} down`;
  return `${stages.join(", ")} after it was applied${down}`;
}

function containerLines(container: ContainerPart, look: ReportLook): readonly string[] {
  const { style } = look;
  const kind = container.type === "init" ? "Init container" : "Container";
  const present = container.imagePresent === undefined
    ? ""
    : container.imagePresent
    ? " (on this node)"
    : ` (${style("red", "not on this node")})`;
  const { lastExit } = container;
  return [
    "",
    `${kind} ${style("bold", container.name)}`,
    ...fields("  ", 10, [
      ["Image", `${container.image}${present}`],
      ["State", stateText(container, look)],
      [
        "Last end",
        lastExit === undefined
          ? ""
          : `exit code ${lastExit.code} (${lastExit.reason})${
            lastExit.at === undefined ? "" : `, ${ago(lastExit.at, look)}`
          }`,
      ],
      ["Restarts", container.restarts === 0 ? "" : String(container.restarts)],
      ...Object.entries(container.probes).map(([name, text]): Field => [capital(name), text]),
    ]),
  ];
}

function stateText(container: ContainerPart, look: ReportLook): string {
  const { state, reason, message, since, exitCode } = container;
  const parts = [
    state === "absent" ? "not there" : state,
    ...(exitCode === undefined ? [] : [`exit code ${exitCode}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(since === undefined ? [] : [ago(since, look)]),
    ...(container.ready === false && state === "running" ? ["not ready"] : []),
  ];
  return `${parts.join(", ")}${message === undefined ? "" : `: ${message}`}`;
}

function ago(time: string | undefined, { nowMs }: ReportLook): string {
  return time === undefined ? "at an unknown time" : `${formatAge(Date.parse(time), nowMs)} ago`;
}

function age(time: string | undefined, { nowMs }: ReportLook): string {
  return time === undefined ? "an unknown time" : formatAge(Date.parse(time), nowMs);
}

function causeLook(code: string): Look {
  return code === "none" ? "green" : code === "on-its-way" ? "yellow" : "red";
}

function capital(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
}
