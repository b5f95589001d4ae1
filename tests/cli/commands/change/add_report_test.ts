import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { ChangeOutcome, PodOutcome } from "../../../../mod/api/contract/mod.ts";
import type { Additions } from "../../../../mod/cli/commands/change/add_input.ts";
import {
  additionReport,
  atOrigin,
  warningReport,
} from "../../../../mod/cli/commands/change/add_report.ts";
import { plainStyle } from "../../../../mod/text/mod.ts";
import { convert, readManifests } from "../../../../mod/workloads/mod.ts";

const TEXT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  strategy: {}
  template:
    spec:
      containers:
        - name: c
          image: i
`;

function additionsOf(text: string): Additions {
  const { manifests, findings } = readManifests(text, "web.yaml");
  const conversion = convert(manifests, findings);
  return {
    ...conversion,
    notKept: findings.notKept,
    operation: { kind: "apply", pods: [] },
  };
}

const issue = (field: string) => ({
  field,
  type: "Invalid value",
  detail: "x",
  line: 1,
  column: 1,
});

const outcomeOf = (pod: Partial<PodOutcome>): ChangeOutcome => ({
  result: "refused",
  files: [],
  reload: {
    result: "partial",
    trigger: "request",
    revision: 1,
    at: "2026-01-01T00:00:00.000Z",
    durationMs: 1,
    pods: [{
      id: "default-web",
      namespace: "default",
      name: "web",
      change: "none",
      source: { file: "/etc/podstead/pods.d/default-web.yaml", line: 1 },
      hash: "h",
      errors: [],
      warnings: [],
      ...pod,
    }],
    problems: [],
    needRestart: [],
    served: { pods: 0, bytes: 0, etag: "" },
  },
});

describe("atOrigin()", () => {
  it("puts what is wrong with a pod where a person wrote it", () => {
    const additions = additionsOf(TEXT);
    const { reload } = atOrigin(
      outcomeOf({
        errors: [issue("spec.containers[0].image"), issue("spec"), issue("metadata.name")],
        warnings: [issue("spec.containers[0].env[2].name")],
      }),
      additions,
    );
    const [pod] = reload.pods;
    assert.deepEqual(pod?.source, { file: "web.yaml", line: 7 });
    assert.deepEqual(
      pod?.errors.map(({ line, column }) => [line, column]),
      [[10, 18], [8, 7], [3, 18]],
    );
    // Where there is no such place, the nearest one above.
    assert.deepEqual(pod?.warnings.map(({ line }) => line), [9]);
  });
});

describe("atOrigin() of an object", () => {
  it("puts what is wrong with it where a person wrote it, and quotes no Secret", () => {
    const object = (kind: string, field: string) =>
      `apiVersion: v1\nkind: ${kind}\nmetadata: {name: a}\n${field}: {k: hunter2}\n`;
    const given = `${object("Secret", "stringData")}---\n${object("ConfigMap", "data")}`;
    const file = "/etc/podstead/pods.d/default-a.yaml";
    const outcome = outcomeOf({});
    const problem = (line: number, field: string) => ({
      severity: "error" as const,
      code: "x",
      file,
      position: { line, column: 1 },
      path: [field, "k"],
      message: "not sealed",
      hint: `podstead seal ${file}`,
    });
    const { reload } = atOrigin({
      ...outcome,
      files: [{ path: file, after: `# made\n${given}` }],
      reload: {
        ...outcome.reload,
        problems: [problem(5, "stringData"), problem(10, "data"), { ...problem(1, ""), file: "f" }],
      },
    }, additionsOf(given));
    assert.deepEqual(
      reload.problems.map(({ file, position, sourceLine, hint }) => [
        `${file}:${position?.line}:${position?.column}`,
        sourceLine,
        hint,
      ]),
      [
        ["web.yaml:4:17", undefined, "podstead seal web.yaml"],
        ["web.yaml:9:11", "data: {k: hunter2}", "podstead seal web.yaml"],
        ["f:1:1", undefined, `podstead seal ${file}`],
      ],
    );
  });
});

describe("additionReport()", () => {
  it("shows what comes of each object, and what is left out, with its place", () => {
    assert.match(
      additionReport(additionsOf(TEXT), plainStyle),
      /^Deployment default\/web: pod default\/web\n\nNot kept:\n {2}web\.yaml:5:3: Deployment default\/web, spec\.strategy: /,
    );
  });

  it("writes no control character of a file to the terminal", () => {
    const text = `${TEXT}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: "a\\e[31m"}\n`;
    const report = additionReport(additionsOf(text), plainStyle);
    // deno-lint-ignore no-control-regex -- that is what must not be there
    assert.doesNotMatch(report, /\x1b/);
    assert.match(report, /Namespace a\\u001b\[31m: /);
  });
});

describe("warningReport()", () => {
  it("shows the warnings of added pods, and nothing of others", () => {
    const additions = additionsOf(TEXT);
    const planned = atOrigin(
      outcomeOf({ warnings: [issue("spec.containers[0].image")] }),
      additions,
    );
    assert.match(warningReport(planned, additions, plainStyle), /web\.yaml:10:18: spec\.cont/);
    assert.equal(warningReport(outcomeOf({ name: "other" }), additions, plainStyle), "");
  });
});
