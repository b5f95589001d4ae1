import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { normalizeImageName } from "../../mod/registry/mod.ts";

const NAMES: readonly (readonly [string, string])[] = [
  ["nginx", "docker.io/library/nginx:latest"],
  ["nginx:1.25", "docker.io/library/nginx:1.25"],
  ["grafana/grafana", "docker.io/grafana/grafana:latest"],
  ["registry.k8s.io/pause:3.6", "registry.k8s.io/pause:3.6"],
  ["localhost/a", "localhost/a:latest"],
  ["localhost:5000/a/b", "localhost:5000/a/b:latest"],
  ["nginx@sha256:aa", "docker.io/library/nginx@sha256:aa"],
];

describe("normalizeImageName()", () => {
  for (const [short, full] of NAMES) {
    it(`reads "${short}" as "${full}"`, () => assert.equal(normalizeImageName(short), full));
  }
});
