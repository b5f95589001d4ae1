import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { PodsteadError } from "../../mod/core/mod.ts";
import { loginsIn } from "../../mod/registry/mod.ts";

const FILE = "/root/.docker/config.json";
const user = (name: string) => ({ auth: btoa(`${name}:p:${name}`) });
const CONFIG = JSON.stringify({
  auths: {
    "https://index.docker.io/v1/": user("hub"),
    "registry.example": user("host"),
    "registry.example/team": user("team"),
    "*.wild.example": user("wild"),
    "https://plain.example": { username: "u", password: "p" },
    "token.example:5000": { identitytoken: "t" },
    "empty.example": {},
  },
  credHelpers: { "helper.example": "ecr-login" },
});

const FOUND: readonly (readonly [string, unknown])[] = [
  ["nginx", { username: "hub", password: "p:hub" }],
  ["grafana/grafana:1", { username: "hub", password: "p:hub" }],
  ["registry.example/app", { username: "host", password: "p:host" }],
  ["registry.example/team/app:1", { username: "team", password: "p:team" }],
  // As the kubelet matches: a path fits by its beginning.
  ["registry.example/teams/app:1", { username: "team", password: "p:team" }],
  ["a.wild.example/x", { username: "wild", password: "p:wild" }],
  ["a.b.wild.example/x", undefined],
  ["wild.example:5000/x", undefined],
  ["plain.example/a", { username: "u", password: "p" }],
  ["token.example:5000/a", { identityToken: "t" }],
  ["token.example/a", undefined],
  ["other.example/a", undefined],
];

const REFUSED: readonly (readonly [string, string, string, RegExp])[] = [
  ["nonsense", "not json", "nginx", /is not JSON/],
  ["a list", "[]", "nginx", /no "auths"/],
  ["an empty entry", CONFIG, "empty.example/a", /entry for "empty.example" is empty/],
  ["a helper", CONFIG, "helper.example/a", /credential helper for "helper.example"/],
  ["broken base64", '{"auths":{"docker.io":{"auth":"%%"}}}', "nginx", /is empty/],
];

describe("loginsIn()", () => {
  it("gives every login that fits, in the kubelet's order", () => {
    const logins = loginsIn(CONFIG, "registry.example/team/app:1", FILE);
    assert.deepEqual(logins.map(({ pattern }) => pattern), [
      "registry.example/team",
      "registry.example",
    ]);
    assert.deepEqual(logins.map(({ from }) => from), [FILE, FILE]);
  });

  it("reads the older form without auths", () => {
    const text = JSON.stringify({ "https://old.example/v1/": user("old") });
    assert.equal(loginsIn(text, "old.example/a", FILE)[0]?.auth.username, "old");
  });

  for (const [image, expected] of FOUND) {
    it(`finds ${JSON.stringify(expected)} for "${image}"`, () => {
      assert.deepEqual(loginsIn(CONFIG, image, FILE)[0]?.auth, expected);
    });
  }
  for (const [what, text, image, message] of REFUSED) {
    it(`refuses ${what}, and never quotes the file`, () => {
      assert.throws(() => loginsIn(text, image, FILE), (error) => {
        assert.ok(error instanceof PodsteadError);
        assert.equal(error.code, "config");
        assert.match(error.message, message);
        assert.ok(error.message.includes(FILE));
        return true;
      });
    });
  }
});
