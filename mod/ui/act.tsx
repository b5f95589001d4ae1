/** @jsxImportSource hono/jsx */
/** What changes something: shown first, asked, then done. */
import type { Context } from "hono";
import type { Child } from "hono/jsx";
import type {
  ChangeOperation,
  ChangeOutcome,
  ChangeRequest,
  PodName,
  TrialRequest,
} from "../api/contract/mod.ts";
import { ConfigError, errorText, formatIssue, PodsteadError, UsageError } from "../core/mod.ts";
import { formatProblem } from "../text/mod.ts";
import { diffOfFile } from "./look.tsx";
import type { SeenNode } from "./node.ts";
import { ApplyPage, type Question, QuestionPage } from "./pages/act.tsx";
import { pathOf } from "./parts/layout.tsx";

/** What acting needs besides the node. */
export interface ActDeps {
  readonly formKey: string;
  /** Pods and objects in YAML as operations. @throws {ConfigError} with what is wrong with them */
  readonly operationsOf: (text: string) => Promise<readonly ChangeOperation[]>;
}

/** As `podstead apply --mode=try` has them. */
const TRIAL: TrialRequest = { timeoutMs: 5 * 60_000, settleMs: 30_000, confirm: "auto" };

/** What is shown after a step: a page, or another place. */
export type Answer = { readonly page: Child; readonly title: string } | { readonly to: string };

/** The question of an act, by GET: nothing is changed. */
export async function askAct(
  node: SeenNode,
  act: string,
  context: Context,
  deps: ActDeps,
): Promise<Answer> {
  await mustAct(node);
  const base = {
    formKey: deps.formKey,
    action: pathOf(node.name, `act/${act}`),
    back: pathOf(node.name, "changes"),
  };
  switch (act) {
    case "apply":
      return {
        title: "Apply pods",
        page: <ApplyPage node={node.name} formKey={deps.formKey} text="" />,
      };
    case "confirm":
    case "cancel": {
      const { running } = await node.ask("trial", (agent) => agent.trial({}));
      if (running === undefined) throw new PodsteadError("not-found", "No change is on trial");
      const keeps = act === "confirm";
      return question({
        ...base,
        title: keeps
          ? `Keep revision ${running.revision}?`
          : `Take revision ${running.revision} back?`,
        yes: keeps ? "Keep it" : "Take it back",
        values: { revision: String(running.revision) },
        says: [
          keeps
            ? "The change stays, whatever becomes of its pods."
            : `The files become those of revision ${running.backTo}, now.`,
        ],
      });
    }
    case "rollback": {
      const revision = revisionOf(context.req.query("revision"));
      const planned = await plan(node, {
        operations: [],
        rollbackTo: revision,
        trigger: `rollback to ${revision}`,
      });
      return question({
        ...base,
        ...planned.shows,
        title: `Go back to revision ${revision}?`,
        yes: "Go back",
        values: { revision: String(revision), ...planned.base },
      });
    }
    case "restart": {
      const pod = podOf(context.req.query("pod"));
      return question({
        ...base,
        title: `Restart ${pod.namespace}/${pod.name}?`,
        yes: "Restart it",
        values: { pod: `${pod.namespace}/${pod.name}` },
        says: [
          "All of its containers end, and the pod begins again as another one, in the same version.",
        ],
      });
    }
    default:
      throw new PodsteadError("not-found", `There is no "${act}"`);
  }
}

/** Does what was asked, by POST; the door has checked where it comes from. */
export async function doAct(
  node: SeenNode,
  act: string,
  form: Readonly<Record<string, unknown>>,
  deps: ActDeps,
): Promise<Answer> {
  await mustAct(node);
  try {
    return await actOnce(node, act, form, deps);
  } finally {
    node.forget();
  }
}

async function actOnce(
  node: SeenNode,
  act: string,
  form: Readonly<Record<string, unknown>>,
  deps: ActDeps,
): Promise<Answer> {
  const { agent } = await node.connection();
  // A browser sends what was typed with the line ends of another system.
  const text = (name: string) =>
    typeof form[name] === "string" ? form[name].replace(/\r\n?/g, "\n") : "";
  const changes = { to: pathOf(node.name, "changes") };
  switch (act) {
    case "apply":
      return await apply(node, text("yaml"), {
        trial: text("trial") === "yes",
        sure: text("sure") === "yes",
        ...baseOf(text("base")),
      }, deps);
    case "confirm":
    case "cancel": {
      const revision = revisionOf(text("revision"));
      const { running } = await agent.trial({});
      if (running?.revision !== revision) {
        throw new PodsteadError("not-found", `Revision ${revision} is not on trial any more`);
      }
      await agent[act]({});
      return changes;
    }
    case "rollback": {
      const revision = revisionOf(text("revision"));
      refuse(
        await agent.change({
          operations: [],
          rollbackTo: revision,
          trigger: `rollback to ${revision}`,
          ...baseOf(text("base")),
        }),
      );
      return changes;
    }
    case "restart": {
      await agent.restart(podOf(text("pod")));
      return { to: pathOf(node.name, "pods") };
    }
    default:
      throw new PodsteadError("not-found", `There is no "${act}"`);
  }
}

/** How YAML was sent. */
interface Sent {
  readonly trial: boolean;
  /** Whether it was shown before what it does. */
  readonly sure: boolean;
  /** The revision to which it was shown what it does. */
  readonly ifRevision?: number;
}

/** First what it does, with the diff; then, when that was seen, the change itself. */
async function apply(
  node: SeenNode,
  yaml: string,
  { trial, sure, ifRevision }: Sent,
  deps: ActDeps,
): Promise<Answer> {
  try {
    const request: ChangeRequest = {
      operations: await deps.operationsOf(yaml),
      trigger: "apply",
      message: "from the page",
    };
    if (!sure) {
      const planned = await plan(node, request);
      return question({
        ...planned.shows,
        title: trial ? "Apply this on trial?" : "Apply this?",
        yes: "Apply it",
        formKey: deps.formKey,
        action: pathOf(node.name, "act/apply"),
        back: pathOf(node.name, "changes"),
        values: { yaml, sure: "yes", ...planned.base, ...(trial ? { trial: "yes" } : {}) },
      });
    }
    const { agent } = await node.connection();
    refuse(
      await agent.change({
        ...request,
        ...(ifRevision === undefined ? {} : { ifRevision }),
        ...(trial ? { trial: TRIAL } : {}),
      }),
    );
    return { to: pathOf(node.name, "changes") };
  } catch (error) {
    const failure = failureText(error);
    return {
      title: "Apply pods",
      page: <ApplyPage node={node.name} formKey={deps.formKey} text={yaml} failure={failure} />,
    };
  }
}

function question(question: Question): Answer {
  return { title: question.title, page: <QuestionPage question={question} /> };
}

async function mustAct(node: SeenNode): Promise<void> {
  const { mayAct } = await node.connection();
  if (mayAct) return;
  throw new PodsteadError("permission", "You may look at this node, and not change it", {
    hint: 'Root and members of the group "podstead" may',
  });
}

/**
 * What a change would do, and to which revision: what is asked and what is done are the same, also
 * if there was another change in between.
 */
async function plan(
  node: SeenNode,
  request: ChangeRequest,
): Promise<
  {
    readonly shows: Pick<Question, "says" | "diff" | "possible">;
    readonly base: Readonly<Record<string, string>>;
  }
> {
  const { agent } = await node.connection();
  const served = (await agent.history({})).find(({ current }) => current)?.number;
  const ifRevision = served === undefined ? {} : { ifRevision: served };
  const planned = await agent.change({ ...request, ...ifRevision, dryRun: true });
  refuse(planned);
  const touched = planned.reload.pods.filter(({ change }) =>
    change !== undefined && change !== "unchanged"
  );
  const shows = {
    says: planned.result === "unchanged"
      ? ["Nothing changes."]
      : touched.map(({ namespace, name, change }) => `pod/${namespace}/${name} ${change}`),
    diff: planned.files.flatMap(({ path, before = "", after = "" }) =>
      diffOfFile(path, before, after)
    ),
    possible: planned.result === "planned",
  };
  return { shows, base: served === undefined ? {} : { base: String(served) } };
}

/** @throws {ConfigError} if the change was refused */
function refuse({ result, reload }: ChangeOutcome): void {
  if (result !== "refused") return;
  const issues = reload.pods.flatMap(({ errors, source }) =>
    errors.map((issue) => `${source.file}:${issue.line}: ${formatIssue(issue)}`)
  );
  throw new ConfigError(["Nothing was changed", ...issues].join("\n"), reload.problems);
}

function failureText(error: unknown): string {
  const problems = error instanceof ConfigError
    ? error.problems.map((problem) => formatProblem(problem, { color: false }))
    : [];
  return [errorText(error), ...problems].join("\n\n");
}

function baseOf(text: string): { readonly ifRevision?: number } {
  return text === "" ? {} : { ifRevision: revisionOf(text) };
}

function revisionOf(text: string | undefined): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new UsageError(`"${text}" is no revision`);
  return number;
}

function podOf(text: string | undefined): PodName {
  const [namespace, name, ...more] = (text ?? "").split("/");
  if (namespace === undefined || name === undefined || name === "" || more.length > 0) {
    throw new UsageError(`"${text}" is no pod`);
  }
  return { namespace, name };
}
