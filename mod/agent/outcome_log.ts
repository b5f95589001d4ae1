import { Breath, type Clock, type JsonValue } from "../core/mod.ts";
import type { Logger } from "../os/mod.ts";
import type { ReloadOutcome } from "./outcome.ts";

/** Logs the outcome of a reload: the whole, each problem, each pod that changed or was refused. */
export async function logOutcome(
  log: Logger,
  outcome: ReloadOutcome,
  clock: Pick<Clock, "monotonicMs">,
): Promise<void> {
  const breath = new Breath(clock);
  const counts: Record<string, JsonValue> = {
    trigger: outcome.trigger,
    revision: outcome.revision,
    pods: outcome.served.pods,
    bytes: outcome.served.bytes,
    durationMs: outcome.durationMs,
  };
  const message = `Reload: ${outcome.result}`;
  if (outcome.result === "applied" || outcome.result === "unchanged") log.info(message, counts);
  else log.error(message, counts);
  for (const problem of outcome.problems) {
    const write = problem.severity === "error" ? log.error : log.warn;
    write(problem.message, {
      code: problem.code,
      file: problem.file,
      line: problem.position?.line,
      column: problem.position?.column,
      hint: problem.hint,
    });
  }
  for (const pod of outcome.pods) {
    if (breath.isDue) await breath.take();
    if (pod.state === "Kept") {
      log.warn("Pod kept", { pod: `${pod.namespace}/${pod.name}`, reason: pod.reason });
    }
    for (const issue of pod.errors) {
      log.error("Pod refused", {
        pod: `${pod.namespace}/${pod.name}`,
        field: issue.field,
        type: issue.type,
        detail: issue.detail,
        file: pod.source.file,
        line: issue.line,
        column: issue.column,
        servingRevision: pod.servingRevision,
      });
    }
    if (pod.change === "added" || pod.change === "changed" || pod.change === "removed") {
      log.info(`Pod ${pod.change}`, {
        pod: `${pod.namespace}/${pod.name}`,
        hash: pod.hash,
        reason: pod.reason,
      });
    }
  }
  for (const { kind, namespace, name, change, state, reason, usedBy } of outcome.objects ?? []) {
    const about = { object: `${namespace}/${name}`, reason, pods: usedBy };
    if (state !== undefined) log.warn(`${kind} ${state.toLowerCase()}`, about);
    else if (change !== "unchanged") log.info(`${kind} ${change}`, about);
  }
  for (const setting of outcome.needRestart) {
    log.warn("This setting takes effect after a restart of podstead", { setting });
  }
}
