import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { isLatest } from "../../mod/pods/image_reference.ts";

describe("isLatest()", () => {
  const digest = `sha256:${"a".repeat(64)}`;
  for (
    const image of [
      "nginx",
      "nginx:latest",
      "docker.io/library/nginx",
      "registry.example:5000/team/app",
      "localhost/app",
      "[2001:db8::1]:5000/app",
      "a_b__c-d.e",
    ]
  ) it(`is true of ${image}`, () => assert.equal(isLatest(image), true));

  for (
    const image of [
      "",
      " ",
      "nginx:1",
      "nginx:Latest",
      `nginx@${digest}`,
      `nginx:latest@${digest}`.replace(":latest", ":1"),
      "registry.example:5000/team/app:v1",
      "Nginx",
      "a//b",
      "../a",
      "a".repeat(64),
      "a".repeat(256),
    ]
  ) it(`is false of ${JSON.stringify(image)}`, () => assert.equal(isLatest(image), false));
});
