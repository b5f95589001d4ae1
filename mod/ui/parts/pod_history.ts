/** What a pod did over time, as spans and moments that can be drawn. */
import type { PodEvent, PodReport } from "../../api/contract/mod.ts";
import { shown } from "./format.ts";

/** A time from one moment to another, in Unix milliseconds. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Spans of one kind, of one thing. */
export interface Lane {
  readonly label: string;
  readonly kind: "sandbox" | "container" | "ready";
  readonly spans: readonly Span[];
}

/** Something that happened at once. */
export interface Moment {
  readonly atMs: number;
  readonly kind: "good" | "bad";
  readonly text: string;
}

/** A pod over one span of time, the same for all of it. */
export interface PodHistory extends Span {
  readonly lanes: readonly Lane[];
  readonly moments: readonly Moment[];
}

/** Moments that are shown; the picture begins with the first of them. */
const MOMENTS = 40;
/** The least that a picture shows, in milliseconds. */
const LEAST_MS = 60_000;

const BAD = /fail|restart|ended|crash|reject|not-ready|down|oom|revert/i;

/** Sandboxes, containers and readiness from what runs now and from the events before. */
export function historyOf(report: PodReport, nowMs: number): PodHistory {
  const moments = report.events.slice(-MOMENTS).map(({ at, type, message }): Moment => ({
    atMs: Date.parse(at),
    kind: BAD.test(type) ? "bad" : "good",
    text: `${at} ${type}: ${shown(message)}`,
  }));
  const fromMs = Math.min(nowMs - LEAST_MS, ...moments.map(({ atMs }) => atMs));
  const window = { fromMs, toMs: nowMs };
  const lanes = [
    ...sandboxLanes(report, nowMs),
    ...report.containers.map(({ name }) => containerLane(report, name, nowMs)),
    readyLane(report, nowMs),
  ];
  return {
    ...window,
    lanes: lanes.map((lane) => ({ ...lane, spans: lane.spans.flatMap((one) => cut(one, window)) })),
    moments,
  };
}

/** A sandbox that ended did so with its last container, at the latest when the next one came. */
function sandboxLanes({ sandboxes, events }: PodReport, nowMs: number): readonly Lane[] {
  const oldestFirst = sandboxes.flatMap(({ created, attempt, state }) =>
    created === undefined ? [] : [{ fromMs: Date.parse(created), attempt, state }]
  ).sort((one, other) => one.fromMs - other.fromMs);
  return oldestFirst.map(({ fromMs, attempt, state }, at): Lane => {
    const nextMs = oldestFirst[at + 1]?.fromMs ?? nowMs;
    const ends = events.filter(({ type }) => type === "ended").map((event) => Date.parse(event.at))
      .filter((atMs) => atMs >= fromMs && atMs <= nextMs);
    const toMs = state === "SANDBOX_READY" ? nowMs : Math.max(fromMs, ...ends);
    return { label: `sandbox ${attempt}`, kind: "sandbox", spans: [{ fromMs, toMs }] };
  });
}

function containerLane({ containers, events }: PodReport, name: string, nowMs: number): Lane {
  const own = events.filter(({ container }) => container?.name === name);
  const begins = (type: string) => type === "started" || type === "restarted";
  const endOf = (id: string | undefined) =>
    own.find(({ type, container }) => type === "ended" && container?.id === id);
  const now = containers.find((one) => one.name === name);
  const spans = own.filter(({ type }) => begins(type)).map(({ at, container }): Span => {
    const end = endOf(container?.id);
    const runs = now?.state === "running" && now.id?.startsWith(container?.id ?? "\0");
    // What neither ended nor runs was lost from sight: nothing is claimed of it.
    const toMs = end !== undefined ? Date.parse(end.at) : runs ? nowMs : Date.parse(at);
    return { fromMs: Date.parse(at), toMs };
  });
  // An agent that started later than the container has no event of it.
  const isTold = own.some(({ type, container }) =>
    begins(type) && now?.id?.startsWith(container?.id ?? "\0")
  );
  if (now?.state === "running" && now.since !== undefined && !isTold) {
    spans.push({ fromMs: Date.parse(now.since), toMs: nowMs });
  }
  return { label: name, kind: "container", spans };
}

/** When its probes, or the kubelet, said that it is ready. */
function readyLane({ events, ready, readySince }: PodReport, nowMs: number): Lane {
  const spans: Span[] = [];
  let since: number | undefined;
  const upTo = (toMs: number) => {
    if (since !== undefined) spans.push({ fromMs: since, toMs });
    since = undefined;
  };
  for (const event of events) {
    const atMs = Date.parse(event.at);
    if (event.type === "ready") since ??= atMs;
    else if (endsReadiness(event)) upTo(atMs);
  }
  if (ready === "True") {
    since ??= readySince === undefined ? undefined : Date.parse(readySince);
    upTo(nowMs);
  }
  return { label: "ready", kind: "ready", spans };
}

function endsReadiness({ type }: PodEvent): boolean {
  return type === "not-ready" || type === "ended" || type === "removed";
}

function cut({ fromMs, toMs }: Span, window: Span): readonly Span[] {
  if (toMs < window.fromMs) return [];
  return [{ fromMs: Math.max(fromMs, window.fromMs), toMs: Math.min(toMs, window.toMs) }];
}
