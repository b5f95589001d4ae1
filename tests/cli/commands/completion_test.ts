/** What a Tab key offers, on a made-up node. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { cli } from "../../../mod/cli/mod.ts";
import { type FakeAgent, startFakeAgent } from "../../support/fake_agent.ts";
import { podsWith, storyHandlers } from "../../support/node_story.ts";
import { textWorld } from "../../support/world.ts";

describe("completion words, with an agent", () => {
  let agent: FakeAgent;
  before(async () => {
    agent = await startFakeAgent(storyHandlers(podsWith(1)));
  });
  after(async () => {
    await agent[Symbol.asyncDispose]();
  });

  async function words(line: string): Promise<readonly string[]> {
    const world = textWorld({ env: { PODSTEAD_SOCKET: agent.socket } });
    await cli(["completion", "words", "--", ...line.split(" ")], world);
    return world.written.stdout.split("\n").slice(0, -1).map((row) => row.split("\t")[0] ?? "");
  }

  for (
    const [line, wanted] of [
      // A name by the beginning of any of its parts.
      ["describe ng", ["nginx"]],
      ["describe api", ["kube-apiserver"]],
      ["describe kube-s", ["kube-scheduler"]],
      ["describe kube-system/e", ["kube-system/etcd"]],
      ["describe controller", ["kube-controller-manager"]],
      ["describe pod sched", ["kube-scheduler"]],
      ["describe nothing", []],
      ["describe sys", [
        "kube-system/etcd",
        "kube-system/kube-apiserver",
        "kube-system/kube-controller-manager",
        "kube-system/kube-scheduler",
      ]],
      ["events ng", ["nginx"]],
      ["stats ng", ["nginx"]],
      ["history ng", ["nginx"]],
      ["ps ng", ["nginx"]],
      ["get pods nginx sched", ["kube-system/kube-scheduler"]],
      ["get pod/kube-system/e", ["pod/kube-system/etcd"]],
      ["get pod/nginx sp/kube-system-e", ["sp/kube-system-etcd"]],
      ["restart work", ["worker-1"]],
      ["stop api", ["kube-apiserver"]],
      ["logs kube", ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet"]],
      ["logs nginx:", ["nginx:main"]],
      ["get pods sched", ["kube-system/kube-scheduler"]],
      ["get sp ng", ["default-nginx"]],
      // What an option asks for.
      ["get pods -n kube", ["kube-system"]],
      ["logs -n ap", ["apps"]],
      ["logs nginx -c ", ["main"]],
      ["logs -u ", ["kubelet", "containerd", "podstead"]],
      ["get pods -o ", ["table", "wide", "json", "yaml", "jsonpath=", "name", "custom-columns="]],
      ["stats -o w", ["wide"]],
      ["describe nginx -o ", ["text", "json", "yaml", "jsonpath="]],
      ["logs nginx --since ", []],
      ["completion ", ["bash", "zsh", "fish"]],
      ["containers --state ex", ["exited"]],
    ] as const
  ) {
    it(`offers ${wanted.join(", ") || "nothing"} for "podstead ${line}"`, async () => {
      assert.deepEqual(await words(line), wanted);
    });
  }
});
