import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { ListRenderer, manifestOf } from "../../mod/agent/list.ts";
import type { ServedPod } from "../../mod/agent/mod.ts";
import { specHash } from "../../mod/pods/mod.ts";
import { realisticPod } from "../support/realistic_pod.ts";

function served(seed: number, uid = `uid-${seed}`): ServedPod {
  const pod = realisticPod(seed);
  const name = `pod-${seed}`;
  return {
    ...{ id: `kube-system-${name}`, namespace: "kube-system", name, pod, uid },
    ...{ hash: specHash(pod), revision: 1, sinceMs: 0, source: { file: "c", line: 1 } },
  };
}

/** A clock by which everything takes its time. */
function slowClock() {
  let nowMs = 0;
  return { monotonicMs: () => nowMs += 1_000 };
}

describe("ListRenderer", () => {
  const pods = [served(0), served(1), served(2)];

  it("renders the same ahead as at once, and lets other things happen meanwhile", async () => {
    let happened = false;
    setTimeout(() => happened = true);
    const ahead = await new ListRenderer(slowClock()).renderAhead(pods);
    assert.ok(happened);
    const { bytes, etag, pods: count } = manifestOf(pods);
    assert.deepEqual(ahead, { bytes, etag, pods: count });
  });

  it("knows the last list, and no other one", async () => {
    const lists = new ListRenderer(slowClock());
    const first = await lists.renderAhead(pods);
    assert.equal(lists.render([...pods]), first);
    assert.equal(await lists.renderAhead([...pods]), first);
    const renewed = lists.render([served(0, "another"), ...pods.slice(1)]);
    assert.notEqual(renewed.etag, first.etag);
    assert.notEqual(lists.render(pods.slice(1)).etag, first.etag);
  });
});
