/** The verdict as people read it: worst first, a line for each cause, the count last. */
import type { CauseLine, Overview, PodSummary } from "../../../api/contract/mod.ts";
import { trialLines } from "./trial_lines.ts";
import { type DocumentOf, documentOf, podMetadata } from "../../output/mod.ts";
import { formatDuration } from "../../../core/mod.ts";
import { type Look, oneLine, plainStyle, type Style, wrapText } from "../../../text/mod.ts";

/** Where the report is read. */
export interface ReportPlace {
  readonly style?: Style;
  readonly nowMs: number;
  /** Width and height of a terminal; absent if it is not one, and nothing is cut. */
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  /** Whether a table of all pods follows if all is well, so that they need not be named. */
  readonly tableFollows?: boolean;
}

/** Lines of a log that are shown on a terminal. */
const MAX_TAIL = 5;

/** A cause takes so many lines of a terminal, without its next step. */
const MAX_CAUSE_LINES = 2;

/** Left free for the prompt and the command line. */
const PROMPT_LINES = 2;

const LOOKS: Readonly<Record<CauseLine["level"], readonly [sign: string, look: Look]>> = {
  broken: ["!", "red"],
  unknown: ["?", "yellow"],
  changing: ["~", "dim"],
};

/** The verdict as data. */
export function overviewDocument(overview: Overview): DocumentOf<"Overview"> {
  return documentOf("Overview", {
    ...overview,
    pods: overview.pods.map((pod) => {
      const [namespace = "", name = ""] = pod.id.split("/");
      return { metadata: podMetadata({ namespace, name }), ...pod };
    }),
  });
}

/** What a person reads about the node. */
export function overviewReport(overview: Overview, place: ReportPlace): string {
  const { rows = Infinity } = place;
  const tail = tailText(overview, place);
  const trial = trialLines(overview.trial ?? {}, { style: plainStyle, ...place });
  const count = [...trial, ...countText(overview, place)];
  const room = rows - PROMPT_LINES - count.length;
  const shown = fitCauses(overview.causes, room, place);
  if (tail.length > 0 && shown.length + tail.length <= room) shown.push(...tail);
  return [...shown, ...count].map((line) => `${line}\n`).join("");
}

/**
 * Every cause in as many lines as there are: whole if all fit; else each in one line, and the
 * first ones whole as far as there is room; else the first ones, and how many there are more.
 */
function fitCauses(causes: readonly CauseLine[], room: number, place: ReportPlace): string[] {
  const whole = causes.map((line) => causeText(line, place));
  if (whole.flat().length <= room) return whole.flat();
  const { style = plainStyle } = place;
  const brief = causes.map((line) => causeText({ ...line, nextStep: "" }, place, 1));
  if (brief.length > room) {
    const most = Math.max(0, room - 1);
    const more = `and ${causes.length - most} more: podstead -o yaml`;
    return [...brief.slice(0, most).flat(), style("dim", more)];
  }
  let left = room - brief.length;
  const shown: string[] = [];
  for (const [index, lines] of whole.entries()) {
    const extra = lines.length - 1;
    shown.push(...extra <= left ? lines : brief[index] ?? []);
    left = extra <= left ? left - extra : 0;
  }
  return shown;
}

function causeText(
  line: CauseLine,
  { style = plainStyle, columns, nowMs }: ReportPlace,
  maxLines = MAX_CAUSE_LINES,
): readonly string[] {
  const [sign, look] = LOOKS[line.level];
  const [, ...more] = line.link === undefined ? line.pods : ["", ...line.pods];
  const others = more.length === 0
    ? ""
    : line.link === undefined
    ? ` (so it is with ${more.length} more: ${more.join(", ")})`
    : ` (for this: ${more.join(", ")})`;
  const since = line.sinceMs === undefined || line.level !== "broken"
    ? ""
    : ` [for ${formatDuration(Math.max(0, nowMs - line.sinceMs))}]`;
  const text = wrapText(`${oneLine(line.cause)}${since}${others}`, columns, 2, maxLines);
  const next = line.nextStep === ""
    ? []
    : wrapText(`Next: ${oneLine(line.nextStep)}`, columns, 4, MAX_CAUSE_LINES)
      .map((part) => `    ${style("dim", part)}`);
  return [
    ...text.map((part, index) => index === 0 ? `${style(look, sign)} ${part}` : `  ${part}`),
    ...next,
  ];
}

/** The last words of the pod whose cause comes first. */
function tailText(
  { causes, pods }: Overview,
  { columns, rows }: ReportPlace,
): readonly string[] {
  const talking = causes.filter(({ level }) => level === "broken").flatMap((line) => line.pods)
    .map((id) => pods.find((pod) => pod.id === id))
    .find((pod) => pod?.logTail !== undefined && pod.logTail.lines.length > 0);
  if (talking?.logTail === undefined) return [];
  const { container, lines } = talking.logTail;
  const shown = rows === undefined ? lines : lines.slice(-MAX_TAIL);
  return [
    `Last log lines of ${talking.id}:${container}`,
    ...shown.map((line) => `  ${wrapText(oneLine(line), columns, 2, 1)[0] ?? ""}`),
  ];
}

/** What is down on purpose, then the count of the others. */
function countText(overview: Overview, place: ReportPlace): readonly string[] {
  const { style = plainStyle, columns } = place;
  const stopped = overview.pods.filter((pod) => pod.stopped && pod.state === "holds");
  return [
    ...stopped.flatMap(({ id, text }) => wrapText(`${id}: ${oneLine(text)}`, columns, 2, 1))
      .map((line) => style("dim", `- ${line}`)),
    ...countOthers(overview, overview.pods.filter((pod) => !stopped.includes(pod)), place),
  ];
}

function countOthers(
  { state, links, pods: known }: Overview,
  pods: Overview["pods"],
  { style = plainStyle, columns, tableFollows = false }: ReportPlace,
): readonly string[] {
  const of = (wanted: string) => pods.filter((pod) => pod.state === wanted).length;
  const all = pods.length === 1 ? "The pod" : `All ${pods.length} pods`;
  const words = pods.length === 1 ? "is" : "are";
  const not = (wanted: string) =>
    links.filter((link) => link.state === wanted).map(({ name }) => name);
  const fit = (text: string) => wrapText(text, columns, 0, MAX_CAUSE_LINES);
  switch (state) {
    case "well": {
      if (pods.length === 0) {
        const what = known.length === 0
          ? "No static pod is declared on this node"
          : "Every static pod of this node is stopped";
        return [`${what}; it is well otherwise`];
      }
      const ids = tableFollows ? "" : `: ${pods.map(({ id }) => id).join(", ")}`;
      return fit(`${all} ${words} well${ids}`).map((line) => style("green", line));
    }
    case "changing":
      return fit(`${of("changing")} of ${pods.length} pods on the way; nothing is wrong`);
    case "unconfirmed": {
      const unknown = of("unknown");
      const some = unknown === 0 ? [] : [`${unknown} pod${unknown === 1 ? "" : "s"}`];
      const what = [...not("unknown"), ...some];
      return fit(`Not confirmed: ${what.join(", ")}`).map((line) => style("yellow", line));
    }
    case "unwell": {
      const bad = pods.filter((pod) => pod.state === "broken" || pod.state === "unknown").length;
      const broken = not("broken");
      const ofPods = `${bad} of ${pods.length} pods not well`;
      const ofLinks = broken.length === 0 ? "" : `; broken: ${broken.join(", ")}`;
      return fit(`${ofPods}${ofLinks}`).map((line) => style("red", line));
    }
  }
}

/** Each pod that is not settled, why, and the last log lines of the first that has any. */
export function unwellReport(unwell: readonly PodSummary[], style: Style): string {
  const lines: string[] = [];
  for (const pod of unwell) {
    lines.push("", `${style("red", "!")} ${style("bold", pod.id)}  ${stateText(pod)}`);
    if (pod.explanation === undefined) continue;
    const { cause, nextStep } = pod.explanation;
    lines.push(`    ${oneLine(cause)}`);
    if (nextStep !== "") lines.push(`    ${style("dim", "Next:")} ${oneLine(nextStep)}`);
  }
  const talking = unwell.find(({ logTail }) => logTail !== undefined && logTail.lines.length > 0);
  if (talking?.logTail !== undefined) {
    const { container, lines: tail } = talking.logTail;
    lines.push("", `Last log lines of ${talking.id}:${container}`);
    lines.push(...tail.map((line) => `    ${oneLine(line)}`));
  }
  return lines.map((line) => `${line}\n`).join("");
}

function stateText(pod: PodSummary): string {
  return [
    `READY ${pod.ready}`,
    ...(pod.containers === "0/0" ? [] : [`${pod.containers} containers`]),
    ...(pod.restarts === 0 ? [] : [`${pod.restarts} restart${pod.restarts === 1 ? "" : "s"}`]),
    ...(pod.reason === "" ? [] : [oneLine(pod.reason)]),
    ...(pod.drift === "Current" || pod.drift === "Unknown" ? [] : [pod.drift]),
  ].join(", ");
}
