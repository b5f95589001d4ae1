import { PodsteadError } from "../../core/mod.ts";
import type { ChangeHistory, ChangeService, TrialRunner } from "../../transaction/mod.ts";
import type { ChangedFile, PodName, PodRestart } from "../contract/mod.ts";
import type { Handlers } from "./handlers.ts";

/** What the handlers show and move. */
export interface ChangeHandlersDeps {
  readonly changes: Pick<ChangeService, "change" | "compare">;
  readonly trials: Pick<TrialRunner, "state" | "confirm" | "cancel">;
  readonly history: ChangeHistory;
  /** Begins a pod again as another one. @throws {PodsteadError} if that cannot be done now */
  readonly restart: (pod: PodName) => Promise<PodRestart>;
}

/** Changes of what is declared, their trials and their history. */
export function changeHandlers({ changes, trials, history, restart }: ChangeHandlersDeps): Pick<
  Handlers,
  "change" | "restart" | "trial" | "confirm" | "cancel" | "history" | "revision" | "compare"
> {
  return {
    async change(request, _signal, { uid }) {
      const { result, files, reload, trial } = await changes.change({
        ...request,
        ...(uid === undefined ? {} : { callerUid: uid }),
      });
      const changed = files.map(({ path, before, after }): ChangedFile => ({
        path,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
      }));
      return { result, files: changed, reload, ...(trial === undefined ? {} : { trial }) };
    },
    restart,
    trial: () => trials.state,
    confirm: async () => await trials.confirm() ?? refuseWithout(),
    cancel: async () => await trials.cancel("it was cancelled") ?? refuseWithout(),
    history: () => history.list(),
    revision: ({ number }) => history.files(number),
    compare: ({ from, to }) => changes.compare(from, to),
  };
}

function refuseWithout(): never {
  throw new PodsteadError("not-found", "No change is on trial", {
    hint: 'See "podstead history"',
  });
}
