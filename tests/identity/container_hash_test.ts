import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { containerHash } from "../../mod/identity/mod.ts";

describe("containerHash()", () => {
  it("gives the value that Kubernetes holds its own hash to", () => {
    // pkg/kubelet/container/helpers_test.go, TestHashContainer
    assert.equal(containerHash("test_container", "foo/image:v1"), "8e45cbd0");
  });

  it("depends on the name and on the image", () => {
    const hashes = new Set([
      containerHash("a", "b"),
      containerHash("a", "c"),
      containerHash("b", "b"),
      containerHash("a", "<b>"),
    ]);
    assert.equal(hashes.size, 4);
  });
});
