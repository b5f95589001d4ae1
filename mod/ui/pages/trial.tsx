/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** A change on trial, with its clock. */
import type { FC } from "hono/jsx";
import type { TrialView } from "../../api/contract/mod.ts";
import { formatDuration } from "../../core/mod.ts";
import { shown } from "../parts/format.ts";
import { pathOf } from "../parts/layout.tsx";

export const TrialCard: FC<{
  readonly node: string;
  readonly trial: TrialView;
  readonly mayAct: boolean;
  readonly nowMs: number;
}> = ({ node, trial: { running, last }, mayAct, nowMs }) => {
  if (running === undefined) {
    if (last === undefined || last.result === "kept") return null;
    return (
      <section class="trial">
        <p>
          The last trial, revision {last.revision}, {last.result === "reverted"
            ? `went back to what revision ${last.backTo} had`
            : `could not go back to revision ${last.backTo}`}
          {last.cause === undefined ? "." : `: ${shown(last.cause)}`}
        </p>
      </section>
    );
  }
  const leftMs = Math.max(0, running.startedMs + running.timeoutMs - nowMs);
  return (
    <section class="trial running">
      <p>
        <strong>Revision {running.revision} is on trial</strong> — {running.goingBack === undefined
          ? (
            <>
              back to revision {running.backTo} in{" "}
              <span class="clock">{formatDuration(Math.ceil(leftMs / 1000) * 1000)}</span>
              {running.confirm === "manual"
                ? " unless it is confirmed"
                : " unless its pods stay ready"}
            </>
          )
          : <>going back to revision {running.backTo}: {shown(running.goingBack)}</>}
      </p>
      {mayAct && running.goingBack === undefined && (
        <p class="actions">
          <a class="button" href={pathOf(node, "act/confirm")}>Keep it…</a>
          <a class="button" href={pathOf(node, "act/cancel")}>Take it back…</a>
        </p>
      )}
    </section>
  );
};
