import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { parseImageReference } from "../../../mod/pods/image_reference.ts";
import { rulesOn, warningsOn } from "./found.ts";

const DIGEST = `sha256:${"a".repeat(64)}`;

/** Names that no runtime can parse, and what must be said of each. */
const INVALID: readonly (readonly [string, RegExp])[] = [
  ["Nginx:1", /capital letters/],
  ["reg.example:5000/NGINX:1", /capital letters/],
  ["http://reg.example/x:1", /"http:\/\/"/],
  ["docker://nginx:1", /"docker:\/\/"/],
  ["nginx:", /no tag/],
  ["nginx: 1", /blank/],
  ["nginx:v1:latest", /two tags/],
  ["-nginx", /the invalid name/],
  ["nginx/", /empty part/],
  ["/nginx:1", /empty part/],
  ["a//b", /empty part/],
  ["nginx@sha256:abc", /64 lower-case/],
  [`nginx@sha256:${"A".repeat(64)}`, /64 lower-case/],
  [`nginx@md5:${"a".repeat(32)}`, /unknown kind/],
  ["nginx:1.0+build", /the invalid tag/],
  [`nginx:${"a".repeat(129)}`, /the invalid tag/],
  ["nginx:.1", /the invalid tag/],
  ["reg_istry:5000/x", /registry/],
  ["a".repeat(64), /image ID/],
  ["a".repeat(260), /longer than 255/],
  ["my--app_.x:1", /the invalid name/],
  ["reg.example/-a/b:1", /the invalid name/],
];

const VALID = [
  "nginx",
  "nginx:1.27",
  "docker.io/nginx",
  "localhost/app:1",
  "localhost:5000/app",
  "[2001:db8::1]:5000/app:1",
  "REG.example/app:1",
  "a_b.c/app:1",
  `nginx:1@${DIGEST}`,
  `reg.example/team/app@${DIGEST}`,
  "a__b--c.d/e",
  `app:${"v".repeat(128)}`,
];

describe("parseImageReference()", () => {
  for (const [image, words] of INVALID) {
    it(`refuses ${image.slice(0, 40)}`, () => {
      const parsed = parseImageReference(image);
      assert.match("error" in parsed ? parsed.error : "it is valid", words);
    });
  }
  for (const image of VALID) {
    it(`takes ${image.slice(0, 40)}`, () => assert.ok(!("error" in parseImageReference(image))));
  }
});

describe("judge() warnings on images", () => {
  it("name each that cannot be parsed, in every kind of container and volume", () => {
    const bad = { name: "c", image: "Nginx:1" };
    assert.deepEqual(
      rulesOn({
        containers: [bad],
        initContainers: [{ ...bad, name: "i" }],
        volumes: [{ name: "v", image: { reference: "docker://x:1" } }],
      }),
      [
        "image-invalid spec.containers[0].image",
        "image-invalid spec.initContainers[0].image",
        "image-invalid spec.volumes[0].image.reference",
      ],
    );
  });

  it("have one line for all images with the tag latest", () => {
    const spec = {
      containers: [{ name: "a", image: "web" }, { name: "b", image: "db:latest" }],
    };
    assert.deepEqual(rulesOn(spec), ["image-latest spec.containers[0].image"]);
    assert.match(warningsOn(spec)[0]!.detail, /"web", "db:latest" mean/);
  });
});
