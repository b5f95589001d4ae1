/** The trial on disk: what a crash or a reboot must not forget. */
import { join } from "node:path";
import * as v from "valibot";
import type { Trial } from "../change/mod.ts";
import { canonicalJson, type JsonObject, parseJson } from "../core/mod.ts";
import {
  isNoOwnFile,
  MAX_OWN_BYTES,
  putAside,
  readRegularText,
  writeFileAtomic,
} from "../os/mod.ts";

/** How the last trial ended. */
export interface TrialEnd {
  readonly revision: number;
  readonly backTo: number;
  /**
   * - `kept`: its pods were ready, or it was confirmed
   * - `reverted`: the revision before is served again
   * - `failed`: it could not be taken back; `cause` says why
   */
  readonly result: "kept" | "reverted" | "failed";
  /** Why it was taken back; absent for one that was kept. */
  readonly cause?: string;
  /** ISO 8601 */
  readonly at: string;
  /** What the history calls the change; absent for one by an older version. */
  readonly trigger?: string;
}

/** What is known of trials. */
export interface TrialState {
  readonly running?: Trial;
  readonly last?: TrialEnd;
}

const FILE = "trial.json";
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const TrialSchema = v.object({
  revision: count,
  backTo: count,
  startedMs: v.number(),
  timeoutMs: count,
  settleMs: count,
  confirm: v.picklist(["auto", "manual"]),
  pods: v.array(v.object({
    namespace: v.string(),
    name: v.string(),
    hash: v.exactOptional(v.string()),
  })),
  guards: v.exactOptional(v.array(v.string())),
  trigger: v.exactOptional(v.string()),
  refusedBefore: v.exactOptional(v.array(v.string())),
  goingBack: v.exactOptional(v.string()),
});
const EndSchema = v.object({
  revision: count,
  backTo: count,
  result: v.picklist(["kept", "reverted", "failed"]),
  cause: v.exactOptional(v.string()),
  at: v.string(),
  trigger: v.exactOptional(v.string()),
});
const StateSchema = v.object({
  format: v.literal(1),
  running: v.exactOptional(TrialSchema),
  last: v.exactOptional(EndSchema),
});

/** Reads it; a damaged file is put aside, and counts as none. */
export async function loadTrials(
  stateDir: string,
): Promise<{ readonly state: TrialState; readonly damaged: boolean }> {
  const path = join(stateDir, FILE);
  let text = "";
  try {
    text = await readRegularText(path, MAX_OWN_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { state: {}, damaged: false };
    if (!isNoOwnFile(error)) throw error;
  }
  try {
    const { format: _, ...state } = v.parse(StateSchema, parseJson(text));
    return { state, damaged: false };
  } catch {
    await putAside(path);
    return { state: {}, damaged: true };
  }
}

/** Writes it, atomically. */
export async function saveTrials(stateDir: string, state: TrialState): Promise<void> {
  const data = { format: 1, ...state } as unknown as JsonObject; // plain data throughout
  await writeFileAtomic(join(stateDir, FILE), canonicalJson(data), 0o600);
}
