/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** A unified diff. */
import type { FC } from "hono/jsx";
import type { DiffLine } from "../../change/mod.ts";
import { shown } from "../parts/format.ts";

export const Diff: FC<{ readonly lines: readonly DiffLine[] }> = ({ lines }) => (
  <pre class="diff" tabindex={0}>
    {lines.map(({ kind, text }) => <span class={kind}>{`${shown(text)}\n`}</span>)}
  </pre>
);
