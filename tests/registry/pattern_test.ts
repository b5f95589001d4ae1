import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { matchesImage, patternOf } from "../../mod/registry/pattern.ts";

// The rows of kubernetes 1.36 pkg/credentialprovider/keyring_test.go, `TestURLsMatch`, and ours.
const ROWS: readonly (readonly [pattern: string, image: string, fits: boolean])[] = [
  ["*.kubernetes.io", "prefix.kubernetes.io", true],
  ["prefix.*.io", "prefix.kubernetes.io", true],
  ["prefix.kubernetes.*", "prefix.kubernetes.io", true],
  ["*-good.kubernetes.io", "prefix-good.kubernetes.io", true],
  ["*.kubernetes.io/blah", "prefix.kubernetes.io/blah", true],
  ["prefix.*.io/foo", "prefix.kubernetes.io/foo/bar", true],
  ["*.kubernetes.io/foo", "prefix.kubernetes.io", false],
  ["*.kubernetes.io", "kubernetes.io", false],
  ["*.kubernetes.io", "kubernetes.com", false],
  ["*kubernetes.io", "a.b.kubernetes.io", false],
  ["*.*.kubernetes.io", "a.b.kubernetes.io", true],
  ["*.kubernetes.io:1111", "prefix.kubernetes.io:1111", true],
  ["*.kubernetes.io:1111", "prefix.kubernetes.io:2222", false],
  ["*.kubernetes.io", "prefix.kubernetes.io:1111", false],
  ["reg?.example", "reg1.example", true],
  ["reg[12].example", "reg2.example", true],
  ["reg[12].example", "reg3.example", false],
  ["reg[^12].example", "reg3.example", true],
  ["reg[.example", "reg[.example", false],
  ["reg.example/team", "reg.example/teams/a", true],
  ["reg+.example", "regg.example", false],
  ["localhost:5000", "localhost:5000/a", true],
];

describe("matchesImage()", () => {
  for (const [pattern, image, fits] of ROWS) {
    it(`${fits ? "takes" : "does not take"} ${image} for ${pattern}`, () => {
      assert.equal(matchesImage(pattern, image), fits);
    });
  }
});

describe("patternOf()", () => {
  const rows = [
    ["https://index.docker.io/v1/", "docker.io"],
    ["registry-1.docker.io", "docker.io"],
    ["http://reg.example:5000/v2/", "reg.example:5000"],
    ["https://reg.example/v2/team", "reg.example/team"],
    ["reg.example/v1beta/team", "reg.example/v1beta/team"],
    ["*.example.com/team/", "*.example.com/team"],
  ];
  for (const [key = "", pattern] of rows) {
    it(`of ${key} is ${pattern}`, () => assert.equal(patternOf(key), pattern));
  }
});
