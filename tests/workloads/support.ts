/** YAML to pods, for tests. */
import type { JsonObject } from "../../mod/core/mod.ts";
import { judgeResolved, objectSource } from "../../mod/materialize/mod.ts";
import { declareObjects, judge, OBJECT_KINDS, type PodIssue } from "../../mod/pods/mod.ts";
import {
  type Conversion,
  convert,
  type ConvertOptions,
  type Findings,
  readManifests,
} from "../../mod/workloads/mod.ts";

/** What becomes of a text. */
export interface Converted extends Conversion {
  readonly findings: Findings;
}

/** Reads and converts a text. */
export function converted(
  text: string,
  options: ConvertOptions = {},
  namespace?: string,
): Converted {
  const { manifests, findings } = readManifests(text, "f.yaml", namespace);
  const conversion = convert(manifests, findings, options);
  return { ...conversion, findings };
}

/** What each kubelet says of the pods, as they are served with their objects. */
export function kubeletErrors({ pods, objects }: Conversion): readonly PodIssue[] {
  const declared = declareObjects(objects.map(({ kind, object }) => ({
    kind: OBJECT_KINDS.find((one) => one === kind) ?? "ConfigMap",
    entry: {
      source: { file: "f", document: 0, index: 0, position: { line: 1, column: 1 } },
      pod: object,
      positionOf: () => ({ line: 1, column: 1 }),
      lineText: () => "",
    },
  })));
  const source = objectSource(declared.objects.map(({ object }) => object));
  const all = pods.map(({ pod }): JsonObject => pod);
  return ["1.31", "1.34", "1.37"].flatMap((kubeletVersion) =>
    judgeResolved(all, {
      objects: source,
      nodeName: "node",
      volumesDirectory: "/run/podstead/volumes",
    }, (list) => list.map((one) => judge(one, { nodeName: "node", kubeletVersion })))
      .flatMap(({ errors }) => errors)
  );
}

/** What is left out, one line each: `Deployment default/web spec.strategy`. */
export function leftOut({ findings }: Converted): readonly string[] {
  return findings.notKept.map(({ of, field }) => `${of} ${field}`.trim());
}

/** What is wrong, one line each: `3:5 unknown-kind`. */
export function problems({ findings }: Converted): readonly string[] {
  return findings.problems.map(({ position, code }) =>
    `${position?.line}:${position?.column} ${code}`
  );
}
