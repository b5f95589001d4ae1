import {
  errorText,
  KubeletUnavailable,
  PodsteadError,
  type PodsteadErrorOptions,
} from "../core/mod.ts";

/**
 * Why the kubelet could not be asked.
 *
 * - `refused`: no process listens, or there is no way there
 * - `timeout`: no answer within the deadline
 * - `untrusted`: its certificate is not one that may be believed
 * - `tls`: another failure of the handshake, such as plain HTTP on the port
 * - `credentials`: a file of ours (certificate, key, authority, token) cannot be read
 * - `unauthorized`: 401, it does not know who asks
 * - `forbidden`: 403, it knows, and says no
 * - `authorizer-down`: it wants to ask the API server and cannot
 * - `starting`: it runs, and has not seen every source of its pods yet
 * - `answer`: it answered something else than was asked for
 */
export type KubeletProblem =
  | "refused"
  | "timeout"
  | "untrusted"
  | "tls"
  | "credentials"
  | "unauthorized"
  | "forbidden"
  | "authorizer-down"
  | "starting"
  | "answer";

/** The kubelet does not answer, or refuses us, with the kind of it as data. */
export class KubeletFailure extends KubeletUnavailable {
  readonly problem: KubeletProblem;

  constructor(problem: KubeletProblem, message: string, options?: PodsteadErrorOptions) {
    super(message, options);
    this.problem = problem;
  }
}

/** What is kept of an error of a question to the kubelet or the runtime. */
export interface AskingFailure {
  readonly message: string;
  readonly hint: string | undefined;
  /** A {@linkcode KubeletProblem}, or an error code; undefined for an error that is no podstead's. */
  readonly problem: string | undefined;
}

/** An error of a question as data. */
export function askingFailure(error: unknown): AskingFailure {
  const own = error instanceof PodsteadError ? error : undefined;
  return {
    message: errorText(error),
    hint: own?.hint,
    problem: error instanceof KubeletFailure ? error.problem : own?.code,
  };
}
