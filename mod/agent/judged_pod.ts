import type { DeclaredPod, PodIssue } from "../pods/mod.ts";

/** What the kubelet would say of a pod: any error refuses it. */
export interface PodVerdict {
  readonly errors: readonly PodIssue[];
  readonly warnings: readonly PodIssue[];
}

/** A declared pod with its verdict. */
export interface JudgedPod extends PodVerdict {
  readonly declared: DeclaredPod;
  /** Why it cannot be served yet although it is valid; undefined for most. */
  readonly held?: string;
}
