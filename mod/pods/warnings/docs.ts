/** The page of all warnings, made of the rules themselves. */
import type { WarningRule } from "./rule.ts";

/** `docs/warnings.md`. */
export function renderWarningDocs(rules: readonly WarningRule[]): string {
  const rows = rules.map(({ name, type, fields, about, hint }) =>
    `| \`${name}\` | ${type} | ${
      fields.length === 0 ? "any" : fields.map((field) => `\`${field}\``).join("<br>")
    } | ${cell(about)} | ${cell(hint)} |`
  );
  return [
    "# Warnings",
    "",
    "What `podstead validate` and every reload warn of: the kubelet takes it, but it is seldom what",
    "was meant. A warning refuses nothing. `validate --no-warnings` leaves them out; `podstead explain",
    "FIELD` shows those of one field.",
    "",
    "- **Will not work**: no container comes of it.",
    "- **Unrendered template**: an expression that a template engine should have replaced.",
    "- **Deprecated**: it has another name or place now.",
    "- **Discouraged**: it works, seldom as meant.",
    "",
    "Fields of `containers` are meant for `initContainers` and `ephemeralContainers` as well. A field",
    "that the kubelet does not know (`unknown-field`) is told where it belongs, or what it may be a",
    "misspelling of.",
    "",
    "This page is made of the rules in `mod/pods/warnings` by `deno task docs`.",
    "",
    "| Warning | Type | Fields | What it is about | What to do |",
    "|---|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replace(/<(?=[A-Z%])/g, "\\<");
}
