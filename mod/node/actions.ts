import type {
  ExecRequest,
  ExecSessionRequest,
  PullRequest,
  PullStep,
  StopRequest,
} from "../api/contract/mod.ts";

/** What happened to a command; its output is at most 16 MiB. */
export interface ExecOutcome {
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly exitCode: number;
}

/** What can be done to the node's containers and images. */
export interface NodeActions {
  /** Stops a container: its own signal, then the kill after its pod's grace, or this one. */
  stop(container: StopRequest, signal?: AbortSignal): Promise<void>;
  /** @throws {PodsteadError} as `pullImage` */
  pull(request: PullRequest, signal: AbortSignal): AsyncIterable<PullStep>;
  /** @throws {PodsteadError} as `execSync` */
  exec(request: ExecRequest, signal: AbortSignal): Promise<ExecOutcome>;
  /** Prepares a session; its address works once, for some seconds. @throws as `openExec` */
  openExec(request: ExecSessionRequest, signal: AbortSignal): Promise<string>;
}
