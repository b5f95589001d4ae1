/** `${node.name}` and its like in a text: found and replaced; pure. */

/** A placeholder in a text. */
export interface Placeholder {
  /** As it stands there: `${env.SITE}`. */
  readonly text: string;
  /** What is between the braces; undefined if the second one is missing. */
  readonly name: string | undefined;
}

/**
 * `$${` stands for `${`. Everything else with a `$` is left alone, so also Kubernetes' `$(VAR)` and
 * `$$(VAR)`.
 */
const PATTERN = /\$\$\{|\$\{[^}\n]*\}?/g;

/** The placeholders of a text, in their order. */
export function placeholdersIn(text: string): readonly Placeholder[] {
  return (text.match(PATTERN) ?? []).filter((mark) => mark !== "$${").map(placeholderOf);
}

/** The text with a value for each placeholder. */
export function replacePlaceholders(
  text: string,
  valueOf: (placeholder: Placeholder) => string,
): string {
  return text.replaceAll(
    PATTERN,
    (mark) => mark === "$${" ? "${" : valueOf(placeholderOf(mark)),
  );
}

function placeholderOf(text: string): Placeholder {
  return { text, name: text.endsWith("}") ? text.slice(2, -1) : undefined };
}
