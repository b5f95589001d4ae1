/** A step from some values to others. */
export type Step =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "wildcard" }
  | { readonly kind: "recursive" }
  | { readonly kind: "index"; readonly index: number; readonly at: number }
  | {
    readonly kind: "slice";
    readonly start: number | undefined;
    readonly end: number | undefined;
    readonly step: number;
    readonly at: number;
  }
  | { readonly kind: "union"; readonly branches: readonly Step[] }
  | {
    readonly kind: "filter";
    readonly left: Operand;
    /** Absent: the left side must exist. */
    readonly compare?: { readonly operator: Operator; readonly right: Operand };
    readonly at: number;
  };

/** What a filter can compare by. */
export type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** One side of a comparison. */
export type Operand =
  | { readonly kind: "literal"; readonly value: string | number | boolean }
  | { readonly kind: "path"; readonly steps: readonly Step[] };

/** One piece of a template. */
export type Part =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "path"; readonly steps: readonly Step[] }
  | { readonly kind: "range"; readonly steps: readonly Step[]; readonly body: readonly Part[] };

/** A template that has been read; `evaluateJsonPath` fills it in. */
export interface JsonPathTemplate {
  readonly source: string;
  readonly parts: readonly Part[];
}
