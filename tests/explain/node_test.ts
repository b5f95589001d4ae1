import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../mod/core/mod.ts";
import { DEFAULT_LIMITS, joinStatus, silenceLimitMs } from "../../mod/status/mod.ts";
import { explain, kubeletLastWords, nodeCauses } from "../../mod/explain/mod.ts";
import { desired, input, NOW } from "../status/samples.ts";

const NODE = {
  nowMs: NOW,
  fetches: input().fetches,
  limits: DEFAULT_LIMITS,
  url: "http://127.0.0.1:10261/manifests",
};

describe("silenceLimitMs()", () => {
  for (
    const [intervalMs, limitMs] of [
      [undefined, 60_000],
      [200, 10_000],
      [1_000, 10_000],
      [5_000, 25_000],
      [12_000, 60_000],
      [20_000, 60_000],
      [60_000, 180_000],
    ] as const
  ) {
    it(`is ${limitMs} ms for polls every ${intervalMs} ms`, () => {
      const fetches = { listeningSinceMs: 0, intervalMs };
      assert.equal(silenceLimitMs(fetches, DEFAULT_LIMITS), limitMs);
    });
  }
});

describe("nodeCauses()", () => {
  it("has nothing to say of a node that works", () => {
    assert.deepEqual(nodeCauses(NODE), []);
  });

  it("names a runtime that does not answer, and a kubelet that does not run", () => {
    const found = nodeCauses({
      ...NODE,
      runtimeFailure: { atMs: NOW, message: "connection refused" },
      kubeletAlive: false,
    });
    assert.deepEqual(found.map(({ code }) => code), ["runtime-down", "kubelet-down"]);
  });

  it("names a kubelet that lives and does not poll", () => {
    const lastGood = { atMs: NOW - 11_000, status: 200, userAgent: "" };
    const fetches = { ...NODE.fetches, lastGood };
    assert.deepEqual(
      nodeCauses({ ...NODE, fetches, kubeletAlive: true }).map(({ code }) => code),
      ["kubelet-not-polling"],
    );
  });
});

describe("nodeCauses() of a kubelet that answers nowhere", () => {
  const silentFetches = {
    ...NODE.fetches,
    lastGood: { atMs: NOW - 40_000, status: 200, userAgent: "" },
  };
  const causeOf = (service: { restarts: number; runsForMs: number }) =>
    nodeCauses({
      ...NODE,
      fetches: silentFetches,
      kubeletAlive: false,
      kubeletService: {
        name: "kubelet",
        state: "active",
        subState: "running",
        restarts: service.restarts,
        sinceMs: NOW - service.runsForMs,
      },
      kubeletLastWords: "bad setting",
    }).find(({ link }) => link === "kubelet");

  it("is a crash loop for as long as its next end may come, though its service runs just now", () => {
    const cause = causeOf({ restarts: 5, runsForMs: 3_000 });
    assert.equal(cause?.code, "kubelet-down");
    assert.match(cause.cause, /ends again and again, 5 restarts so far: bad setting/);
  });

  it("was ended by a signal if systemd says so, whatever its log says", () => {
    const [cause] = nodeCauses({
      ...NODE,
      kubeletAlive: false,
      kubeletService: {
        name: "kubelet",
        state: "activating",
        subState: "auto-restart",
        restarts: 1,
        result: "signal",
      },
      kubeletLastWords: "unknown method RuntimeConfig",
    });
    assert.match(cause?.cause ?? "", /: it was ended by a signal$/);
    assert.doesNotMatch(cause?.nextStep ?? "", /config/);
  });

  it("is nothing while it has only just been started", () => {
    assert.equal(causeOf({ restarts: 0, runsForMs: 3_000 }), undefined);
  });

  it("has other ports once it had its time to open them", () => {
    assert.equal(causeOf({ restarts: 5, runsForMs: 30_000 })?.code, "kubelet-other-ports");
  });

  it("has a next step of its own after a panic", () => {
    const step = (said: string) =>
      nodeCauses({
        ...NODE,
        kubeletAlive: false,
        kubeletService: {
          name: "kubelet",
          state: "activating",
          subState: "auto-restart",
          restarts: 3,
        },
        kubeletLastWords: said,
      })[0]?.nextStep ?? "";
    assert.match(step("panic: index out of range"), /podstead history/);
    const known = kubeletLastWords([
      "panic: runtime error: invalid memory address or nil pointer dereference",
      "k8s.io/kubernetes/pkg/kubelet/runtimeclass.(*Manager).LookupRuntimeHandler(0x341f0f8?)",
    ]) ?? "";
    assert.match(known, /pod with a runtimeClassName/);
    assert.match(step(known), /Take `runtimeClassName` out/);
  });
});

describe("kubeletLastWords()", () => {
  const failed = (why: string) =>
    `E1130 14:00:00.000000     812 run.go:74] "command failed" err="${why}"`;
  for (
    const [what, lines, said] of [
      ["the newest end", [failed("old"), "panic: new", "goroutine 1 [running]:"], "panic: new"],
      ["an end rather than a later error", [
        failed("why"),
        'E1130 14:00:00.000000 812 x.go:1] "Other" err="later"',
      ], "why"],
      ["an error where there is no end", [
        'E1130 14:00:00.000000 812 x.go:1] "Other" err="an error"',
      ], "an error"],
      ["the last error after its last start, whatever ended it before", [
        failed("old"),
        'I1130 14:00:01.000000 812 server.go:545] "Kubelet version" kubeletVersion="v1.36.2"',
        'E1130 14:00:02.000000 812 oom.go:1] "Failed to ApplyOOMScoreAdj" err="permission denied"',
        'E1130 14:00:03.000000 812 server.go:209] "Failed to listen and serve" err="listen tcp :10250: bind: address already in use"',
      ], "listen tcp :10250: bind: address already in use"],
      [
        "nothing of a kubelet that only starts",
        ["I1130 14:00:00.000000 812 x.go:1] hello"],
        undefined,
      ],
      [
        // Lines of 1.36.2 with containerd 1.6, which was killed long after.
        "nothing of one that was killed, for an error of its beginning",
        [
          'E1130 19:43:23.072853 25286 remote_runtime.go:1177] "RuntimeConfig from runtime service failed" err="rpc error: code = Unimplemented desc = unknown method RuntimeConfig for service runtime.v1.RuntimeService"',
          ...Array.from({ length: 20 }, () => "I1130 19:43:24.000000 25286 x.go:1] hello"),
        ],
        undefined,
      ],
    ] as const
  ) {
    it(`gives ${what}`, () => assert.equal(kubeletLastWords(lines), said));
  }
});

describe("explain()", () => {
  /** A pod that was fetched some time ago and that the kubelet does not list. */
  const untaken = (fetchedAgoMs: number, kubeletPodCount: number, kubeletConfig?: JsonObject) => {
    const status = input({
      desired: [desired({ servedSinceMs: NOW - fetchedAgoMs - 1_000 })],
      kubelet: { value: [], atMs: NOW },
      runtime: { value: [], atMs: NOW },
    });
    const [row] = joinStatus(status);
    assert.ok(row !== undefined);
    return explain({ ...NODE, row, kubeletPodCount, kubeletConfig }).code;
  };

  it("gives a kubelet five seconds to list a pod that it has fetched", () => {
    assert.equal(untaken(4_000, 1), "on-its-way");
    assert.equal(untaken(6_000, 1), "kubelet-refuses-list");
    assert.equal(untaken(6_000, 0), "sources-not-ready");
  });

  it("names at once the missing URL of a kubelet that was restarted, and has no pod for that", () => {
    assert.equal(untaken(6_000, 0, { staticPodURL: NODE.url }), "sources-not-ready");
    assert.equal(untaken(6_000, 0, { staticPodURL: "" }), "other-url");
    assert.equal(untaken(6_000, 0, {}), "other-url");
    const causes = nodeCauses({ ...NODE, kubeletPodCount: 0, kubeletConfig: {} });
    assert.deepEqual(causes.map(({ code }) => code), ["other-url"]);
  });
});
