import { API_VERSION } from "./contract.ts";

/** Paths by which the node is looked into and acted on. What changes something is POST. */
export const NODE_PATHS = {
  /** GET `?reference=ID&container=NAME`; a `FoundContainer`. */
  find: `/${API_VERSION}/container`,
  /** GET; `OtherContainers`. */
  otherContainers: `/${API_VERSION}/other-containers`,
  /** GET; `NodeImages`. */
  images: `/${API_VERSION}/images`,
  /** GET `?intervalMs=N&reference=ID`; NDJSON of `NodeUsage`, until the reader leaves. */
  usage: `/${API_VERSION}/usage`,
  /** GET `?id=ID&kind=container|sandbox`; an `Inspection`. */
  inspect: `/${API_VERSION}/inspect`,
  /** POST a `StopRequest`; answers `{}` when it has stopped. */
  stop: `/${API_VERSION}/stop`,
  /** POST a `PullRequest`; NDJSON of `PullStep`. */
  pull: `/${API_VERSION}/pull`,
  /** POST an `ExecRequest`; a `WireExecOutcome`. */
  exec: `/${API_VERSION}/exec`,
  /** POST an `ExecSessionRequest`; a `WireExecSession`. */
  execSession: `/${API_VERSION}/exec-session`,
} as const;

/** What a command printed, in base64, for it need not be text. */
export interface WireExecOutcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** Where a session goes on: with the runtime itself. */
export interface WireExecSession {
  readonly url: string;
}
