import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../mod/core/mod.ts";
import {
  adopt,
  BACK_OFF_MEMORY_MS,
  begin,
  continueWith,
  mayContinue,
  RETURN_MS,
  waitingStarts,
} from "../../mod/identity/mod.ts";
import { specHash } from "../../mod/pods/mod.ts";

function version(spec: JsonObject = {}, metadata: JsonObject = {}) {
  const pod: JsonObject = {
    metadata: { name: "web", ...metadata },
    spec: { containers: [{ name: "a", image: "a:1" }], ...spec },
  };
  return { namespace: "default", name: "web", pod, hash: specHash(pod) };
}

const first = version();
const containers = ["a"];

describe("begin()", () => {
  it("gives the same UID on every machine and in every release", () => {
    assert.equal(begin(first, undefined).uid, "437783f16a5bcd1ece5fa6fde1a9f991");
  });

  it("gives 32 hexadecimal digits, other ones for another pod or version", () => {
    const uids = [first, version({ hostNetwork: true }), { ...first, name: "api" }]
      .map((one) => begin(one, undefined).uid);
    assert.equal(new Set(uids).size, 3);
    for (const uid of uids) assert.match(uid, /^[0-9a-f]{32}$/);
  });

  it("gives another UID each time, and the first again once it is forgotten", () => {
    let now = begin(first, undefined);
    const uids = [now.uid];
    for (let round = 0; round < 16; round += 1) {
      now = begin(first, now);
      assert.ok(!uids.includes(now.uid));
      uids.push(now.uid);
    }
    assert.equal(begin(first, now).uid, uids[0]);
  });

  it("gives the same UID whatever versions came between", () => {
    const other = version({ hostNetwork: true });
    assert.equal(begin(other, begin(first, undefined)).uid, begin(other, undefined).uid);
  });

  it("gives no UID that the runtime still knows", () => {
    const { uid } = begin(first, undefined);
    assert.notEqual(begin(first, undefined, new Set([uid])).uid, uid);
  });

  it("leaves a declared UID as it is", () => {
    assert.equal(begin(version({}, { uid: "mine" }), undefined).uid, "mine");
  });
});

describe("mayContinue()", () => {
  const { uid, hash } = begin(first, undefined);
  const running = { uid, hash, containers };

  it("goes on with the version that the pod began with, under any UID", () => {
    assert.ok(mayContinue(first, running));
    assert.ok(mayContinue(first, { ...running, uid: "0".repeat(32) }));
  });

  it("goes on with one that differs only in what changes in place", () => {
    const later = version(
      { containers: [{ name: "a", image: "a:2" }, { name: "b", image: "b:1" }] },
      { labels: { x: "1" } },
    );
    assert.ok(mayContinue(later, running));
    const added = [...containers, "b"];
    assert.ok(mayContinue(later, { ...running, containers: added }));
  });

  it("does not go on in doubt", () => {
    const later = version({ containers: [{ name: "a", image: "a:2" }] });
    const env = version({ containers: [{ name: "a", image: "a:1", env: [] }] });
    const wish = version({}, { annotations: { "podstead.dev/pull": "continue" } });
    const probe = { exec: { command: ["true"] } };
    const probed = version({
      containers: [
        { name: "a", image: "a:1", livenessProbe: probe },
        { name: "b", image: "b:1", livenessProbe: probe },
      ],
    });
    const probedUid = begin(
      version({ containers: [{ name: "a", image: "a:1", livenessProbe: probe }] }),
      undefined,
    );
    assert.ok(!mayContinue(later, { ...running, uid: "0".repeat(32) }), "a UID of another's");
    assert.ok(!mayContinue(later, { ...running, hash: undefined }), "no annotation");
    assert.ok(!mayContinue(env, running), "env");
    assert.ok(!mayContinue(wish, running), "a wish");
    assert.ok(!mayContinue(probed, { ...probedUid, containers }), "a probe that would not run");
    assert.ok(
      !mayContinue(first, { ...running, containers: ["b"] }),
      "a container that would be gone",
    );
  });
});

describe("adopt()", () => {
  it("takes the UID that runs, and remembers the one that was thought to", () => {
    const before = begin(first, undefined);
    const adopted = adopt(first, { uid: "f".repeat(32), hash: first.hash }, before);
    assert.equal(adopted.uid, "f".repeat(32));
    assert.deepEqual(adopted.past, [before.uid]);
  });
});

describe("waitingStarts()", () => {
  const image = (tag: string) => [{ name: "a", image: `a:${tag}` }];
  const change = (from: string, to: string) => [{ name: "a", image: `a:${to}`, from: `a:${from}` }];

  it("lets an image come back once, and not twice within ten minutes", () => {
    let now = begin(first, undefined);
    assert.deepEqual(waitingStarts(now, image("2"), 0), []);
    now = continueWith(now, "2", change("1", "2"), 0);
    assert.deepEqual(waitingStarts(now, image("1"), RETURN_MS), []);
    now = continueWith(now, "1", change("2", "1"), 20_000);
    assert.deepEqual(waitingStarts(now, image("2"), 60_000), image("2"));
    assert.deepEqual(waitingStarts(now, image("3"), 60_000), []);
    assert.deepEqual(waitingStarts(now, image("2"), BACK_OFF_MEMORY_MS), []);
    assert.deepEqual(waitingStarts(now, image("2"), -5_000), image("2"), "the clock went back");
  });

  it("lets no image come back that was left a moment ago", () => {
    const now = continueWith(begin(first, undefined), "2", change("1", "2"), 0);
    assert.deepEqual(waitingStarts(now, image("1"), RETURN_MS - 1), image("1"));
    assert.deepEqual(waitingStarts(now, image("3"), 0), []);
  });

  it("forgets what the kubelet has forgotten", () => {
    const now = continueWith(begin(first, undefined), "2", change("1", "2"), 0);
    assert.equal(continueWith(now, "3", change("2", "3"), BACK_OFF_MEMORY_MS).images.length, 2);
    assert.equal(continueWith(now, "3", change("2", "3"), 1_000).images.length, 3);
  });
});
