/** Whatever stands where in an object: it is converted or told of, and nothing leaves its place. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { isJsonObject, type JsonValue } from "../../mod/core/mod.ts";
import { judge } from "../../mod/pods/mod.ts";
import { parsePublication } from "../../mod/workloads/mod.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";
import { converted } from "./support.ts";

const RUNS = 1_000;
const FIXTURES = fileURLToPath(new URL("../../fixtures/workloads/", import.meta.url));

const TEXTS = readdirSync(FIXTURES).filter((name) => !name.includes("expected")).map((name) =>
  parseYaml(readFileSync(join(FIXTURES, name), "utf8"), name).documents
    .map(({ value }) => value).filter((value) => value !== null)
);

const odd: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, 0, -1, 1.5, 70_000, "", "../../etc", "a/b", "__proto__"),
  fc.constantFrom<JsonValue>([], {}, [null], [[]], [{}], { a: null }, { name: 5 }, "{{ x }}"),
  fc.string(),
);

/** The value with another one at the place to which the numbers lead. */
function changed(value: JsonValue, path: readonly number[], other: JsonValue): JsonValue {
  const [step, ...rest] = path;
  if (step === undefined) return other;
  if (Array.isArray(value) && value.length > 0) {
    const at = step % value.length;
    return value.map((item: JsonValue, index) => index === at ? changed(item, rest, other) : item);
  }
  if (!isJsonObject(value) || Object.keys(value).length === 0) return other;
  const keys = Object.keys(value);
  const key = keys[step % keys.length] ?? "";
  return { ...value, [key]: changed(value[key] ?? null, rest, other) };
}

describe("random changes of objects", () => {
  it("never break the conversion, and no directory of a claim is outside of its own", () => {
    let pods = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...TEXTS),
        fc.array(fc.nat(30), { minLength: 1, maxLength: 9 }),
        odd,
        fc.boolean(),
        (documents, path, other, replicas) => {
          const list = { apiVersion: "v1", kind: "List", items: changed(documents, path, other) };
          const found = converted(JSON.stringify(list), {
            replicas,
            volumesDirectory: "/srv/volumes",
            publications: [parsePublication("all")],
            nodeAddress: "192.0.2.1",
          });
          for (const { pod, placeOf } of found.pods) {
            pods += 1;
            const { errors } = judge(pod, { nodeName: "n", kubeletVersion: "1.37" });
            for (const one of errors) assert.ok(placeOf(one.path).line >= 1);
            const text = JSON.stringify(pod);
            for (const [own] of text.matchAll(/\/srv\/volumes[^"]*/g)) {
              assert.match(own, /^\/srv\/volumes\/[a-z0-9][-.a-z0-9]*\/[a-z0-9][-.a-z0-9]*$/);
              assert.doesNotMatch(own, /\/\.\.?(\/|$)/);
            }
          }
          for (const { position, of, why } of found.findings.notKept) {
            assert.ok(position.line >= 1 && of !== "" && why !== "");
          }
        },
      ),
      { numRuns: RUNS },
    );
    assert.ok(pods > RUNS / 4, `only ${pods} pods`);
  });
});
