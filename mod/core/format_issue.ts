/** What is wrong with a field of a pod, as reports have it. */
export interface IssueParts {
  /** The kubelet's notation; empty if the pod does not decode. */
  readonly field: string;
  /** The kubelet's wording, such as `Required value`. */
  readonly type: string;
  readonly detail: string;
}

/** An issue in one line: `spec.containers[0].image: Invalid value: "": must not be empty`. */
export function formatIssue({ field, type, detail }: IssueParts): string {
  return [field, type, detail].filter((part) => part !== "").join(": ");
}

/** The same for a table: field and type, or all of what does not decode. */
export function formatIssueBriefly({ field, type, detail }: IssueParts): string {
  return formatIssue({ field, type, detail: field === "" ? detail : "" });
}
