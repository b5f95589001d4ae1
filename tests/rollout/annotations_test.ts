import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import process from "node:process";
import { judgeOrder } from "../../mod/rollout/order.ts";
import { readRolloutAnnotations } from "../../mod/rollout/annotations.ts";
import { changedFields } from "../../mod/identity/mod.ts";

const podWith = (annotations: Readonly<Record<string, string>>) => ({
  metadata: { name: "a", annotations },
});
const after = (others: string) => podWith({ "podstead.dev/after": others });

describe("readRolloutAnnotations()", () => {
  it("has defaults for a pod that asks for nothing", () => {
    for (const pod of [{}, { metadata: null }, { metadata: { annotations: [] } }, podWith({})]) {
      assert.deepEqual(readRolloutAnnotations(pod), {
        replace: undefined,
        pull: "required",
        after: [],
        issues: [],
      });
    }
  });

  it("reads every annotation, white space and repetition aside", () => {
    const annotations = readRolloutAnnotations(podWith({
      "podstead.dev/replace": "kubelet",
      "podstead.dev/pull": "continue",
      "podstead.dev/after": " default/b ,kube-system/c.d, default/b,",
    }));
    assert.deepEqual(annotations, {
      replace: "kubelet",
      pull: "continue",
      after: ["default/b", "kube-system/c.d"],
      issues: [],
    });
  });

  it("takes a wrong value for none, and says what is supported", () => {
    const annotations = readRolloutAnnotations(podWith({
      "podstead.dev/replace": "fast",
      "podstead.dev/pull": "Always",
      "podstead.dev/after": "b, default/c",
    }));
    assert.deepEqual([annotations.replace, annotations.pull, annotations.after], [
      undefined,
      "required",
      ["default/c"],
    ]);
    assert.deepEqual(
      annotations.issues.map(({ field, type, detail }) => `${field}: ${type}: ${detail}`),
      [
        'metadata.annotations[podstead.dev/replace]: Unsupported value: supported values: "in-place", "quick", "kubelet"',
        'metadata.annotations[podstead.dev/pull]: Unsupported value: supported values: "required", "continue"',
        "metadata.annotations[podstead.dev/after]: Invalid value: pods are named as namespace/name",
      ],
    );
  });
});

describe("judgeOrder()", () => {
  const judge = (pods: Readonly<Record<string, string>>, known: readonly string[] = []) => {
    const list = Object.entries(pods).map(([key, others]) => ({ key, pod: after(others) }));
    return Object.fromEntries(
      [...judgeOrder(list, new Set(known))].map(([key, issues]) => [
        key,
        issues.map(({ detail }) => detail),
      ]),
    );
  };
  const cases: readonly (readonly [
    string,
    Readonly<Record<string, string>>,
    readonly string[],
    Readonly<Record<string, readonly string[]>>,
  ])[] = [
    ["takes a chain", { "d/a": "d/b", "d/b": "d/c", "d/c": "" }, [], {}],
    ["takes a diamond", { "d/a": "d/b,d/c", "d/b": "d/d", "d/c": "d/d", "d/d": "" }, [], {}],
    ["refuses an unknown pod", { "d/a": "d/x" }, [], { "d/a": ["no pod d/x is declared"] }],
    ["takes a pod that is kept without being declared", { "d/a": "d/x" }, ["d/x"], {}],
    ["refuses a pod after itself", { "d/a": "d/a" }, [], {
      "d/a": ["a pod cannot come after itself"],
    }],
    [
      "refuses each pod of a circle, not those that wait for one of it",
      { "d/a": "d/b", "d/b": "d/a", "d/c": "d/a", "d/d": "" },
      [],
      {
        "d/a": ["pods wait for each other in a circle: d/a after d/b after d/a"],
        "d/b": ["pods wait for each other in a circle: d/b after d/a after d/b"],
      },
    ],
  ];
  for (const [name, pods, known, issues] of cases) {
    it(name, () => assert.deepEqual(judge(pods, known), issues));
  }

  it("judges a thousand pods that wait for all before them in no time", () => {
    const pods = Array.from({ length: 1_000 }, (_, index) => ({
      key: `d/p${index}`,
      pod: after(
        Array.from({ length: Math.min(index, 20) }, (_, back) => `d/p${index - 1 - back}`)
          .join(","),
      ),
    }));
    // CPU time, so that other work on the machine does not count.
    const before = process.cpuUsage();
    assert.equal(judgeOrder(pods).size, 0);
    assert.ok(process.cpuUsage(before).user < 10_000_000);
  });
});

describe("changedFields()", () => {
  const cases: readonly (readonly [string, object, object, readonly string[]])[] = [
    ["nothing", { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ["a value", { spec: { x: 1, y: 2 } }, { spec: { x: 1, y: 3 } }, ["spec.y"]],
    ["a value that came or went", { spec: { x: 1 } }, { spec: { y: 1 } }, ["spec.x", "spec.y"]],
    [
      "a value in a list",
      { spec: { containers: [{ image: "a" }, { image: "b" }] } },
      { spec: { containers: [{ image: "a" }, { image: "c" }, { image: "d" }] } },
      ["spec.containers[1].image", "spec.containers[2]"],
    ],
    ["another kind of value", { a: { b: 1 } }, { a: [1] }, ["a"]],
    [
      "an annotation",
      { metadata: { annotations: { "x.io/y": "1" } } },
      { metadata: { annotations: { "x.io/y": "2" } } },
      ["metadata.annotations[x.io/y]"],
    ],
    ["an integer of any size", { a: 9007199254740993n }, { a: 9007199254740992n }, ["a"]],
  ];
  for (const [name, left, right, fields] of cases) {
    it(`names ${name}`, () =>
      assert.deepEqual(
        changedFields(left as never, right as never), // JSON, spelled out in the table
        fields,
      ));
  }
});
