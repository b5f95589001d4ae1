/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** The verdict on a node: the chain from the config to the pods, worst first. */
import type { FC } from "hono/jsx";
import type { CauseLine, Overview } from "../../api/contract/mod.ts";
import { ageOf, shown } from "../parts/format.ts";
import { Mark, pathOf } from "../parts/layout.tsx";
import { TrialCard } from "./trial.tsx";

const SENTENCES: Readonly<Record<Overview["state"], string>> = {
  well: "Everything is well.",
  changing: "Pods are on their way.",
  unconfirmed: "Not everything could be confirmed.",
  unwell: "Something is broken.",
};

export const NodePage: FC<{
  readonly node: string;
  readonly overview: Overview;
  readonly mayAct: boolean;
  readonly nowMs: number;
}> = ({ node, overview, mayAct, nowMs }) => {
  const { state, links, causes, pods, trial } = overview;
  const ready = pods.filter((pod) => pod.state === "holds").length;
  return (
    <>
      <h1>
        <Mark state={state} word={SENTENCES[state]} />
      </h1>
      {trial !== undefined && <TrialCard node={node} trial={trial} mayAct={mayAct} nowMs={nowMs} />}
      <ol class="chain" aria-label="From the config to the pods">
        {links.map((link) => (
          <li class={link.state}>
            <Mark state={link.state} word={link.name} />
            <span>{shown(link.text)}</span>
            {link.state !== "holds" && link.confirmedMs !== undefined && (
              <span class="dim">seen to hold {ageOf(link.confirmedMs, nowMs)} ago</span>
            )}
          </li>
        ))}
        <li class={ready === pods.length ? "holds" : worst(overview)}>
          <Mark state={ready === pods.length ? "holds" : worst(overview)} word="pods" />
          <span>
            <a href={pathOf(node, "pods")}>{ready} of {pods.length} as they should be</a>
          </span>
        </li>
      </ol>
      {causes.length > 0 && (
        <section aria-labelledby="causes">
          <h2 id="causes">What is wrong, worst first</h2>
          {causes.map((line) => <Cause node={node} line={line} nowMs={nowMs} />)}
        </section>
      )}
    </>
  );
};

function worst({ pods }: Overview): string {
  const states = new Set(pods.map(({ state }) => state));
  return states.has("broken") ? "broken" : states.has("unknown") ? "unknown" : "changing";
}

const Cause: FC<{ readonly node: string; readonly line: CauseLine; readonly nowMs: number }> = (
  { node, line, nowMs },
) => (
  <article class={`cause ${line.level}`}>
    <p>
      <Mark state={line.level} word={line.link ?? line.code} /> {shown(line.cause)}
      {line.sinceMs !== undefined && <span class="dim">for {ageOf(line.sinceMs, nowMs)}</span>}
    </p>
    {line.nextStep !== "" && <p class="next">{shown(line.nextStep)}</p>}
    {line.pods.length > 0 && (
      <p>
        {line.pods.map((id) => (
          <>
            <a href={podPath(node, id)}>{shown(id)}</a>
            {" "}
          </>
        ))}
      </p>
    )}
  </article>
);

/** The path of a pod's page. */
export function podPath(node: string, id: string): string {
  return pathOf(node, `pods/${id.split("/").map(encodeURIComponent).join("/")}`);
}
