import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { silentLogger } from "../../mod/os/mod.ts";
import { runProgram, UnhealthyHook } from "../../mod/serve/unhealthy_hook.ts";
import type { NodeVerdict } from "../../mod/verdict/mod.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

function verdict(state: NodeVerdict["state"], ...codes: readonly string[]): NodeVerdict {
  const causes = codes.map((code) => ({
    level: "broken" as const,
    code,
    cause: code,
    nextStep: "",
    pods: [],
  }));
  return { state, links: [], pods: [], causes };
}

function hooked(
  command: readonly string[] = ["/bin/notify", "--now"],
  fails: () => boolean = () => false,
) {
  const clock = new FakeClock();
  const told: string[] = [];
  const hook = new UnhealthyHook({
    clock,
    log: silentLogger,
    command: () => command,
    nodeName: () => "node-1",
    run(program, args, input) {
      const { state, causes, node } = JSON.parse(input);
      const codes = causes.map(({ code }: { readonly code: string }) => code);
      told.push([program, ...args, node, state, ...codes].join(" "));
      return fails() ? Promise.reject(new Error("no mail")) : Promise.resolve();
    },
  });
  const observe = async (one: NodeVerdict, laterMs = 1_000) => {
    await clock.advance(laterMs);
    hook.observe(one);
    await settle();
  };
  return { observe, told };
}

describe("UnhealthyHook", () => {
  it("tells once that the node is unwell, other causes a minute later, and that it is well again", async () => {
    const { observe, told } = hooked();
    await observe(verdict("well"));
    await observe(verdict("unwell", "kubelet-down"));
    await observe(verdict("unwell", "kubelet-down"));
    await observe(verdict("unwell", "kubelet-down", "crash-loop"));
    await observe(verdict("unwell", "kubelet-down", "crash-loop"), 60_000);
    await observe(verdict("unwell", "kubelet-down", "crash-loop"), 600_000);
    await observe(verdict("changing"), 60_000);
    await observe(verdict("unconfirmed"), 60_000);
    await observe(verdict("well"));
    assert.deepEqual(told, [
      "/bin/notify --now node-1 unwell kubelet-down",
      "/bin/notify --now node-1 unwell kubelet-down crash-loop",
      "/bin/notify --now node-1 well",
    ]);
  });

  it("tells again what a program has failed at, a minute later", async () => {
    let fails = true;
    const { observe, told } = hooked(["/bin/notify"], () => fails);
    const down = verdict("unwell", "kubelet-down");
    await observe(down);
    await observe(down);
    await observe(down, 60_000);
    fails = false;
    await observe(down, 60_000);
    await observe(down, 60_000);
    await observe(verdict("well"), 60_000);
    assert.deepEqual(told, [
      ...Array<string>(3).fill("/bin/notify node-1 unwell kubelet-down"),
      "/bin/notify node-1 well",
    ]);
  });

  it("runs nothing where nothing is set", async () => {
    const { observe, told } = hooked([]);
    await observe(verdict("unwell", "kubelet-down"));
    assert.deepEqual(told, []);
  });
});

describe("runProgram()", () => {
  it("gives the text on standard input, and says how a program failed", async () => {
    await runProgram("/bin/sh", ["-c", 'read line && test "$line" = hello'], "hello\n");
    await assert.rejects(
      runProgram("/bin/sh", ["-c", "echo no mail >&2; exit 3"], ""),
      /exit code 3: no mail/,
    );
    await assert.rejects(runProgram("/nonexistent/program", [], "x"));
  });

  it("does not wait for what a program leaves running, and kills one that hangs", async () => {
    // Both would last longer than any test.
    await runProgram("/bin/sh", ["-c", "sleep 600 & exit 0"], "");
    await assert.rejects(
      runProgram("/bin/sh", ["-c", "trap '' TERM; echo busy >&2; exec sleep 600"], "", 300),
      /it ended with SIGKILL/,
    );
  });
});
