/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** Every pod in one table, the worst first. */
import type { FC } from "hono/jsx";
import type { Overview, PodSummary } from "../../api/contract/mod.ts";
import { Curve } from "../parts/curve.tsx";
import { ageOf, bytesText, costText, cpuText, shown } from "../parts/format.ts";
import { Mark } from "../parts/layout.tsx";
import type { Curve as Samples } from "../usage.ts";
import { podPath } from "./node.tsx";

const ORDER: readonly string[] = ["broken", "unknown", "changing", "holds"];

export const PodsPage: FC<{
  readonly node: string;
  readonly overview: Overview;
  readonly curves: ReadonlyMap<string, Samples>;
  readonly nowMs: number;
}> = ({ node, overview: { pods }, curves, nowMs }) => (
  <>
    <h1>Pods</h1>
    <label class="search">
      Search <input type="search" id="search" data-search="pods" autocomplete="off" />
    </label>
    <div class="wide" role="region" aria-label="Pods" tabindex={0}>
      <table id="pods">
        <thead>
          <tr>
            <th scope="col">Pod</th>
            <th scope="col">Ready</th>
            <th scope="col">Status</th>
            <th scope="col">Restarts</th>
            <th scope="col">Age</th>
            <th scope="col">CPU</th>
            <th scope="col">Memory</th>
            <th scope="col">Last change</th>
            <th scope="col">Image</th>
          </tr>
        </thead>
        <tbody>
          {worstFirst(pods).map((pod) => (
            <Row node={node} pod={pod} samples={curves.get(pod.id)} nowMs={nowMs} />
          ))}
        </tbody>
      </table>
    </div>
    {pods.length === 0 && (
      <p>
        This node has no static pods. <code>podstead apply -f FILE</code> adds one.
      </p>
    )}
  </>
);

function worstFirst(pods: readonly PodSummary[]): readonly PodSummary[] {
  return [...pods].sort((left, right) =>
    ORDER.indexOf(left.state) - ORDER.indexOf(right.state) || (left.id < right.id ? -1 : 1)
  );
}

const Row: FC<{
  readonly node: string;
  readonly pod: PodSummary;
  readonly samples: Samples | undefined;
  readonly nowMs: number;
}> = ({ node, pod, samples, nowMs }) => (
  <tr id={`pod-${pod.id}`}>
    <th scope="row">
      <a href={podPath(node, pod.id)}>{shown(pod.id)}</a>
    </th>
    <td>{pod.ready} {pod.containers}</td>
    <td>
      <Mark state={pod.state} word={shown(pod.text === "" ? pod.reason || pod.phase : pod.text)} />
    </td>
    <td class="number">{pod.restarts}</td>
    <td>{ageOf(pod.startedAtMs, nowMs)}</td>
    <td>
      <Curve values={samples?.cpu ?? []} text={cpuText} name="CPU" />
    </td>
    <td>
      <Curve values={samples?.memory ?? []} text={bytesText} name="Memory" />
    </td>
    <td>{pod.change !== undefined && costText(pod.change)}</td>
    <td class="image">{(pod.images ?? []).map((image) => <div>{shown(image)}</div>)}</td>
  </tr>
);
