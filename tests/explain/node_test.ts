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

describe("nodeCauses() of a kubelet that cannot be asked", () => {
  const SINCE = NOW - 5_000;
  const polled = (agoMs: number) => ({
    ...NODE.fetches,
    intervalMs: 1_000,
    lastGood: { atMs: NOW - agoMs, status: 200, userAgent: "" },
  });
  const refused = {
    atMs: NOW,
    message: "No kubelet at 127.0.0.1:10250: connect ECONNREFUSED 127.0.0.1:10250",
    problem: "refused",
  };
  const restarted = { name: "kubelet", state: "active", subState: "running", restarts: 0 };
  const elsewhere = { staticPodURL: undefined, port: 10350, healthzPort: 10348 };
  const codes = (change: Partial<Parameters<typeof nodeCauses>[0]>) =>
    nodeCauses({
      ...NODE,
      fetches: polled(7_000),
      kubeletFailure: refused,
      kubeletService: { ...restarted, sinceMs: SINCE },
      kubeletOnDisk: elsewhere,
      ...change,
    }).map(({ code }) => code);

  it("has no URL by its files, from the moment on in which it was restarted with them", () => {
    assert.deepEqual(codes({}), ["other-url"]);
    assert.deepEqual(codes({ fetches: polled(5_500) }), ["other-url"]);
  });

  it("is not said to have what its files say as long as it polls, or while it does not run", () => {
    assert.deepEqual(codes({ fetches: polled(500) }), []);
    assert.deepEqual(codes({ kubeletOnDisk: { ...elsewhere, staticPodURL: NODE.url } }), []);
    assert.deepEqual(codes({ kubeletOnDisk: undefined }), []);
    const stopped = { ...restarted, state: "inactive", subState: "dead", sinceMs: SINCE };
    assert.deepEqual(codes({ kubeletService: stopped, kubeletAlive: false }), ["kubelet-down"]);
  });

  it("has other ports and no URL at once, and the next step names the port", () => {
    const causes = nodeCauses({
      ...NODE,
      fetches: polled(40_000),
      kubeletAlive: false,
      kubeletFailure: refused,
      kubeletService: { ...restarted, sinceMs: NOW - 30_000 },
      kubeletOnDisk: elsewhere,
    });
    assert.deepEqual(causes.map(({ code }) => code), ["kubelet-other-ports", "other-url"]);
    assert.match(causes[0]?.nextStep ?? "", /agent\.kubelet\.endpoint: https:..127\.0\.0\.1:10350/);
  });

  it("hangs if it takes connections and neither answers nor polls", () => {
    const late = {
      ...refused,
      message: "The kubelet did not answer within 2s",
      problem: "timeout",
    };
    const onDisk = { ...elsewhere, staticPodURL: NODE.url };
    const hanging = { kubeletFailure: late, kubeletOnDisk: onDisk };
    assert.deepEqual(codes({ ...hanging, fetches: polled(20_000) }), ["kubelet-hangs"]);
    // A busy one polls all the same.
    assert.deepEqual(codes({ ...hanging, fetches: polled(1_000) }), []);
    assert.deepEqual(codes({ ...hanging, kubeletAlive: true, fetches: polled(5_000) }), []);
  });

  it("crashes again and again also while another program that has its port answers in its place", () => {
    const tls = { atMs: NOW, message: "wrong version number", problem: "tls" };
    const between = {
      kubeletAlive: true,
      kubeletFailure: tls,
      kubeletOnDisk: undefined,
      kubeletService: { ...restarted, restarts: 2, sinceMs: NOW - 3_000 },
    };
    assert.deepEqual(codes({ ...between, fetches: polled(20_000) }), ["kubelet-down"]);
    // One that has polled since its start is up, whatever its port says to podstead.
    assert.deepEqual(codes({ ...between, fetches: polled(500) }), []);
  });

  it("polls with a wrong token since it was restarted, whenever it was let in before", () => {
    const lastRefused = { atMs: NOW - 300, status: 401, path: "/manifests", userAgent: "" };
    const fetches = { ...polled(2_000), lastRefused };
    const asked = {
      kubeletFailure: undefined,
      kubeletAlive: true,
      kubeletConfig: {
        staticPodURL: NODE.url,
      },
    };
    assert.deepEqual(codes({ ...asked, fetches }), []);
    assert.deepEqual(codes({ ...asked, fetches: { ...fetches, goneMs: NOW - 1_000 } }), [
      "token-wrong",
    ]);
  });

  it("has ended once, which is not again and again", () => {
    const cause = (restarts: number) =>
      nodeCauses({
        ...NODE,
        kubeletAlive: false,
        kubeletFailure: refused,
        kubeletService: {
          ...restarted,
          ...{ state: "activating", subState: "auto-restart", restarts, result: "signal" },
        },
      })[0]?.cause;
    assert.match(cause(0) ?? "", /has ended, and systemd is about to start it again: it was ended/);
    assert.match(cause(1) ?? "", /has ended and was started again/);
    assert.match(cause(2) ?? "", /ends again and again, 2 restarts so far/);
  });

  it("runs, whatever systemd says of a unit, if it has told its pods", () => {
    const service = { ...restarted, state: "inactive", subState: "dead" };
    const asked = {
      kubeletAlive: true,
      kubeletFailure: undefined,
      kubeletConfig: {
        staticPodURL: NODE.url,
      },
    };
    assert.deepEqual(codes({ ...asked, kubeletService: service, fetches: polled(500) }), []);
  });

  it("polls another URL by its own word, though it polled this one before it was restarted", () => {
    const asked = { kubeletAlive: true, kubeletFailure: undefined };
    const kubeletConfig = { staticPodURL: "http://127.0.0.1:9999/manifests" };
    const fetches = polled(5_500);
    // Within two polls and two seconds of the last one.
    const slow = { ...fetches, intervalMs: 20_000 };
    assert.deepEqual(codes({ ...asked, kubeletConfig, fetches: slow }), ["other-url"]);
    const kubeletService = { ...restarted, sinceMs: NOW - 60_000 };
    assert.deepEqual(codes({ ...asked, kubeletConfig, fetches: slow, kubeletService }), []);
    const gone = { ...slow, goneMs: SINCE };
    assert.deepEqual(
      codes({ ...asked, kubeletConfig, fetches: gone, kubeletService: undefined }),
      ["other-url"],
    );
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
        // Lines of MicroShift's klog, which puts a word of its own before each.
        "the last error of a log with a word before each line",
        [
          '??? I1130 22:22:19.603528     378 policy_none.go:44] "Start"',
          '??? E1130 22:22:19.603828     378 kubelet.go:1839] "Failed to start ContainerManager" err="[open \\"/proc/sys/kernel/panic\\": read-only file system]"',
          "kubelet.service: Main process exited, code=exited, status=1/FAILURE",
        ],
        '[open "/proc/sys/kernel/panic": read-only file system]',
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
