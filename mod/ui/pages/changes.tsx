/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** The history: who changed what, when and why, and the way back. */
import type { FC } from "hono/jsx";
import type { RevisionView, TrialView } from "../../api/contract/mod.ts";
import type { DiffLine } from "../../change/mod.ts";
import { ageOf, shown } from "../parts/format.ts";
import { pathOf } from "../parts/layout.tsx";
import { Diff } from "./diff.tsx";
import { TrialCard } from "./trial.tsx";

export const ChangesPage: FC<{
  readonly node: string;
  readonly history: readonly RevisionView[];
  readonly trial: TrialView;
  readonly mayAct: boolean;
  readonly nowMs: number;
}> = ({ node, history, trial, mayAct, nowMs }) => (
  <>
    <h1>Changes</h1>
    <TrialCard node={node} trial={trial} mayAct={mayAct} nowMs={nowMs} />
    {mayAct && (
      <p class="actions">
        <a class="button" href={pathOf(node, "act/apply")}>Apply pods…</a>
      </p>
    )}
    <div class="wide" role="region" aria-label="Revisions" tabindex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Revision</th>
            <th scope="col">When</th>
            <th scope="col">What</th>
            <th scope="col">Who</th>
            <th scope="col">Why</th>
            <th scope="col">Pods</th>
            <th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {history.map((revision) => (
            <tr class={revision.current ? "current" : ""}>
              <th scope="row">
                <a href={pathOf(node, `changes/${revision.number}`)}>{revision.number}</a>
                {revision.current && " (served)"}
              </th>
              <td>
                <time datetime={revision.at}>{ageOf(revision.at, nowMs)} ago</time>
              </td>
              <td>{shown(revision.trigger)}</td>
              <td>{revision.callerUid === undefined ? "" : `uid ${revision.callerUid}`}</td>
              <td>{shown(revision.damage ?? revision.message ?? "")}</td>
              <td>{shown(podsText(revision))}</td>
              <td>{revision.result}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
    {history.length === 0 && <p>Nothing was changed yet.</p>}
  </>
);

function podsText({ pods }: RevisionView): string {
  return pods.filter(({ change }) => change !== "unchanged")
    .map(({ key, change }) => `${key} ${change}`).join(", ");
}

export const RevisionPage: FC<{
  readonly node: string;
  readonly number: number;
  readonly before: number | undefined;
  readonly diff: { readonly lines: readonly DiffLine[] } | { readonly failure: string };
  readonly canGoBack: boolean;
}> = ({ node, number, before, diff, canGoBack }) => (
  <>
    <h1>Revision {number}</h1>
    <p>
      <a href={pathOf(node, "changes")}>All changes</a>
    </p>
    {"failure" in diff
      ? <p class="dim">{shown(diff.failure)}</p>
      : diff.lines.length === 0
      ? <p>No file differs from {before === undefined ? "nothing" : `revision ${before}`}.</p>
      : <Diff lines={diff.lines} />}
    {canGoBack && (
      <p class="actions">
        <a class="button" href={`${pathOf(node, "act/rollback")}?revision=${number}`}>
          Go back to this revision…
        </a>
      </p>
    )}
  </>
);
