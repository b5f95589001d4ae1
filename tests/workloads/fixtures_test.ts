/**
 * YAML as people have it, and the pods that come of it. `UPDATE_GOLDENS=1` writes the expected
 * files; look at what they say.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { type ConvertOptions, parsePublication } from "../../mod/workloads/mod.ts";
import { type Converted, converted, kubeletErrors } from "./support.ts";

const UPDATE = process.env["UPDATE_GOLDENS"] === "1";
const FIXTURES = fileURLToPath(new URL("../../fixtures/workloads/", import.meta.url));

const CASES: Readonly<Record<string, ConvertOptions>> = {
  blog: {
    volumesDirectory: "/srv/volumes",
    publications: [parsePublication("all")],
    nodeAddress: "192.0.2.7",
  },
  helm: {},
  statefulset: { volumesDirectory: "/srv/volumes", replicas: true },
  daemonset: {},
  jobs: {},
  kubectl: {},
  volumes: { volumesDirectory: "/srv/volumes" },
};

/** Everything that a person would see of it, as one YAML text. */
function shown({ pods, objects, findings }: Converted): string {
  return stringify({
    pods: pods.map(({ from, pod }) => ({ from, pod })),
    objects: objects.map(({ object, usedBy }) => ({ object, beside: usedBy?.name })),
    notKept: findings.notKept.map(({ position, of, field, why, hint }) =>
      `${position.line}:${position.column} ${of} ${field}: ${why}` +
      (hint === undefined ? "" : ` | ${hint}`)
    ),
    problems: findings.problems,
  }, { lineWidth: 0, aliasDuplicateObjects: false });
}

describe("convert()", () => {
  for (const [name, options] of Object.entries(CASES)) {
    it(`makes pods of ${name}.yaml that every kubelet takes`, () => {
      const found = converted(readFileSync(`${FIXTURES}${name}.yaml`, "utf8"), options);
      const golden = `${FIXTURES}${name}.expected.yaml`;
      if (UPDATE) writeFileSync(golden, shown(found));
      assert.equal(shown(found), readFileSync(golden, "utf8"));
      assert.deepEqual(kubeletErrors(found), []);
    });
  }
});
