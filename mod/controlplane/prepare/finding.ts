/** What is wrong with the files that a component needs. */

/** One thing that is wrong with a file. */
export interface Finding {
  /** `held` keeps the pod back; a `warning` does not. */
  readonly severity: "held" | "warning";
  readonly code:
    | "missing"
    | "unreadable"
    | "wrong-type"
    | "malformed"
    | "wrong-mode"
    | "not-yet-valid"
    | "expired"
    | "expires-soon"
    | "key-mismatch"
    | "wrong-issuer"
    | "name-missing"
    | "not-written";
  readonly path: string;
  /** One sentence without its period. */
  readonly message: string;
  readonly hint?: string;
}

/** Collects findings. */
export class Findings {
  readonly list: Finding[] = [];

  /** Something that keeps the pod back. */
  held(code: Finding["code"], path: string, message: string, hint?: string): void {
    this.#add({ severity: "held", code, path, message, ...(hint === undefined ? {} : { hint }) });
  }

  /** Something that does not. */
  warning(code: Finding["code"], path: string, message: string, hint: string): void {
    this.#add({ severity: "warning", code, path, message, hint });
  }

  /** The same file may be needed for two reasons; what is wrong with it is said once. */
  #add(finding: Finding): void {
    const known = this.list.some((other) =>
      other.code === finding.code && other.path === finding.path &&
      other.message === finding.message
    );
    if (!known) this.list.push(finding);
  }
}
