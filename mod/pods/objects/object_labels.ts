/**
 * Labels and annotations of ConfigMaps and Secrets.
 *
 * Source: kubernetes 1.36 pkg/apis/core/validation/validation.go, `ValidateObjectMeta`.
 */
import { getOwn, isJsonObject, type JsonObject, type Path } from "../../core/mod.ts";
import { FieldPath, type PodIssue } from "../issue.ts";
import { validateAnnotations, validateLabels } from "../validation/labels.ts";

/** One thing that is wrong with them. */
export interface LabelFault {
  readonly path: Path;
  readonly message: string;
  readonly wanted: string;
}

const RULES = { labels: validateLabels, annotations: validateAnnotations } as const;

/** What is wrong with the labels and annotations of an object; no message has a value in it. */
export function labelFaults(object: JsonObject): readonly LabelFault[] {
  const metadata = getOwn(object, "metadata");
  if (metadata === undefined || !isJsonObject(metadata)) return [];
  return (["labels", "annotations"] as const).flatMap((field) => {
    const written = getOwn(metadata, field) ?? null;
    const path = ["metadata", field];
    if (written === null) return [];
    if (!isJsonObject(written)) {
      return {
        path,
        message: `metadata.${field} is not a mapping`,
        wanted: "a mapping, lines of the form key: value",
      };
    }
    const texts = new Map<string, string>();
    const faults: LabelFault[] = [];
    for (const [key, value] of Object.entries(written)) {
      if (typeof value === "string" || value === null) texts.set(key, value ?? "");
      else {
        const message = `metadata.${field}: the value of "${key}" is not a string`;
        faults.push({ path: [...path, key], message, wanted: "a string, in quotes" });
      }
    }
    const issues: PodIssue[] = [];
    RULES[field](texts, FieldPath.root("metadata").child(field), issues);
    return [
      ...faults,
      ...issues.map((issue): LabelFault => ({
        path: issue.path,
        message: `${issue.field} is not accepted`,
        wanted: issue.detail,
      })),
    ];
  });
}

/** The value of an annotation; undefined if there is none, or it is no text. */
export function annotationOf(object: JsonObject, name: string): string | undefined {
  const metadata = getOwn(object, "metadata");
  const annotations = metadata !== undefined && isJsonObject(metadata)
    ? getOwn(metadata, "annotations")
    : undefined;
  const value = annotations !== undefined && isJsonObject(annotations)
    ? getOwn(annotations, name)
    : undefined;
  return typeof value === "string" ? value : undefined;
}
