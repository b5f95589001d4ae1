import { stringify } from "yaml";

/**
 * YAML as kubectl prints it: block style, two blanks, lists level with their
 * key, no folding, strings quoted where YAML 1.1 or 1.2 would read something else.
 */
export function formatYaml(value: unknown): string {
  return stringify(value, {
    aliasDuplicateObjects: false,
    compat: "yaml-1.1",
    indentSeq: false,
    keepUndefined: false,
    lineWidth: 0,
  });
}

/** One document of a stream, for watching: `---` and the document. */
export function formatYamlDocument(value: unknown): string {
  return `---\n${formatYaml(value)}`;
}
