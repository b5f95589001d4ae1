/** What `podstead top` knows and where its user is in it. Pure: events in, the next state out. */
import type { NodePods, NodeUsage, Overview, PodSummary } from "../../../api/contract/mod.ts";

/** What the lower half of the screen shows of the selected pod. */
export type Pane = "logs" | "describe" | "events";

/** What the pods may be sorted by; `worst` is what needs a person first. */
export const TOP_SORTS = ["worst", "cpu", "memory", "restarts", "name"] as const;

/** One of `TOP_SORTS`. */
export type TopSort = typeof TOP_SORTS[number];

/** CPU in cores and memory in bytes; absent if it was not measured. */
export interface Use {
  readonly cpuCores?: number;
  readonly memoryBytes?: number;
}

/** A pod, or a container under it. */
export interface TopRow {
  readonly pod: PodSummary;
  /** Absent for the pod itself. */
  readonly container?: NodePods["pods"][number]["containers"][number];
  readonly use: Use;
}

/** Everything that a frame is made of. */
export interface TopState {
  /** Undefined until the first answer. */
  readonly overview?: Overview;
  /** The node's name, which ends those of its pods. */
  readonly nodeName: string;
  readonly pods: NodePods["pods"];
  readonly usage: NodeUsage["containers"];
  /** Why the last question was not answered; what is shown is older then. */
  readonly failure?: string;
  /** ID of the selected pod. */
  readonly selected?: string;
  readonly sort: TopSort;
  readonly filter: string;
  /** Whether keys go to the filter. */
  readonly isTyping: boolean;
  readonly showsContainers: boolean;
  readonly showsKeys: boolean;
  /** Whether the pane has the whole screen. */
  readonly isZoomed: boolean;
  readonly pane: Pane;
  /** The pane's text, and the pod it is of. */
  readonly paneOf?: string;
  readonly lines: readonly string[];
  /** Lines of the pane that are below what is seen of it; 0 follows its end. */
  readonly linesBelow: number;
  readonly isOver: boolean;
}

/** Something that happened. */
export type TopEvent =
  | { readonly kind: "overview"; readonly overview: Overview }
  | { readonly kind: "pods"; readonly pods: NodePods }
  | { readonly kind: "usage"; readonly usage: NodeUsage }
  | { readonly kind: "failed"; readonly message: string }
  | {
    readonly kind: "lines";
    readonly of: string;
    readonly pane: Pane;
    readonly lines: readonly string[];
  }
  | { readonly kind: "more"; readonly of: string; readonly lines: readonly string[] }
  | { readonly kind: "key"; readonly key: string; readonly pageRows: number };

/** Lines of a log that are kept. */
const MAX_LINES = 2_000;

/** The state before anything is known. */
export function initialState(options: Pick<TopState, "sort" | "filter">): TopState {
  return {
    ...options,
    nodeName: "",
    pods: [],
    usage: [],
    isTyping: false,
    showsContainers: false,
    showsKeys: false,
    isZoomed: false,
    pane: "logs",
    lines: [],
    linesBelow: 0,
    isOver: false,
  };
}

/** The state after an event. */
export function reduce(state: TopState, event: TopEvent): TopState {
  switch (event.kind) {
    case "overview": {
      const { failure: _, ...rest } = state;
      return withSelection({ ...rest, overview: event.overview });
    }
    case "pods":
      return { ...state, pods: event.pods.pods, nodeName: event.pods.nodeName };
    case "usage":
      return { ...state, usage: event.usage.containers };
    case "failed":
      return { ...state, failure: event.message };
    case "lines":
      if (event.of !== state.selected || event.pane !== state.pane) return state;
      return { ...state, paneOf: event.of, lines: event.lines.slice(-MAX_LINES) };
    case "more":
      if (event.of !== state.selected || state.pane !== "logs") return state;
      return {
        ...state,
        paneOf: event.of,
        lines: [...state.lines, ...event.lines].slice(-MAX_LINES),
        // A user who reads an earlier part stays there.
        linesBelow: state.linesBelow === 0 ? 0 : state.linesBelow + event.lines.length,
      };
    case "key":
      return state.isTyping ? typed(state, event.key) : pressed(state, event.key, event.pageRows);
  }
}

/** The pods that pass the filter, in their order, with the containers if they are wanted. */
export function rowsOf(state: TopState): readonly TopRow[] {
  return podsOf(state).flatMap((pod): readonly TopRow[] => {
    const row = { pod, use: useOf(state, pod.id) };
    if (!state.showsContainers) return [row];
    const sandbox = state.pods.find(({ namespace, name }) => `${namespace}/${name}` === pod.id);
    const containers = sandbox?.containers ?? [];
    return [
      row,
      ...containers.map((container) => ({
        pod,
        container,
        use: useOf(state, pod.id, container.id),
      })),
    ];
  });
}

function podsOf(state: TopState): readonly PodSummary[] {
  const wanted = state.filter.toLowerCase();
  const pods = (state.overview?.pods ?? []).filter(({ id, reason, images = [] }) =>
    [id, reason, ...images].some((text) => text.toLowerCase().includes(wanted))
  );
  const order = orderOf(state);
  return pods.map((pod) => ({ pod, rank: order(pod) }))
    .sort((left, right) => {
      const difference = left.rank - right.rank;
      return difference !== 0 ? difference : left.pod.id < right.pod.id ? -1 : 1;
    })
    .map(({ pod }) => pod);
}

const BADNESS: Readonly<Record<PodSummary["state"], number>> = {
  broken: 0,
  unknown: 1,
  changing: 2,
  holds: 3,
};

function orderOf(state: TopState): (pod: PodSummary) => number {
  switch (state.sort) {
    case "worst":
      return (pod) => BADNESS[pod.state];
    case "cpu":
      return ({ id }) => -(useOf(state, id).cpuCores ?? 0);
    case "memory":
      return ({ id }) => -(useOf(state, id).memoryBytes ?? 0);
    case "restarts":
      return ({ restarts }) => -restarts;
    case "name":
      return () => 0;
  }
}

function useOf({ usage }: TopState, id: string, containerId?: string): Use {
  const own = usage.filter((one) =>
    `${one.namespace}/${one.pod}` === id &&
    (containerId === undefined || one.containerId === containerId)
  );
  const sum = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : known.reduce((total, value) => total + value, 0);
  };
  const cpuCores = sum(own.map((one) => one.cpuCores));
  const memoryBytes = sum(own.map((one) => one.memoryBytes));
  return {
    ...(cpuCores === undefined ? {} : { cpuCores }),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
  };
}

/** The selection stays on its pod; the first one is selected if that has gone. */
function withSelection(state: TopState): TopState {
  const pods = podsOf(state);
  if (pods.some(({ id }) => id === state.selected)) return state;
  const { selected: _, ...rest } = state;
  const first = pods[0]?.id;
  return emptied(first === undefined ? rest : { ...rest, selected: first });
}

/** With nothing in the pane yet. */
function emptied(state: TopState): TopState {
  const { paneOf: _, ...rest } = state;
  return { ...rest, lines: [], linesBelow: 0 };
}

function typed(state: TopState, key: string): TopState {
  switch (key) {
    case "enter":
      return { ...state, isTyping: false };
    case "escape":
      return withSelection({ ...state, isTyping: false, filter: "" });
    case "ctrl-c":
      return { ...state, isOver: true };
    case "backspace":
      return withSelection({ ...state, filter: [...state.filter].slice(0, -1).join("") });
    case "up":
    case "down":
      return moved(state, key === "up" ? -1 : 1);
    default:
      return [...key].length === 1
        ? withSelection({ ...state, filter: state.filter + key })
        : state;
  }
}

function pressed(state: TopState, key: string, pageRows: number): TopState {
  if (state.showsKeys && key !== "q" && key !== "ctrl-c") return { ...state, showsKeys: false };
  switch (key) {
    case "q":
    case "ctrl-c":
      return { ...state, isOver: true };
    case "up":
    case "k":
      return moved(state, -1);
    case "down":
    case "j":
      return moved(state, 1);
    case "home":
    case "g":
      return moved(state, -Infinity);
    case "end":
    case "G":
      return moved(state, Infinity);
    case "page-up":
      return scrolled(state, pageRows);
    case "page-down":
      return scrolled(state, -pageRows);
    case "d":
      return withPane(state, "describe");
    case "l":
      return withPane(state, "logs");
    case "e":
      return withPane(state, "events");
    case "/":
      return { ...state, isTyping: true };
    case "?":
    case "h":
      return { ...state, showsKeys: true };
    case "s":
      return { ...state, sort: nextSort(state.sort) };
    case "c":
      return { ...state, showsContainers: !state.showsContainers };
    case "enter":
    case "z":
      return { ...state, isZoomed: !state.isZoomed };
    case "escape":
      return withSelection({ ...state, isZoomed: false, filter: "", linesBelow: 0 });
    default:
      return state;
  }
}

function nextSort(sort: TopSort): TopSort {
  return TOP_SORTS[(TOP_SORTS.indexOf(sort) + 1) % TOP_SORTS.length] ?? "worst";
}

function moved(state: TopState, by: number): TopState {
  const pods = podsOf(state);
  const at = pods.findIndex(({ id }) => id === state.selected);
  const next = pods[Math.max(0, Math.min(pods.length - 1, at + by))];
  return next === undefined || next.id === state.selected
    ? state
    : emptied({ ...state, selected: next.id });
}

function scrolled(state: TopState, by: number): TopState {
  const most = Math.max(0, state.lines.length - 1);
  return { ...state, linesBelow: Math.max(0, Math.min(most, state.linesBelow + by)) };
}

/** The same key again gives the pane the whole screen, and takes it back. */
function withPane(state: TopState, pane: Pane): TopState {
  if (state.pane === pane) return { ...state, isZoomed: !state.isZoomed };
  return emptied({ ...state, pane });
}
