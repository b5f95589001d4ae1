/** @jsxImportSource hono/jsx */
// deno-lint-ignore-file explicit-module-boundary-types -- FC says what each takes and gives
/** Questions before something is changed: what it does first, then yes or no. */
import type { FC } from "hono/jsx";
import type { DiffLine } from "../../change/mod.ts";
import { pathOf } from "../parts/layout.tsx";
import { shown } from "../parts/format.ts";
import { Diff } from "./diff.tsx";

/** A question, with what goes back when it is answered with yes. */
export interface Question {
  readonly title: string;
  /** Where the form goes. */
  readonly action: string;
  readonly yes: string;
  readonly formKey: string;
  readonly values: Readonly<Record<string, string>>;
  /** Where "no" leads. */
  readonly back: string;
  /** What it does, as sentences. */
  readonly says: readonly string[];
  readonly diff?: readonly DiffLine[];
  /** False if it cannot be done as it is. */
  readonly possible?: boolean;
}

export const QuestionPage: FC<{ readonly question: Question }> = ({ question }) => (
  <>
    <h1>{question.title}</h1>
    {question.says.map((line) => <p class="says">{shown(line)}</p>)}
    {question.diff !== undefined && question.diff.length > 0 && <Diff lines={question.diff} />}
    <form method="post" action={question.action}>
      <input type="hidden" name="key" value={question.formKey} />
      {Object.entries(question.values).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <p class="actions">
        {question.possible !== false && <button type="submit">{question.yes}</button>}
        <a class="button quiet" href={question.back}>No</a>
      </p>
    </form>
  </>
);

/** Where pods are pasted. */
export const ApplyPage: FC<
  {
    readonly node: string;
    readonly formKey: string;
    readonly text: string;
    readonly failure?: string;
  }
> = (
  { node, formKey, text, failure },
) => (
  <>
    <h1>Apply pods</h1>
    {failure !== undefined && <pre class="failure" role="alert" tabindex={0}>{shown(failure)}</pre>}
    <form method="post" action={pathOf(node, "act/apply")}>
      <input type="hidden" name="key" value={formKey} />
      <label for="yaml">Pods, ConfigMaps and Secrets in YAML, or a whole node config</label>
      <textarea id="yaml" name="yaml" rows={20} spellcheck={false} required>{text}</textarea>
      <p>
        <label>
          <input type="checkbox" name="trial" value="yes" checked />{" "}
          On trial: goes back by itself unless the pods stay ready
        </label>
      </p>
      <p class="actions">
        <button type="submit">Show what it does</button>
        <a class="button quiet" href={pathOf(node, "changes")}>No</a>
      </p>
    </form>
  </>
);
