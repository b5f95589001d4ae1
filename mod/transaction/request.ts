/** A change as it is asked for, and what came of it. */
import type { ReloadOutcome } from "../agent/mod.ts";
import type { FileEdit, Operation, Trial } from "../change/mod.ts";

/** How a change is tried. */
export interface TrialOptions {
  readonly timeoutMs: number;
  readonly settleMs: number;
  readonly confirm: "auto" | "manual";
  /** See `Trial`; an unasked trial has them. */
  readonly guards?: readonly string[];
  /** Whether a running trial is replaced; its way back is then this one's. */
  readonly replace?: boolean;
}

/** A change of what the node declares. */
export interface ChangeRequest {
  readonly operations: readonly Operation[];
  /** Instead of operations: the files as this revision had them. */
  readonly rollbackTo?: number;
  /** Only says what would happen. */
  readonly dryRun?: boolean;
  /** Whether pods that the kubelet would refuse are left out instead of refusing the change. */
  readonly partial?: boolean;
  /** Refuses the change unless this revision is served now. */
  readonly ifRevision?: number;
  /** What the change is called in the history: `apply`, `edit`, … */
  readonly trigger: string;
  readonly message?: string;
  readonly callerUid?: number;
  readonly trial?: TrialOptions;
}

/** What came of a change. */
export interface ChangeOutcome {
  /**
   * - `applied`: the files are written, and the reload is done
   * - `planned`: a dry run
   * - `unchanged`: no file differs
   * - `refused`: the kubelet would refuse a pod, or a file has an error; nothing was written
   */
  readonly result: "applied" | "planned" | "unchanged" | "refused";
  /** The files that differ, before and after. */
  readonly files: readonly FileEdit[];
  /** What the reload came to, or would. */
  readonly reload: ReloadOutcome;
  /** The trial that began. */
  readonly trial?: Trial;
}
