/** A node's turn in a roll-out: brings the config, and waits for the end of its trial. */
import { type Clock, EtcdUnavailable, PodsteadError } from "../../core/mod.ts";
import type { Etcd } from "../../etcd/mod.ts";
import type { Logger } from "../../os/mod.ts";
import { type FleetKeys, loadContent, type RolloutView } from "../store/mod.ts";
import type { Hands } from "./hands.ts";
import type { Local, TurnEnd } from "./local.ts";

/** What a turn needs. */
export interface TurnDeps {
  readonly clock: Clock;
  readonly log: Logger;
  readonly etcd: Etcd;
  readonly keys: FleetKeys;
  readonly node: string;
  readonly hands: Hands;
}

/** What the node remembers of its turn. */
export interface TurnMemory {
  readonly turn: Local["turn"];
  /** Resolves when it is on disk. */
  keep(turn: Local["turn"]): Promise<void>;
}

/** How often the end of the own trial is looked for. */
const TRIAL_LOOK_MS = 500;

/** Brings the config, or waits for the end of a trial that a restart has cut short. */
export async function takeTurn(
  { spec, states }: RolloutView,
  memory: TurnMemory,
  deps: TurnDeps,
  signal: AbortSignal,
): Promise<void> {
  const { etcd, keys, hands, clock, log, node } = deps;
  const own = memory.turn;
  // One whose end is known was an earlier try of the same roll-out.
  const begun = own?.id === spec.id && own.end === undefined ? own : undefined;
  let sight = begun === undefined ? undefined : hands.trial(begun);
  if (sight === undefined || sight.kind === "none") {
    // It was given up before it had begun: nothing has changed here.
    if (states[node] !== "updating") return await memory.keep(undefined);
    const turn = { id: spec.id, ...hands.standing(), told: false };
    const text = await loadContent(etcd, keys, spec, signal).catch(failedAsText);
    await memory.keep(turn);
    log.info("Takes part in a roll-out", { rollout: spec.id });
    const brought = typeof text === "string"
      ? await hands.bring(text, { rollout: spec.id, ...spec.rules }).catch(failedAsText)
      : text;
    if (brought.kind === "ended") return await end(memory, log, brought.end, brought.message);
    sight = hands.trial(turn);
  }
  // Needs no etcd: what has begun comes to its end on the node.
  const { turn } = memory;
  while (sight.kind === "running" && turn !== undefined) {
    await clock.sleep(TRIAL_LOOK_MS, signal);
    sight = hands.trial(turn);
  }
  if (sight.kind === "ended") await end(memory, log, sight.end, sight.message);
  else await end(memory, log, "failed", "its trial has vanished");
}

async function end(
  memory: TurnMemory,
  log: Logger,
  how: TurnEnd,
  message: string | undefined,
): Promise<void> {
  const { turn } = memory;
  if (turn === undefined) return;
  const withMessage = message === undefined ? {} : { message };
  log[how === "ready" || how === "unchanged" ? "info" : "warn"](
    "The turn in the roll-out has ended",
    { rollout: turn.id, end: how, ...withMessage },
  );
  await memory.keep({ ...turn, end: how, told: false, ...withMessage });
}

/** etcd being away is no failure of the change: it is tried again. */
function failedAsText(error: unknown): { kind: "ended"; end: "failed"; message: string } {
  if (error instanceof EtcdUnavailable || !(error instanceof PodsteadError)) throw error;
  return { kind: "ended", end: "failed", message: error.message };
}
