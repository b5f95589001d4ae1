/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** Small pictures, as SVG. */
import type { FC } from "hono/jsx";

const WIDTH = 90;
const HEIGHT = 22;

/** A line of values over time, from zero to its own largest, with the last one in words beside it. */
export const Curve: FC<{
  readonly values: readonly number[];
  readonly text: (value: number) => string;
  readonly name: string;
}> = ({ values, text, name }) => {
  const last = values.at(-1);
  if (last === undefined) return <span class="dim">–</span>;
  const top = Math.max(...values, Number.MIN_VALUE);
  const step = WIDTH / Math.max(1, values.length - 1);
  const points = values.map((value, at) =>
    `${(at * step).toFixed(1)},${(HEIGHT - 1 - (value / top) * (HEIGHT - 2)).toFixed(1)}`
  );
  return (
    <span class="curve">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={`${name}: ${text(last)} now`}>
        <polyline points={points.join(" ")} />
      </svg>
      {text(last)}
    </span>
  );
};

/** One bar of a picture over time; without an end it goes on. */
export interface Bar {
  readonly label: string;
  readonly kind: string;
  readonly fromMs: number;
  readonly toMs: number | undefined;
}

/** A moment of a picture over time. */
export interface Moment {
  readonly atMs: number;
  readonly kind: string;
  readonly text: string;
}

const ROW = 20;
const LABEL = 150;
const SPAN = 650;

/** Bars and moments over one span of time, the same for all. */
export const TimeLine: FC<{
  readonly bars: readonly Bar[];
  readonly moments: readonly Moment[];
  readonly nowMs: number;
}> = ({ bars, moments, nowMs }) => {
  const firstMs = Math.min(
    nowMs - 1000,
    ...bars.map(({ fromMs }) => fromMs),
    ...moments.map(({ atMs }) => atMs),
  );
  const x = (atMs: number) => LABEL + ((atMs - firstMs) / (nowMs - firstMs)) * SPAN;
  const height = (bars.length + 1) * ROW;
  return (
    <svg
      class="timeline"
      viewBox={`0 0 ${LABEL + SPAN + 10} ${height}`}
      role="img"
      aria-label="Sandboxes and containers over time; the list below says the same in words"
    >
      {bars.map(({ label, kind, fromMs, toMs }, at) => {
        const left = x(fromMs);
        return (
          <g>
            <text x={LABEL - 8} y={at * ROW + 14} text-anchor="end">{label}</text>
            <rect
              class={kind}
              x={left}
              y={at * ROW + 4}
              width={Math.max(2, x(toMs ?? nowMs) - left)}
              height={ROW - 8}
              rx="2"
            />
          </g>
        );
      })}
      {moments.map(({ atMs, kind, text }) => (
        <circle class={kind} cx={x(atMs)} cy={bars.length * ROW + 10} r="4">
          <title>{text}</title>
        </circle>
      ))}
    </svg>
  );
};
