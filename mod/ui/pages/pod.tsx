/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** Everything about one pod. */
import type { FC } from "hono/jsx";
import type { ContainerPart, PodReport } from "../../api/contract/mod.ts";
import type { DiffLine } from "../../change/mod.ts";
import { ageOf, costText, shown } from "../parts/format.ts";
import { Mark, pathOf } from "../parts/layout.tsx";
import { historyOf } from "../parts/pod_history.ts";
import { TimeLine } from "../parts/time_line.tsx";
import { Diff } from "./diff.tsx";
import { podPath } from "./node.tsx";

/** What declared and served differ in. */
export type Declared =
  | { readonly lines: readonly DiffLine[]; readonly served: string }
  | { readonly failure: string };

export const PodPage: FC<{
  readonly node: string;
  readonly report: PodReport;
  readonly declared: Declared;
  /** `namespace/name` as declared, where it may be acted on. */
  readonly actsOn: string | undefined;
  readonly nowMs: number;
}> = ({ node, report, declared, actsOn, nowMs }) => (
  <>
    <h1>{shown(report.id)}</h1>
    <section class="cause">
      <p>
        <Mark state={stateOf(report)} word={shown(report.reason || report.phase)} />{" "}
        {shown(report.explanation.cause)}
      </p>
      {report.explanation.nextStep !== "" && (
        <p class="next">{shown(report.explanation.nextStep)}</p>
      )}
    </section>
    <dl>
      <dt>Ready</dt>
      <dd>
        {report.ready}
        {report.readySince && ` for ${ageOf(report.readySince, nowMs)}`}, by {report.confirmedBy}
      </dd>
      <dt>Version</dt>
      <dd>{report.drift}</dd>
      <dt>Restarts</dt>
      <dd>{report.restarts}</dd>
      {report.declared !== undefined && (
        <>
          <dt>Declared</dt>
          <dd>
            {shown(report.declared.file)}:{report.declared.line}, {report.declared.state}
            {report.declared.why && `: ${shown(report.declared.why)}`}
          </dd>
        </>
      )}
      {report.change !== undefined && (
        <>
          <dt>Last change</dt>
          <dd>{costText(report.change)}</dd>
        </>
      )}
    </dl>
    {actsOn !== undefined && (
      <p class="actions">
        <a class="button" href={`${pathOf(node, "act/restart")}?pod=${encodeURIComponent(actsOn)}`}>
          Restart…
        </a>
      </p>
    )}
    <h2>Containers</h2>
    <div class="wide" role="region" aria-label="Containers" tabindex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Container</th>
            <th scope="col">State</th>
            <th scope="col">Restarts</th>
            <th scope="col">Image</th>
            <th scope="col">Probes</th>
          </tr>
        </thead>
        <tbody>
          {report.containers.map((container) => <Container container={container} nowMs={nowMs} />)}
        </tbody>
      </table>
    </div>
    <h2>Over time</h2>
    <TimeLine history={historyOf(report, nowMs)} />
    <ol class="events" tabindex={0} aria-label="What happened, the newest first">
      {[...report.events].reverse().slice(0, 30).map(({ at, type, message }) => (
        <li>
          <time datetime={at}>{ageOf(at, nowMs)} ago</time> <strong>{type}</strong> {shown(message)}
        </li>
      ))}
    </ol>
    <h2>Declared against served</h2>
    {"failure" in declared ? <p class="dim">{shown(declared.failure)}</p> : (
      <>
        {declared.lines.length === 0
          ? <p>What is served is what is declared.</p>
          : <Diff lines={declared.lines} />}
        <details id="served">
          <summary>As it is served</summary>
          <pre tabindex={0}>{shown(declared.served)}</pre>
        </details>
      </>
    )}
  </>
);

/** The log of a pod: not part of the page that is rendered again, as it continues by itself. */
export const PodLog: FC<{ readonly node: string; readonly report: PodReport }> = (
  { node, report },
) => {
  const first = report.containers.find(({ type }) => type === "container");
  return (
    <section class="log" data-keep aria-labelledby="log-title">
      <h2 id="log-title">Log</h2>
      <p class="controls">
        <label>
          Container{" "}
          <select id="log-container">
            {report.containers.map(({ name, type }) => (
              <option value={name} selected={name === first?.name}>
                {shown(name)}
                {type !== "container" && ` (${type})`}
              </option>
            ))}
          </select>
        </label>
        <label>
          Stream{" "}
          <select id="log-stream">
            <option value="">both</option>
            <option value="stdout">stdout</option>
            <option value="stderr">stderr</option>
          </select>
        </label>
        <label>
          Search <input type="search" id="log-search" autocomplete="off" />
        </label>
        <label>
          <input type="checkbox" id="log-follow" checked /> follow
        </label>
      </p>
      <div
        id="log"
        class="lines"
        role="log"
        aria-live="off"
        tabindex={0}
        data-log={`${podPath(node, report.id)}/log`}
      >
      </div>
    </section>
  );
};

function stateOf({ ready, drift }: PodReport): string {
  if (ready === "True" && drift === "Current") return "holds";
  if (ready === "Unknown") return "unknown";
  return drift === "Pending" || drift === "Updating" ? "changing" : "broken";
}

const Container: FC<{ readonly container: ContainerPart; readonly nowMs: number }> = (
  { container, nowMs },
) => (
  <tr>
    <th scope="row">
      {shown(container.name)}
      {container.type !== "container" && ` (${container.type})`}
    </th>
    <td>
      <Mark
        state={container.state === "running"
          ? "holds"
          : container.exitCode === 0
          ? "holds"
          : "broken"}
        word={container.state}
      />{" "}
      {container.reason !== undefined && shown(container.reason)} {ageOf(container.since, nowMs)}
      {container.lastExit !== undefined && (
        <div class="dim">
          before: exit {container.lastExit.code} ({shown(container.lastExit.reason ?? "")})
        </div>
      )}
      {container.message !== undefined && <div class="dim">{shown(container.message)}</div>}
    </td>
    <td class="number">{container.restarts}</td>
    <td class="image">{shown(container.image)}</td>
    <td>
      {Object.entries(container.probes).map(([kind, what]) => <div>{kind}: {shown(what)}</div>)}
    </td>
  </tr>
);
