/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** The components of a control plane, where the node has one. */
import type { FC } from "hono/jsx";
import type { CertificateEnd, Overview } from "../../api/contract/mod.ts";
import { ageOf, shown } from "../parts/format.ts";
import { Away, Mark } from "../parts/layout.tsx";
import { podPath } from "./node.tsx";

const COMPONENTS = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];

export const ControlPlanePage: FC<{
  readonly node: string;
  readonly overview: Overview;
  readonly certificates: { readonly value: readonly CertificateEnd[] } | {
    readonly failure: string;
  };
  readonly nowMs: number;
}> = ({ node, overview, certificates: seen, nowMs }) => {
  const certificates = "value" in seen ? seen.value : [];
  const components = COMPONENTS.flatMap((name) => {
    // Its own name and the node's: any other, such as that of a backup of etcd, is longer.
    const [pod] = overview.pods.filter(({ id }) => id.startsWith(`kube-system/${name}-`))
      .sort((one, other) => one.id.length - other.id.length);
    return pod === undefined ? [] : [{ name, pod }];
  });
  return (
    <>
      <h1>Control plane</h1>
      {components.length === 0 && (
        <p>This node has no control plane of podstead's. See docs/control-plane.md.</p>
      )}
      <ul class="cards">
        {components.map(({ name, pod }) => (
          <li class={`card ${pod.state}`}>
            <h2>
              <a href={podPath(node, pod.id)}>{name}</a>
            </h2>
            <p>
              <Mark state={pod.state} word={shown(pod.text || pod.reason)} />
            </p>
            <p class="dim">
              {(pod.images ?? []).map(shown).join(", ")}; {pod.restarts} restarts;{" "}
              {ageOf(pod.startedAtMs, nowMs)}
            </p>
            {pod.explanation !== undefined && (
              <p>{shown(pod.explanation.cause)} {shown(pod.explanation.nextStep)}</p>
            )}
          </li>
        ))}
      </ul>
      {"failure" in seen && <Away word="no certificates" failure={seen.failure} />}
      {certificates.length > 0 && (
        <>
          <h2>Certificates, the first to end first</h2>
          <div class="wide" role="region" aria-label="Certificates" tabindex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">File</th>
                  <th scope="col">Ends</th>
                </tr>
              </thead>
              <tbody>
                {[...certificates].sort((left, right) => left.endsMs - right.endsMs).map((
                  { path, endsMs },
                ) => (
                  <tr>
                    <th scope="row">{shown(path)}</th>
                    <td>{endText(endsMs, nowMs)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </>
  );
};

const DAY_MS = 24 * 60 * 60 * 1000;

function endText(endsMs: number, nowMs: number): string {
  const days = Math.floor((endsMs - nowMs) / DAY_MS);
  const date = new Date(endsMs).toISOString().slice(0, 10);
  return days < 0 ? `${date}, it has ended` : `${date}, in ${days} days`;
}
