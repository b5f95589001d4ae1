import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { formatProblem } from "../../mod/text/mod.ts";
import { judge } from "../../mod/pods/judge.ts";
import {
  fileReport,
  githubAnnotations,
  podReport,
  validationReport,
  verdictProblems,
} from "../../mod/pods/report.ts";
import type { PodEntry } from "../../mod/pods/entry.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";

const TEXT = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: app
      imagee: app:1
`;

function entryOf(text: string, file = "web.yaml"): PodEntry {
  const { documents, lineText } = parseYaml(text, file);
  const document = documents[0];
  assert(document);
  return {
    source: { file, document: 0, index: 0, position: document.start },
    pod: document.value,
    positionOf: document.positionOf,
    lineText,
  };
}

function reportOf(text: string, file?: string) {
  const entry = entryOf(text, file);
  return podReport(entry, judge(entry.pod, { nodeName: "n" }));
}

describe("podReport()", () => {
  it("has each issue at its line", () => {
    assert.deepEqual(reportOf(TEXT), {
      source: "web.yaml",
      document: 0,
      index: 0,
      line: 1,
      column: 1,
      id: "default-web",
      metadata: { name: "web", namespace: "default", id: "default/web" },
      valid: false,
      errors: [{
        field: "spec.containers[0].image",
        type: "Required value",
        detail: "",
        hint: 'Add "image"; `podstead explain pod.spec.containers.image` shows what it may hold',
        line: 7,
        column: 7,
      }],
      warnings: [{
        field: "spec.containers[0].imagee",
        type: "Unknown field",
        detail: 'the kubelet knows no such field and ignores it; did you mean "image"?',
        hint: 'Write "image" if that is meant',
        rule: "unknown-field",
        line: 8,
        column: 7,
      }],
    });
  });

  it("points at the key of an unknown field, not at what stands under it", () => {
    const [warning] = reportOf(TEXT.replace("spec:", "spec:\n  podd:\n    deep: 1")).warnings;
    assert.deepEqual([warning?.field, warning?.line, warning?.column], ["spec.podd", 6, 3]);
  });

  it("quotes the value, cut where it is long", () => {
    const long = TEXT.replace("name: web", `name: ${"W".repeat(100)}`);
    const { detail } = reportOf(long).errors[0]!;
    assert.match(detail, /^"W{59}…": must consist of/);
  });

  it("has no id for a pod without a name", () => {
    assert.equal(reportOf("kind: Pod\n").id, null);
  });
});

describe("next steps", () => {
  const hintOf = (text: string) => reportOf(text).errors[0]?.hint ?? "";
  const withName = (name: string) => TEXT.replace("name: web", `name: ${name}`);

  it("say of a template that it is one, whatever the error is", () => {
    assert.match(hintOf(withName('"x-{{ .Name }}"')), /Render the template first/);
    assert.match(hintOf(withName("x-${NAME}")), /Render the template first/);
    const port = TEXT.replace("imagee: app:1", "ports: [{containerPort: $PORT}]");
    assert.match(reportOf(port).errors[0]?.hint ?? "", /Render the template first.*envsubst/);
  });

  it("name the character of an editor by its code point", () => {
    assert.match(hintOf(withName("we\u2013b")), /U\+2013/);
  });

  it("suggest the nearest of the supported values", () => {
    const policy = TEXT.replace("spec:", "spec:\n  restartPolicy: always");
    assert.match(reportOf(policy).errors.map(({ hint }) => hint).join(), /Did you mean "Always"/);
  });
});

describe("validationReport()", () => {
  it("is valid when every pod is", () => {
    const good = reportOf(TEXT.replace("imagee", "image"));
    const bad = reportOf(TEXT);
    assert.equal(validationReport([good]).valid, true);
    assert.equal(validationReport([good, bad]).valid, false);
    assert.equal(validationReport([]).apiVersion, "podstead.dev/v1");
  });
});

describe("fileReport()", () => {
  it("is an entry for a file that is no YAML", () => {
    const report = fileReport("a.yaml", parseYaml("a: [\n", "a.yaml").problems);
    assert.equal(report.valid, false);
    assert.equal(report.id, null);
    assert.equal(report.errors[0]?.type, "Decode");
  });

  it("is valid where there are only warnings, which it places", () => {
    const report = fileReport("a.yaml", [{
      severity: "warning",
      code: "foreign",
      file: "a.yaml",
      position: { line: 3, column: 5 },
      path: [],
      message: "It is of no use here",
    }]);
    assert.deepEqual([report.valid, report.errors], [true, []]);
    assert.deepEqual([report.line, report.warnings[0]?.line], [3, 3]);
  });

  it("stands at the start where there is no place", () => {
    const problem = {
      severity: "error" as const,
      code: "unreadable",
      file: "a.yaml",
      path: [],
      message: "Cannot read it",
    };
    const { line, column, errors } = fileReport("a.yaml", [problem]);
    assert.deepEqual([line, column, errors[0]?.line], [1, 1, 1]);
  });
});

describe("verdictProblems()", () => {
  it("shows the line and a caret", () => {
    const entry = entryOf(TEXT.replace("name: web", "name: Web"));
    const [problem] = verdictProblems(entry, judge(entry.pod, { nodeName: "n" }));
    assert(problem);
    assert.equal(problem.code, "pod-invalid-value");
    const text = formatProblem(problem, { color: false });
    assert.match(text, /^web\.yaml:4:9: error: metadata\.name: Invalid value: "Web-n": must/);
    assert.match(text, /4 \| {3}name: Web\n +\| {9}\^/);
  });
});

describe("githubAnnotations()", () => {
  it("writes a command for each issue", () => {
    const lines = githubAnnotations(validationReport([reportOf(TEXT)])).split("\n");
    assert.equal(
      lines[0],
      "::error file=web.yaml,line=7,col=7,title=pod default-web::spec.containers[0].image: Required value",
    );
    assert.match(lines[1] ?? "", /^::warning file=web\.yaml,line=8,/);
  });

  it("escapes what would end a property or a line", () => {
    const text = githubAnnotations(validationReport([reportOf(TEXT, "a,b:c%.yaml")]));
    assert.match(text, /^::error file=a%2Cb%3Ac%25\.yaml,line/);
  });
});
