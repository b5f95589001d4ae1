import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type {
  CauseLine,
  Link,
  Overview,
  PodReport,
  PodSummary,
} from "../../../../mod/api/contract/mod.ts";
import { changeText, describeReport } from "../../../../mod/cli/commands/status/describe_report.ts";
import { doctorReport } from "../../../../mod/cli/commands/status/doctor.ts";
import {
  overviewReport,
  type ReportPlace,
} from "../../../../mod/cli/commands/status/overview_report.ts";
import { plainStyle } from "../../../../mod/text/mod.ts";

const NOW = Date.parse("2026-01-01T01:00:00Z");
const ago = (seconds: number) => new Date(NOW - seconds * 1000).toISOString();

const WELL: PodSummary = {
  id: "default/web-node-1",
  ready: "True",
  phase: "Running",
  reason: "",
  drift: "Current",
  containers: "1/1",
  restarts: 0,
  well: true,
  state: "holds",
  text: "ready",
};

const CRASHING: PodSummary = {
  ...WELL,
  id: "default/crash-node-1",
  ready: "False",
  reason: "CrashLoopBackOff",
  containers: "0/1",
  restarts: 3,
  well: false,
  state: "broken",
  explanation: { code: "crash-loop", cause: "It ends again and again", nextStep: "Read its log" },
  logTail: { container: "main", attempt: 3, lines: ["cannot find \u001b[31mthe database"] },
};

const CRASH: CauseLine = {
  level: "broken",
  code: "crash-loop",
  cause: "It ends again and again",
  nextStep: "Read its log",
  pods: [CRASHING.id],
};

const NO_KUBELET: CauseLine = {
  level: "broken",
  link: "kubelet",
  code: "kubelet-down",
  cause: "No kubelet",
  nextStep: "Start it",
  sinceMs: NOW - 180_000,
  pods: [],
};

const HOLDS = (["config", "agent", "kubelet", "polls", "runtime"] as const)
  .map((name): Link => ({ name, state: "holds", text: "" }));

const overview = (change: Partial<Overview>, place: Partial<ReportPlace> = {}) =>
  overviewReport({ state: "well", links: HOLDS, causes: [], pods: [], ...change }, {
    nowMs: NOW,
    ...place,
  });

describe("overviewReport()", () => {
  it("is one line when all is well", () => {
    assert.equal(overview({ pods: [WELL] }), "The pod is well: default/web-node-1\n");
    assert.equal(
      overview({ pods: [WELL, { ...WELL, id: "default/db-node-1" }] }),
      "All 2 pods are well: default/web-node-1, default/db-node-1\n",
    );
    assert.match(overview({}), /^No static pod is declared on this node/);
  });

  it("names what is wrong, the next step and the last words, and the count last", () => {
    assert.equal(
      overview({ state: "unwell", pods: [WELL, CRASHING], causes: [CRASH] }),
      [
        "! It ends again and again",
        "    Next: Read its log",
        "Last log lines of default/crash-node-1:main",
        "  cannot find \\u001b[31mthe database",
        "1 of 2 pods not well",
        "",
      ].join("\n"),
    );
  });

  it("says what is wrong with the node, also where every pod was seen to be ready", () => {
    const links = HOLDS.map((link): Link =>
      link.name === "kubelet" ? { ...link, state: "broken" } : link
    );
    const text = overview({ state: "unwell", links, pods: [WELL], causes: [NO_KUBELET] });
    assert.equal(
      text,
      "! No kubelet [for 3m]\n    Next: Start it\n0 of 1 pods not well; broken: kubelet\n",
    );
  });

  it("names further pods with the same cause in one line", () => {
    const pods = ["a", "b", "c"].map((id) => ({ ...CRASHING, id }));
    const causes = [{ ...CRASH, pods: ["a", "b", "c"] }];
    assert.match(
      overview({ state: "unwell", pods, causes }),
      /^! It ends again and again \(so it is with 2 more: b, c\)\n/,
    );
  });

  it("calls nothing well that is on its way or was not seen", () => {
    const ending = { ...WELL, well: false, state: "changing" as const };
    const text = "Terminating, 14 s of 30 s left";
    const causes = [{
      level: "changing" as const,
      code: text,
      cause: `x: ${text}`,
      nextStep: "",
      pods: ["x"],
    }];
    assert.equal(
      overview({ state: "changing", pods: [ending], causes }),
      `~ x: ${text}\n1 of 1 pods on the way; nothing is wrong\n`,
    );
    const links = HOLDS.map((link): Link =>
      link.name === "polls" ? { ...link, state: "unknown" } : link
    );
    assert.equal(overview({ state: "unconfirmed", links, pods: [WELL] }), "Not confirmed: polls\n");
    const unknown = { ...WELL, well: false, state: "unknown" as const };
    assert.match(overview({ state: "unconfirmed", links, pods: [unknown] }), /polls, 1 pod$/m);
  });

  it("fits a terminal of 80 by 24, whatever is broken, with the count on its last line", () => {
    const pods = Array.from({ length: 110 }, (_, index) => ({
      ...CRASHING,
      id: `a-rather-long-namespace/pod-number-${index}-on-a-node-with-a-name`,
      logTail: { container: "main", attempt: 1, lines: Array(10).fill("words ".repeat(40)) },
    }));
    const causes = Array.from({ length: 14 }, (_, index): CauseLine => ({
      ...CRASH,
      code: `code-${index}`,
      cause: `${index}: the kubelet says ${"a great deal about it ".repeat(12)}`,
      nextStep: `\`podstead describe ${"x".repeat(100)}\``,
      pods: pods.filter((_, at) => at % 14 === index).map(({ id }) => id),
    }));
    const text = overview({ state: "unwell", pods, causes }, { columns: 80, rows: 24 });
    const lines = text.trimEnd().split("\n");
    assert.ok(lines.length <= 22, `${lines.length} lines`);
    for (const line of lines) assert.ok(line.length <= 80, line);
    assert.equal(lines.at(-1), "110 of 110 pods not well");
    for (const at of causes.keys()) assert.match(text, new RegExp(`^! ${at}: `, "m"));
    const more = overview({ state: "unwell", pods, causes }, { columns: 80, rows: 12 });
    assert.match(more, /\nand 6 more: podstead -o yaml\n110 of 110 pods not well\n$/);
  });
});

const REPORT: PodReport = {
  id: "default/crash-node-1",
  namespace: "default",
  name: "crash-node-1",
  ready: "False",
  readySince: ago(30),
  confirmedBy: "kubelet",
  drift: "Current",
  phase: "Running",
  reason: "CrashLoopBackOff",
  restarts: 3,
  origin: "podstead",
  declared: {
    file: "/etc/podstead/config.yaml",
    line: 4,
    state: "Served",
    hash: "h1",
    servingRevision: 2,
    errors: [],
    warnings: [],
  },
  delivery: {
    url: "http://127.0.0.1:10261/manifests",
    servedHash: "h1",
    servedSince: ago(90),
    lastFetch: ago(1),
    intervalMs: 1000,
    fetched: true,
  },
  kubelet: { accepted: true, uid: "u", conditions: [] },
  sandboxes: [{
    id: "4183a7d7a7710000",
    state: "SANDBOX_READY",
    attempt: 0,
    created: ago(80),
    hash: "h1",
  }],
  containers: [{
    name: "main",
    type: "container",
    image: "busybox:1",
    imagePresent: true,
    ready: false,
    state: "waiting",
    reason: "CrashLoopBackOff",
    message: "back-off 40s restarting failed container",
    restarts: 3,
    lastExit: { code: 3, reason: "Error", at: ago(20) },
    probes: { readiness: "tcp-socket :80 delay=0s timeout=1s period=10s #success=1 #failure=3" },
  }],
  badHostPaths: [],
  logTail: { container: "main", attempt: 3, lines: ["cannot find the database"] },
  events: [{
    at: ago(90),
    type: "declared",
    namespace: "default",
    name: "crash",
    message: "Declared at /etc/podstead/config.yaml:4",
  }],
  change: {
    namespace: "default",
    name: "crash",
    hash: "h1",
    applied: ago(90),
    served: ago(90),
    fetched: ago(89),
  },
  explanation: { code: "crash-loop", cause: "It ends again and again", nextStep: "Read its log" },
};

const described = (change: Partial<PodReport>) =>
  describeReport({ ...REPORT, ...change }, { nowMs: NOW, style: plainStyle });

describe("describeReport()", () => {
  it("is the page about a pod, with cause and next step at its end", () => {
    assert.equal(
      described({}),
      [
        "default/crash-node-1: not ready (CrashLoopBackOff)",
        "  Declared  /etc/podstead/config.yaml:4, Served, version h1",
        "  Verdict   good",
        "  Served    for 1m30s at http://127.0.0.1:10261/manifests",
        "  Fetched   1s ago (every 1s)",
        "  Kubelet   has it, phase Running",
        "  Ready     False for 30s, says the kubelet; Current",
        "  Sandbox   4183a7d7a771 SANDBOX_READY, made 1m20s ago, version h1",
        "  Change    served 0ms, fetched 1s after it was applied",
        "",
        "Container main",
        "  Image     busybox:1 (on this node)",
        "  State     waiting, CrashLoopBackOff: back-off 40s restarting failed container",
        "  Last end  exit code 3 (Error), 20s ago",
        "  Restarts  3",
        "  Readiness tcp-socket :80 delay=0s timeout=1s period=10s #success=1 #failure=3",
        "",
        "Last log lines of main",
        "  cannot find the database",
        "",
        "Events",
        "  1m30s ago      declared   Declared at /etc/podstead/config.yaml:4",
        "",
        "Cause  It ends again and again",
        "Next   Read its log",
        "",
      ].join("\n"),
    );
  });

  it("shows where a refused pod is wrong, and what is served instead", () => {
    const text = described({
      declared: {
        file: "c.yaml",
        line: 4,
        state: "Rejected",
        hash: "h2",
        errors: [{
          field: "spec.containers",
          type: "Required value",
          detail: "",
          line: 6,
          column: 3,
        }],
        warnings: [],
      },
    });
    assert.match(text, /Declared +c\.yaml:4, Rejected, version h2/);
    assert.match(
      text,
      /Verdict +the kubelet would refuse it\n +c\.yaml:6:3: error: spec\.containers: Required value\n/,
    );
    assert.match(text, /Served +for 1m30s at .*, in the older version h1/);
  });

  it("says which sources are silent, and who else declares the pod", () => {
    const { declared: _, ...rest } = REPORT;
    const text = describeReport({
      ...rest,
      origin: "file",
      runtimeFailure: "No containerd",
      kubelet: { failure: "401", conditions: [] },
      delivery: {
        url: "u",
        fetched: false,
        lastRefused: { at: ago(2), status: 404, path: "/manifest" },
      },
    }, { nowMs: NOW, style: plainStyle });
    assert.match(text, /Declared +not with podstead: the kubelet has it from a file/);
    assert.match(text, /Fetched +never; refused 2s ago: 404 for \/manifest/);
    assert.match(text, /Kubelet +cannot be asked: 401/);
    assert.match(text, /Runtime +No containerd/);
  });
});

describe("changeText()", () => {
  it("says how far a change has come", () => {
    const { change } = REPORT;
    assert.ok(change !== undefined);
    assert.equal(
      changeText({ ...change, running: ago(88), ready: ago(80) }),
      "served 0ms, fetched 1s, running 2s, ready 10s after it was applied",
    );
  });
});

describe("doctorReport()", () => {
  const findings = [
    { check: "config", status: "ok", summary: "Good" },
    { check: "kubelet", status: "failed", summary: "It does not run", fix: "Start it" },
    { check: "clock", status: "skipped", summary: "Nothing says" },
  ] as const;

  it("puts the fix under what failed, and hides what cannot be told", () => {
    assert.equal(
      doctorReport(findings, { all: false, style: plainStyle }),
      [
        "ok       config            Good",
        "FAILED   kubelet           It does not run",
        "                           Fix: Start it",
        "",
        "1 failed, 0 warnings",
        "",
      ].join("\n"),
    );
    assert.match(doctorReport(findings, { all: true, style: plainStyle }), /clock +Nothing says/);
  });
});
