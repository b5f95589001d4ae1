/** A trial as it is asked for, on the wire. */

/** How a change is tried. */
export interface TrialRequest {
  /** How long it may take in all, in milliseconds. */
  readonly timeoutMs: number;
  /** How long each changed pod must stay ready without a restart, in milliseconds. */
  readonly settleMs: number;
  readonly confirm: "auto" | "manual";
  /** Whether a running trial is replaced; its way back stays. */
  readonly replace?: boolean;
}
