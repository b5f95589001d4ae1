/** A syntax problem; the caller adds file, position and source line. */
export interface SyntaxProblem {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly wanted?: string;
  readonly hint?: string;
}
