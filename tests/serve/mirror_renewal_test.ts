import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { EMPTY_STATE, type ServedPod } from "../../mod/agent/mod.ts";
import type { MirrorResult } from "../../mod/kubelet/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { changedInPlace, MirrorRenewal } from "../../mod/serve/mirror_renewal.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

/** A node whose API server gives these answers, one after the other; an error is none. */
function node(...answers: readonly (MirrorResult | Error)[]) {
  const clock = new FakeClock();
  const renewed: string[] = [];
  const asked: string[] = [];
  const renewal = new MirrorRenewal({
    clock,
    log: silentLogger,
    nodeName: () => "Node-1",
    renewed: ({ hash }) => renewed.push(hash),
    renew(_, pod) {
      const answer = answers[asked.length] ?? new Error("no more answers");
      asked.push(`${pod.name}@${pod.annotation.value}`);
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  return { clock, renewal, renewed, asked };
}

const web = (hash: string) => ({ namespace: "default", name: "web", hash });

describe("MirrorRenewal", () => {
  it("does nothing without an API server", async () => {
    const { renewal, asked } = node();
    await renewal.look();
    renewal.changed(web("1"));
    await settle();
    assert.deepEqual([asked, renewal.obstacle], [[], undefined]);
  });

  it("tries until the API server can be reached, for the latest version alone", async () => {
    const { clock, renewal, renewed, asked } = node(new Error("away"), { kind: "deleted" });
    await renewal.look({ kind: "kubeconfig", path: "/absent" });
    renewal.changed(web("1"));
    await settle();
    renewal.changed(web("2"));
    await clock.advance(2_100);
    assert.deepEqual([asked, renewed], [["web-node-1@1", "web-node-1@2"], ["2"]]);
    await clock.advance(120_000);
    assert.equal(asked.length, 2);
  });

  it("is an obstacle once it was refused, and where the kubeconfig cannot be used", async () => {
    const { renewal } = node({ kind: "refused", why: "may not delete it: 403" });
    await renewal.look({ kind: "kubeconfig", path: "/absent" });
    assert.match(renewal.obstacle ?? "", /cannot use the kubelet's kubeconfig/);
    await renewal.look({ kind: "unknown", why: "k3s keeps it" });
    assert.equal(renewal.obstacle, "k3s keeps it");
    const other = node({ kind: "refused", why: "may not delete it: 403" });
    await other.renewal.look({ kind: "kubeconfig", path: "/absent" });
    other.renewal.changed(web("1"));
    await settle();
    assert.equal(other.asked.length, 1);
  });
});

describe("changedInPlace()", () => {
  it("finds the pods that are in another version than they began with", () => {
    const pod = (name: string): ServedPod => ({
      ...web("2"),
      name,
      id: name,
      pod: {},
      revision: 1,
      sinceMs: 0,
      source: { file: "", line: 1 },
    });
    const of = (name: string, hash: string, version: string) => ({
      key: `default/${name}`,
      uid: name,
      hash,
      version,
      past: [],
      images: [],
    });
    const state = {
      ...EMPTY_STATE,
      pods: [pod("changed"), pod("begun"), pod("other"), pod("unknown")],
      incarnations: [of("changed", "1", "2"), of("begun", "2", "2"), of("other", "1", "3")],
    };
    assert.deepEqual(changedInPlace(state).map(({ name }) => name), ["changed"]);
  });
});
