/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** Small pictures, as SVG. */
import type { FC } from "hono/jsx";

const WIDTH = 90;
const HEIGHT = 22;

/** A line of values over time, from zero to its own largest, with the last one as text. */
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
