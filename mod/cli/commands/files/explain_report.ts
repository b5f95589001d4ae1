import type { FieldExplanation } from "../../../pods/mod.ts";
import { formatTable, type Style } from "../../../text/mod.ts";

/** What a person reads about a field of a pod. */
export function explainReport(explained: FieldExplanation, style: Style): string {
  const { field, type, required, values, since, until, refused, warnings, fields } = explained;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ["Field", field],
    ["Type", required ? `${type}, required` : type],
    ["Default", explained.default],
    ["Values", values?.join(", ")],
    ["Since", since === undefined ? undefined : `Kubernetes ${since}`],
    ["Until", until === undefined ? undefined : `Kubernetes ${until}`],
    ["Static", refused === undefined ? undefined : `${style("red", "refused")}: ${refused.why}`],
    ["Instead", refused?.hint],
  ];
  const lines = facts.flatMap(([name, value]) =>
    value === undefined ? [] : [`${`${name}:`.padEnd(10)}${value}\n`]
  );
  const table = fields.length === 0 ? "" : `\n${
    formatTable(
      [
        { header: "Field", cell: (one) => one.name },
        { header: "Type", cell: (one) => one.type },
        {
          header: "Since",
          cell: (one) => one.until === undefined ? one.since ?? "" : `until ${one.until}`,
        },
        { header: "", cell: (one) => one.required ? "required" : "" },
      ],
      fields,
      { style },
    )
  }`;
  const warned = warnings.length === 0
    ? ""
    : `\nWarnings of validate:\n${
      warnings.map(({ name, about, hint }) => `  ${name}: ${about}\n      ${hint}\n`).join("")
    }`;
  return `${lines.join("")}${table}${warned}`;
}
