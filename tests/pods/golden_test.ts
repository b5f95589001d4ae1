/**
 * An upgrade of podstead must serve the same bytes for the same pods, because
 * any change is a new UID and restarts the pod. There is no update switch on
 * purpose: when this fails, the code is wrong and not the golden.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parsePodFile } from "../../mod/config/mod.ts";
import { declarePods, renderManifest, specHash, stampPod } from "../../mod/pods/mod.ts";

const fixture = (name: string) =>
  readFileSync(new URL(`../../fixtures/golden/${name}`, import.meta.url), "utf8");

function served(text: string): string {
  const { entries, problems } = parsePodFile(text, "pods.yaml");
  assert.deepEqual(problems, []);
  const { pods } = declarePods(entries);
  return new TextDecoder().decode(renderManifest(pods.map(({ pod, hash }) => stampPod(pod, hash))));
}

describe("served bytes", () => {
  it("are those of every release before", () => {
    assert.equal(served(fixture("pods.yaml")), fixture("pods.served.json"));
  });

  it("do not depend on the order of documents and keys", () => {
    const documents = fixture("pods.yaml").split("\n---\n");
    const shuffled = [documents[2], documents[0], documents[1]].join("\n---\n");
    assert.equal(served(shuffled), fixture("pods.served.json"));
  });
});

describe("specHash()", () => {
  it("does not count its own stamp", () => {
    const pod = { metadata: { name: "a", annotations: { x: "1" } } };
    assert.equal(specHash(stampPod(pod, "ffff")), specHash(pod));
    const bare = { metadata: { name: "a" } };
    assert.equal(specHash(stampPod(bare, "ffff")), specHash(bare));
  });

  it("differs for any other difference", () => {
    const hashes = new Set([
      specHash({ metadata: { name: "a" } }),
      specHash({ metadata: { name: "b" } }),
      specHash({ metadata: { name: "a", annotations: { x: "" } } }),
      specHash({ metadata: { name: "a" }, spec: null }),
    ]);
    assert.equal(hashes.size, 4);
  });
});
