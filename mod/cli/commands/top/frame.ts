/** A frame of `podstead top`: the state as lines that fit the terminal. Pure. */
import type { CauseLine, Overview } from "../../../api/contract/mod.ts";
import { formatBytes } from "../../../core/mod.ts";
import {
  type Column,
  cutText,
  displayWidth,
  formatAge,
  formatTable,
  type Look,
  oneLine,
  type Style,
} from "../../../text/mod.ts";
import { statusWord } from "../status/status_word.ts";
import { rowsOf, type TopRow, type TopState } from "./model.ts";

/** Where a frame is seen. */
export interface FramePlace {
  readonly columns: number;
  readonly rows: number;
  readonly style: Style;
  /** Whether the selected row is shown in reverse too; its mark is there in any case. */
  readonly hasColor: boolean;
  readonly nowMs: number;
}

const KEYS: readonly (readonly [key: string, effect: string])[] = [
  ["↑ ↓ j k", "another pod; Home and End: the first, the last"],
  ["l d e", "its log, its page, its events below; once more: on the whole screen"],
  ["Enter z", "the lower part on the whole screen, and back"],
  ["PgUp PgDn", "earlier and later lines of the lower part"],
  ["/", "only pods with a text in name, reason or image; Esc: all of them"],
  ["s", "sort by: worst, cpu, memory, restarts, name"],
  ["c", "containers under their pods"],
  ["q", "end"],
];

const SHORT_KEYS = "l log  d describe  e events  / filter  s sort  c containers  ? keys  q end";

/** As many lines as the terminal has, each at most as wide as it is. */
export function frameOf(state: TopState, place: FramePlace): readonly string[] {
  const { columns, rows } = place;
  const fit = (lines: readonly string[]) =>
    Array.from({ length: rows }, (_, at) => clipped(lines[at] ?? "", columns));
  if (state.showsKeys) return fit(keysPage(place));
  const head = headLine(state, place);
  const foot = footLine(state, place);
  if (state.isZoomed) {
    const pane = paneLines(state, place, rows - 3);
    return fit([head, titleLine(state, place), ...padded(pane, rows - 3), foot]);
  }
  const table = tableLines(state, place);
  const room = Math.max(2, rows - 3);
  const most = Math.max(2, Math.ceil(room / 2));
  const tableRows = Math.min(table.lines.length, Math.max(most, room - paneNeed(state)));
  const paneRows = Math.max(0, room - tableRows);
  return fit([
    head,
    ...windowOf(table, tableRows),
    titleLine(state, place),
    ...padded(paneLines(state, place, paneRows), paneRows),
    foot,
  ]);
}

/** How many lines the pane fills of a page: those below it are scrolled through by this many. */
export function pageRowsOf({ isZoomed }: TopState, rows: number): number {
  return Math.max(1, isZoomed ? rows - 3 : Math.floor((rows - 3) / 2));
}

function paneNeed({ pane, lines }: TopState): number {
  return pane === "logs" ? 8 : Math.max(8, lines.length);
}

function headLine(state: TopState, { style, columns }: FramePlace): string {
  const { overview, failure, nodeName } = state;
  const name = `podstead top${nodeName === "" ? "" : ` ${oneLine(nodeName)}`}`;
  if (failure !== undefined) {
    const text = `${oneLine(failure)}; older data`;
    return `${style("bold", name)}  ${style("red", cutText(text, columns - name.length - 2))}`;
  }
  if (overview === undefined) return `${style("bold", name)}  asking the node`;
  const [look, text] = verdictOf(overview);
  return `${style("bold", name)}  ${style(look, cutText(text, columns - name.length - 2))}`;
}

function verdictOf({ state, pods, links }: Overview): readonly [Look, string] {
  const count = (wanted: string) => pods.filter((pod) => pod.state === wanted).length;
  const broken = links.filter((link) => link.state === "broken").map(({ name }) => name);
  switch (state) {
    case "well":
      return ["green", `all ${pods.length} pods well`];
    case "changing":
      return ["yellow", `${count("changing")} of ${pods.length} pods on the way`];
    case "unconfirmed":
      return ["yellow", `not confirmed: ${count("unknown")} of ${pods.length} pods`];
    case "unwell": {
      const bad = count("broken") + count("unknown");
      const ofLinks = broken.length === 0 ? "" : `; broken: ${broken.join(", ")}`;
      return ["red", `${bad} of ${pods.length} pods not well${ofLinks}`];
    }
  }
}

interface TableLines {
  readonly header: string;
  readonly lines: readonly string[];
  readonly selectedAt: number;
}

function tableLines(state: TopState, place: FramePlace): TableLines {
  const rows = rowsOf(state);
  const text = formatTable(columnsOf(state, place.nowMs), rows, {
    style: place.style,
    maxWidth: place.columns - 2,
  });
  const [header = "", ...lines] = text.split("\n").slice(0, -1);
  const selectedAt = rows.findIndex(({ pod, container }) =>
    pod.id === state.selected && container === undefined
  );
  const marked = lines.map((line, at) => {
    if (at !== selectedAt) return `  ${line}`;
    return place.hasColor ? `\u001b[7m> ${line}\u001b[27m` : `> ${line}`;
  });
  const empty = state.overview === undefined
    ? []
    : [state.filter === "" ? "  no static pod" : `  no pod with "${oneLine(state.filter)}"`];
  const shown = marked.length === 0 ? empty : marked;
  return { header: `  ${header}`, lines: [`  ${header}`, ...shown], selectedAt };
}

/** So many lines of the table, the selected one among them. */
function windowOf({ header, lines, selectedAt }: TableLines, count: number): readonly string[] {
  const body = lines.slice(1);
  const room = Math.max(1, count - 1);
  const first = Math.max(0, Math.min(selectedAt - Math.floor(room / 2), body.length - room));
  return [header, ...body.slice(first, first + room)];
}

function columnsOf({ nodeName }: TopState, nowMs: number): readonly Column<TopRow>[] {
  const suffix = `-${nodeName}`;
  return [
    {
      header: "NAME",
      cell: ({ pod, container }) =>
        container !== undefined
          ? `└─ ${container.name}`
          : nodeName !== "" && pod.id.endsWith(suffix)
          ? pod.id.slice(0, -suffix.length)
          : pod.id,
      cut: "start",
    },
    {
      header: "READY",
      cell: ({ pod, container }) => container === undefined ? pod.containers : "",
    },
    { header: "STATUS", cell: statusOf, look: lookOf },
    {
      header: "RESTARTS",
      cell: ({ pod, container }) => String(container?.restartCount ?? pod.restarts),
    },
    {
      header: "AGE",
      cell: ({ pod, container }) =>
        formatAge(
          container === undefined ? pod.startedAtMs : Date.parse(container.createdAt),
          nowMs,
        ),
    },
    { header: "CPU", cell: ({ use }) => use.cpuCores?.toFixed(3) ?? "-" },
    {
      header: "MEMORY",
      cell: ({ use }) => use.memoryBytes === undefined ? "-" : formatBytes(use.memoryBytes),
    },
  ];
}

function statusOf({ pod, container }: TopRow): string {
  if (container !== undefined) return container.state.replace(/^CONTAINER_/, "").toLowerCase();
  return statusWord(pod);
}

const LOOKS = { broken: "red", unknown: "yellow", changing: "yellow", holds: "green" } as const;

function lookOf({ pod, container }: TopRow): Look {
  return container === undefined
    ? LOOKS[pod.state]
    : container.state === "CONTAINER_RUNNING"
    ? "green"
    : "dim";
}

/** What the pane shows, and why the pod is not well. */
function titleLine(state: TopState, { style, columns }: FramePlace): string {
  const { selected, pane, overview } = state;
  if (selected === undefined) return "─".repeat(Math.max(0, columns));
  const cause = causeOf(overview?.causes ?? [], overview, selected);
  const title = oneLine(`── ${pane} of ${selected}${cause === "" ? "" : `: ${cause}`} `);
  const cut = cutText(title, columns);
  const rest = Math.max(0, columns - displayWidth(cut));
  return style(cause === "" ? "bold" : "red", cut) + "─".repeat(rest);
}

function causeOf(
  causes: readonly CauseLine[],
  overview: Overview | undefined,
  id: string,
): string {
  const own = overview?.pods.find((pod) => pod.id === id)?.explanation?.cause;
  return own ?? causes.find(({ pods, link }) => link === undefined && pods.includes(id))?.cause ??
    "";
}

/** The part of the pane's text that is seen, with nothing in it that a terminal would obey. */
function paneLines(state: TopState, { columns }: FramePlace, count: number): readonly string[] {
  const { lines, linesBelow, paneOf, selected, pane } = state;
  if (selected !== undefined && paneOf !== selected) return ["…"];
  const end = Math.max(0, lines.length - linesBelow);
  // A page begins at its top, a log ends at its bottom.
  const first = pane === "logs" || linesBelow > 0 ? Math.max(0, end - count) : 0;
  return lines.slice(first, first + count).map((line) =>
    cutText(oneLine(line.replaceAll("\t", "  ")), columns)
  );
}

function footLine(state: TopState, { style, columns }: FramePlace): string {
  if (state.isTyping) return cutText(`/${oneLine(state.filter)}█`, columns);
  const filter = state.filter === "" ? "" : `[/${oneLine(state.filter)}] `;
  const sort = state.sort === "worst" ? "" : `[by ${state.sort}] `;
  return style("dim", cutText(`${filter}${sort}${SHORT_KEYS}`, columns));
}

function keysPage({ style }: FramePlace): readonly string[] {
  const width = Math.max(...KEYS.map(([key]) => key.length));
  return [
    style("bold", "Keys of podstead top"),
    "",
    ...KEYS.map(([key, effect]) => `  ${key.padEnd(width)}  ${effect}`),
    "",
    style("dim", "any key: back"),
  ];
}

function padded(lines: readonly string[], count: number): readonly string[] {
  return Array.from({ length: Math.max(0, count) }, (_, at) => lines[at] ?? "");
}

// deno-lint-ignore no-control-regex -- our own colours are what it takes out
const COLOURS = /\u001b\[[0-9;]*m/g;

/** A line that is never wider than the terminal: without its colours if it would be. */
function clipped(line: string, columns: number): string {
  const plain = line.replace(COLOURS, "");
  return displayWidth(plain) <= columns ? line : cutText(plain, columns);
}
