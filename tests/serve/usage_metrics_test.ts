import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { Registry } from "prom-client";
import { RuntimeUnavailable, systemClock } from "../../mod/core/mod.ts";
import { type Runtime, RuntimeService } from "../../mod/cri/mod.ts";
import type { NodeReader } from "../../mod/node/mod.ts";
import { countCalls, countLogStreams, showManifestHash } from "../../mod/serve/usage_metrics.ts";

/** A runtime that answers as it is told; only what counting touches. */
function runtimeThat(answer: () => Promise<unknown>): Runtime {
  return {
    endpoint: "unix:///x",
    call: answer as Runtime["call"],
    stream: async function* () {
      yield await answer();
    } as Runtime["stream"],
    close: () => {},
  };
}

describe("countCalls()", () => {
  it("counts by method and result, and passes answers and errors on", async () => {
    const registry = new Registry();
    const gone = new RuntimeUnavailable("gone");
    let fail = false;
    const runtime = countCalls(
      runtimeThat(() => fail ? Promise.reject(gone) : Promise.resolve({ ok: true })),
      { registry, clock: systemClock },
    );
    const { version } = RuntimeService.method;
    assert.deepEqual(await runtime.call(version, {}), { ok: true });
    fail = true;
    await assert.rejects(runtime.call(version, {}), gone);
    const signal = AbortSignal.abort();
    await assert.rejects(runtime.call(version, {}, { signal }), gone);
    const text = await registry.metrics();
    assert.match(text, /podstead_cri_calls_total\{method="Version",result="ok"\} 1/);
    assert.match(text, /\{method="Version",result="runtime-unavailable"\} 1/);
    assert.match(text, /\{method="Version",result="cancelled"\} 1/);
    assert.match(text, /podstead_cri_call_duration_seconds_count\{method="Version"\} 3/);
  });
});

describe("countLogStreams()", () => {
  it("counts a stream until its reader leaves", async () => {
    const registry = new Registry();
    const node: Pick<NodeReader, "logs"> = {
      logs: () =>
        Promise.resolve(async function* () {
          for (;;) yield await Promise.resolve(new Uint8Array(1));
        }()),
    };
    const open = async () => /^podstead_log_streams (\d+)$/m.exec(await registry.metrics())?.[1];
    // Only logs() is touched.
    const counted = countLogStreams(node as NodeReader, { registry });
    const options = { signal: new AbortController().signal, onNotice: () => {} };
    for await (const _ of await counted.logs({} as Parameters<NodeReader["logs"]>[0], options)) {
      assert.equal(await open(), "1");
      break;
    }
    assert.equal(await open(), "0");
    assert.match(await registry.metrics(), /^podstead_log_streams_total 1$/m);
  });
});

describe("showManifestHash()", () => {
  it("shows one hash at a time, and none before there is a list", async () => {
    const registry = new Registry();
    let hash: string | undefined;
    showManifestHash(() => hash, { registry });
    const shown = async () =>
      [...(await registry.metrics()).matchAll(/podstead_manifest_info\{hash="(\w+)"\} 1/g)]
        .map(([, value]) => value);
    assert.deepEqual(await shown(), []);
    hash = "one";
    assert.deepEqual(await shown(), ["one"]);
    hash = "two";
    assert.deepEqual(await shown(), ["two"]);
  });
});
