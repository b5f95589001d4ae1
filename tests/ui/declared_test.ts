import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { withoutSecrets } from "../../mod/ui/declared.ts";

const HIDDEN = "(from a ConfigMap or Secret)";

function pod(env: readonly Readonly<Record<string, string | object>>[], field = "containers") {
  return JSON.parse(JSON.stringify({ kind: "Pod", spec: { [field]: [{ name: "c", env }] } }));
}

function shownOf(
  served: readonly Readonly<Record<string, string>>[],
  declared: readonly Readonly<Record<string, string | object>>[],
  field?: string,
) {
  const shown = withoutSecrets(pod(served, field), pod(declared, field));
  return JSON.parse(JSON.stringify(shown)).spec[field ?? "containers"][0].env
    .map(({ value }: { value?: string }) => value);
}

describe("withoutSecrets", () => {
  const secret = { name: "A", valueFrom: { secretKeyRef: { name: "s", key: "a" } } };
  const config = { name: "A", valueFrom: { configMapKeyRef: { name: "c", key: "a" } } };

  it("hides what a variable has from a Secret, and from a whole object", () => {
    assert.deepEqual(shownOf([{ name: "A", value: "x" }], [secret]), [HIDDEN]);
    assert.deepEqual(shownOf([{ name: "A", value: "x" }], []), [HIDDEN]);
    assert.deepEqual(shownOf([{ name: "A", value: "x" }], [secret], "initContainers"), [HIDDEN]);
  });

  it("shows what is declared as it is, and what comes from a ConfigMap", () => {
    assert.deepEqual(shownOf([{ name: "A", value: "x" }], [{ name: "A", value: "x" }]), ["x"]);
    assert.deepEqual(shownOf([{ name: "A", value: "x" }], [config]), ["x"]);
    assert.deepEqual(shownOf([{ name: "A" }], [{ name: "A" }]), [undefined]);
  });

  it("hides a value from a whole object that a variable of its own replaces", () => {
    const twice = [{ name: "A", value: "secret" }, { name: "A", value: "x" }];
    assert.deepEqual(shownOf(twice, [{ name: "A", value: "x" }]), [HIDDEN, "x"]);
    assert.deepEqual(shownOf(twice, [config]), [HIDDEN, HIDDEN]);
  });

  it("leaves a pod alone that is none", () => {
    assert.deepEqual(withoutSecrets({ spec: 1 }, null), { spec: 1 });
    assert.deepEqual(withoutSecrets({ spec: { containers: [{}] } }, {}), {
      spec: { containers: [{}] },
    });
  });
});
