/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** A pod over time, as SVG. */
import type { FC } from "hono/jsx";
import { ageOf, shown } from "./format.ts";
import type { PodHistory } from "./pod_history.ts";

const ROW = 20;
const LABEL = 150;
const SPAN = 650;
const RIGHT = LABEL + SPAN;

/** A lane for each sandbox, container and for readiness; what happened is a row of points below. */
export const TimeLine: FC<{ readonly history: PodHistory }> = (
  { history: { lanes, moments, fromMs, toMs } },
) => {
  const x = (atMs: number) => LABEL + ((atMs - fromMs) / (toMs - fromMs)) * SPAN;
  const bottom = lanes.length * ROW;
  return (
    <svg
      class="timeline"
      viewBox={`0 0 ${RIGHT + 10} ${bottom + 2 * ROW}`}
      role="img"
      aria-label="Sandboxes, containers and readiness over time; the list below says it in words"
    >
      {lanes.map(({ label, kind, spans }, at) => (
        <g>
          <text x={LABEL - 8} y={at * ROW + 14} text-anchor="end">{shown(label)}</text>
          <line x1={LABEL} x2={RIGHT} y1={at * ROW + ROW / 2} y2={at * ROW + ROW / 2} />
          {spans.map((span) => (
            <rect
              class={kind}
              x={x(span.fromMs)}
              y={at * ROW + 4}
              width={Math.max(2, x(span.toMs) - x(span.fromMs))}
              height={ROW - 8}
              rx="2"
            />
          ))}
        </g>
      ))}
      {moments.map(({ atMs, kind, text }) => (
        <circle class={kind} cx={x(atMs)} cy={bottom + 10} r="4">
          <title>{text}</title>
        </circle>
      ))}
      <text x={LABEL} y={bottom + ROW + 16}>{ageOf(fromMs, toMs)} ago</text>
      <text x={RIGHT} y={bottom + ROW + 16} text-anchor="end">now</text>
    </svg>
  );
};
