import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { defaultSettings } from "../../mod/config/mod.ts";
import { type AgentFacts, diagnose, type DoctorFacts, type Finding } from "../../mod/doctor/mod.ts";

const NOW = Date.parse("2026-06-01T00:00:00Z");
const SETTINGS = defaultSettings({ hostname: "node-1", address: "10.0.0.1" });
const URL = SETTINGS.manifest.url;
const WITH_TOKEN = { ...SETTINGS, manifest: { ...SETTINGS.manifest, tokenFile: "/etc/token" } };

const AGENT: AgentFacts = {
  pid: 7,
  version: "1.0.0",
  configPath: "/etc/podstead/config.yaml",
  nodeName: "node-1",
  manifestUrl: URL,
  fetches: {
    listeningSinceMs: NOW - 3_600_000,
    lastGood: { atMs: NOW - 500, status: 200, userAgent: "Go-http-client/1.1" },
    intervalMs: 1_000,
  },
  pods: [{ id: "default/web-node-1", state: "holds" }],
};

/** A node on which all is well. */
const WELL: DoctorFacts = {
  root: true,
  nowMs: NOW,
  version: "1.0.0",
  config: {
    path: "/etc/podstead/config.yaml",
    usable: true,
    errors: [],
    pods: 1,
    podsWithNetwork: [],
    podsWithPullSecrets: [],
    podKeys: ["default/web"],
  },
  settings: SETTINGS,
  socket: "/run/podstead/admin.sock",
  agent: { value: AGENT },
  endpoint: {
    withToken: { value: 200 },
    withoutToken: { value: 200 },
    token: undefined,
    holder: undefined,
  },
  kubelet: {
    healthz: { value: true },
    pods: { value: { count: 1, ours: ["web-node-1"] } },
    configz: {
      value: { staticPodURL: URL, httpCheckFrequency: "1s", cgroupDriver: "systemd" },
    },
    verification: 'certificate checked against "/etc/ca.crt"',
    found: { kind: "none" },
    version: "1.36.2",
    judgedBy: { version: "1.36.2", gates: { SELinuxMount: true }, from: "configz" },
  },
  otherStaticPods: [],
  certificates: {
    certificates: [{ path: "/pki/ca.crt", subject: "CN=ca", fromMs: 0, toMs: NOW + 1e10 }],
    findings: [],
  },
  runtime: {
    value: {
      name: "containerd 1.7.2",
      ready: true,
      networkReady: false,
      message: "cni plugin not initialized",
      cgroupDriver: "systemd",
      sandboxImage: { name: "registry.k8s.io/pause:3.6", present: true },
    },
  },
  disks: [{ path: "/var/lib/podstead", purpose: "state", freeBytes: 9e10, totalBytes: 1e11 }],
  secrets: [{ path: "/etc/token", purpose: "manifest token", mode: 0o600 }],
  clockSynchronized: true,
  systemd: { installed: true, enabled: true, before: ["kubelet.service"] },
};

/** A kubelet's unit, as an installation leaves it. */
const FACTS: Extract<DoctorFacts["kubelet"]["found"], { kind: "unit" }>["facts"] = {
  unitFiles: [],
  command: [],
  flags: {},
  configFile: undefined,
  configDirectory: undefined,
  configDropIns: [],
  emptyLists: [],
  extraArguments: undefined,
  kubeadm: false,
  settings: {
    staticPodURL: URL,
    staticPodURLHeader: {},
    httpCheckFrequency: undefined,
    staticPodPath: undefined,
    nodeName: undefined,
    port: undefined,
    healthzPort: undefined,
    featureGates: {},
  },
};

const refused = { failure: { message: "connection refused", problem: "refused" } };
const noConfigz = { failure: { message: "403", problem: "forbidden" } };
const kubelet = (change: Partial<DoctorFacts["kubelet"]>) => ({
  kubelet: { ...WELL.kubelet, ...change },
});
const fetches = (change: Partial<AgentFacts["fetches"]>) => ({
  agent: { value: { ...AGENT, fetches: { ...AGENT.fetches, ...change } } },
});
const runtime = (change: Partial<Extract<DoctorFacts["runtime"], { value: unknown }>["value"]>) => {
  assert.ok("value" in WELL.runtime);
  return { runtime: { value: { ...WELL.runtime.value, ...change } } };
};
const refusedPoll = (status: number, path: string) =>
  fetches({ lastRefused: { atMs: NOW - 100, status, path, userAgent: "Go-http-client/1.1" } });

/** What is broken, the check that must find it, its status, and a word of its summary or fix. */
const BROKEN: readonly (readonly [
  what: string,
  change: Partial<DoctorFacts>,
  check: string,
  status: Finding["status"],
  says: RegExp,
])[] = [
  [
    "an unusable config",
    { config: { ...WELL.config, usable: false, errors: ["c.yaml:1:1: error: x", "more"] } },
    "config",
    "failed",
    /c\.yaml:1:1: error: x \(and 1 more\).*podstead validate/,
  ],
  [
    "no agent",
    { agent: { failure: { message: "No agent runs" } } },
    "agent",
    "failed",
    /podstead serve/,
  ],
  [
    "an agent of another version",
    { agent: { value: { ...AGENT, version: "0.9.0" } } },
    "agent",
    "warning",
    /0\.9\.0.*Restart the agent/,
  ],
  [
    "nobody at the endpoint",
    { endpoint: { ...WELL.endpoint, withToken: refused } },
    "endpoint",
    "failed",
    /Nothing answers/,
  ],
  [
    "another process on the endpoint's port, whatever it answers",
    {
      endpoint: {
        ...WELL.endpoint,
        holder: { uid: 1000, process: { pid: 4711, executable: "/usr/bin/python3" } },
      },
    },
    "endpoint",
    "failed",
    /taken by pid 4711 \(\/usr\/bin\/python3\), uid 1000.*Stop that process/,
  ],
  [
    "another user on the endpoint's port, seen without root's rights",
    {
      agent: { failure: { message: "No agent runs" } },
      endpoint: { ...WELL.endpoint, holder: { uid: 1000, process: undefined } },
    },
    "endpoint",
    "failed",
    /taken by a process of uid 1000/,
  ],
  [
    "a token file that is gone",
    { settings: WITH_TOKEN, endpoint: { ...WELL.endpoint, token: refused } },
    "endpoint",
    "failed",
    /token file cannot be read/,
  ],
  [
    "an endpoint that is open though a token is wanted",
    { settings: WITH_TOKEN, endpoint: { ...WELL.endpoint, token: { value: "t" } } },
    "endpoint",
    "failed",
    /200 without the token/,
  ],
  [
    "an endpoint without a list",
    { endpoint: { ...WELL.endpoint, withToken: { value: 503 } } },
    "endpoint",
    "failed",
    /503/,
  ],
  [
    "a kubelet that does not run",
    {
      ...kubelet({ healthz: refused, pods: refused, configz: refused }),
      ...fetches({ lastGood: undefined }),
    },
    "kubelet",
    "failed",
    /does not run/,
  ],
  [
    "a kubelet that does not run, and a file of ours that cannot be read",
    {
      ...kubelet({
        healthz: refused,
        pods: { failure: { message: 'Cannot read "/etc/ca.crt"', problem: "credentials" } },
        configz: refused,
      }),
      ...fetches({ lastGood: undefined }),
    },
    "kubelet",
    "failed",
    /does not run/,
  ],
  [
    "a kubelet that polls another URL, by its own word",
    kubelet({ configz: { value: { staticPodURL: "http://127.0.0.1:1/x" } } }),
    "kubelet-url",
    "failed",
    /polls http:\/\/127\.0\.0\.1:1\/x, not .*staticPodURL: http:\/\/127\.0\.0\.1:10261\/manifests/,
  ],
  [
    "a kubelet with no URL",
    kubelet({ configz: { value: {} } }),
    "kubelet-url",
    "failed",
    /polls no URL/,
  ],
  [
    "a kubelet that polls another path",
    { ...kubelet({ configz: noConfigz }), ...refusedPoll(404, "/manifest") },
    "kubelet-url",
    "failed",
    /404 for \/manifest/,
  ],
  [
    "a kubelet that never polled",
    { ...kubelet({ configz: noConfigz }), ...fetches({ lastGood: undefined }) },
    "kubelet-url",
    "failed",
    /has not polled .* for 1h/,
  ],
  [
    "a kubelet with a wrong token",
    { settings: WITH_TOKEN, ...refusedPoll(401, "/manifests") },
    "kubelet-token",
    "failed",
    /401.*staticPodURLHeader/,
  ],
  [
    "a kubelet whose config has another token",
    {
      settings: WITH_TOKEN,
      endpoint: {
        withToken: { value: 200 },
        withoutToken: { value: 401 },
        token: { value: "right" },
        holder: undefined,
      },
      ...kubelet({ configz: { value: { staticPodURLHeader: { authorization: ["Bearer x"] } } } }),
    },
    "kubelet-token",
    "failed",
    /no token, or another one/,
  ],
  [
    "an expired certificate",
    {
      certificates: {
        certificates: [],
        findings: [{
          severity: "held",
          code: "expired",
          path: "/pki/a.crt",
          message: "It expired",
          hint: "Renew it",
        }],
      },
    },
    "certificates",
    "failed",
    /It expired Renew it/,
  ],
  [
    "a slow poll",
    fetches({ intervalMs: 20_000 }),
    "kubelet-interval",
    "warning",
    /httpCheckFrequency: 1s/,
  ],
  [
    "a kubelet that refuses us",
    kubelet({ pods: noConfigz }),
    "kubelet-api",
    "warning",
    /probes is not visible/,
  ],
  [
    "a node of another name, by its pods",
    kubelet({ pods: { value: { count: 1, ours: ["web-other"] } } }),
    "node-name",
    "failed",
    /"web-other".*"node-1"/,
  ],
  [
    "a node of another name, by the kubelet's flags",
    kubelet({
      pods: noConfigz,
      found: {
        kind: "unit",
        facts: { ...FACTS, settings: { ...FACTS.settings, nodeName: "other" } },
      },
    }),
    "node-name",
    "failed",
    /"other".*agent\.node\.name: other/,
  ],
  [
    "a pod that comes from a file too",
    { otherStaticPods: [{ file: "/etc/kubernetes/manifests/w.yaml", key: "default/web" }] },
    "static-pod-path",
    "failed",
    /w\.yaml/,
  ],
  ["no runtime", { runtime: refused }, "runtime", "failed", /systemctl status containerd/],
  ["a runtime that is not ready", runtime({ ready: false }), "runtime", "failed", /not ready/],
  [
    "no sandbox image",
    runtime({ sandboxImage: { name: "pause:3", present: false } }),
    "sandbox-image",
    "warning",
    /images pull pause:3/,
  ],
  [
    "a kubelet that cannot log in for a pod with imagePullSecrets",
    {
      config: { ...WELL.config, podsWithPullSecrets: ["default/web"] },
      ...kubelet({ found: { kind: "unit", facts: FACTS } }),
    },
    "kubelet-logins",
    "warning",
    /default\/web has imagePullSecrets.*--image-credential-provider-config=/,
  ],
  [
    "two cgroup drivers",
    runtime({ cgroupDriver: "cgroupfs" }),
    "cgroup-driver",
    "failed",
    /cgroupDriver: cgroupfs/,
  ],
  [
    "a pod that needs a network where there is none",
    { config: { ...WELL.config, podsWithNetwork: ["default/web"] } },
    "network",
    "failed",
    /default\/web needs a pod network.*CNI/,
  ],
  [
    "a pod that is not well",
    {
      agent: {
        value: {
          ...AGENT,
          pods: [{
            id: "a",
            state: "broken",
            explanation: { cause: "It crashes", nextStep: "Mend it" },
          }],
        },
      },
    },
    "pods",
    "failed",
    /\(a\): It crashes.*podstead describe a/,
  ],
  [
    "a full disk",
    { disks: [{ path: "/", purpose: "state", freeBytes: 1e6, totalBytes: 1e11 }] },
    "disk",
    "failed",
    /free for state/,
  ],
  [
    "a disk that is nearly full",
    { disks: [{ path: "/", purpose: "logs", freeBytes: 5e8, totalBytes: 1e11 }] },
    "disk",
    "warning",
    /free for logs/,
  ],
  [
    "a secret for everybody",
    { secrets: [{ path: "/etc/token", purpose: "manifest token", mode: 0o644 }] },
    "secrets",
    "failed",
    /0644.*chmod 600 \/etc\/token/,
  ],
  [
    "a secret that is gone",
    { secrets: [{ path: "/etc/key", purpose: "key", mode: undefined }] },
    "secrets",
    "failed",
    /is not there/,
  ],
  ["a clock that nobody keeps", { clockSynchronized: false }, "clock", "warning", /set-ntp/],
  ["a clock that was never set", { nowMs: 0 }, "clock", "failed", /1970/],
  [
    "a service that is not enabled",
    { systemd: { installed: true, enabled: false, before: [] } },
    "systemd",
    "warning",
    /systemctl enable podstead/,
  ],
  [
    "a service that may come after the kubelet",
    { systemd: { installed: true, enabled: true, before: [] } },
    "systemd",
    "warning",
    /Before=kubelet\.service/,
  ],
  [
    "a kubelet of an unknown version",
    kubelet({ version: "1.99.0" }),
    "versions",
    "warning",
    /1\.99\.0/,
  ],
  [
    "a feature gate of the config that the kubelet does not have",
    {
      settings: {
        ...SETTINGS,
        kubelet: { ...SETTINGS.kubelet, featureGates: { VolumeBindMountOptions: true } },
      },
    },
    "feature-gates",
    "warning",
    /1\.36 has no feature gate VolumeBindMountOptions.*out of the config/,
  ],
];

describe("diagnose()", () => {
  it("gives no advice about what only root can see", () => {
    const denied = {
      failure: {
        message: 'Cannot read "/etc/kubernetes/pki/x.key": EACCES',
        problem: "credentials",
      },
    };
    const findings = diagnose({ ...WELL, root: false, ...kubelet({ pods: denied }) });
    const api = findings.find(({ check }) => check === "kubelet-api");
    assert.deepEqual(api, {
      check: "kubelet-api",
      status: "skipped",
      summary: "needs root",
      needsRoot: true,
    });
    assert.ok(findings.some(({ status }) => status === "ok"), "what it can see, it says");
    const seen = diagnose({ ...WELL, ...kubelet({ pods: denied }) });
    assert.equal(seen.find(({ check }) => check === "kubelet-api")?.status, "warning");
  });

  it("says through which of its doors the kubelet told its pods", () => {
    const summaryWith = (change: object) =>
      diagnose({ ...WELL, ...kubelet(change) }).find(({ check }) => check === "kubelet-api")
        ?.summary;
    assert.match(summaryWith({}) ?? "", /^https:.* answers: 1 pod; certificate checked against/);
    assert.equal(
      summaryWith({ podsSocket: "/var/lib/kubelet/pods-api/pods-api.sock" }),
      '"/var/lib/kubelet/pods-api/pods-api.sock" answers: 1 pod; its pods API needs no certificate',
    );
  });

  it("advises AlwaysAllow only for a kubelet that has no API server", () => {
    const forbidden = { failure: { message: "403", problem: "forbidden" } };
    const advice = (flags: Readonly<Record<string, string>>) => {
      const changed = kubelet({
        pods: forbidden,
        found: { kind: "unit", facts: { ...FACTS, flags } },
      });
      const findings = diagnose({ ...WELL, ...changed });
      return findings.find(({ check }) => check === "kubelet-api")?.fix ?? "";
    };
    assert.match(advice({ config: "/k.yaml" }), /AlwaysAllow/);
    assert.doesNotMatch(advice({ kubeconfig: "/k.conf" }), /AlwaysAllow/);
  });

  it("finds nothing wrong with a node on which all is well", () => {
    assert.deepEqual(diagnose(WELL).filter(({ status }) => status !== "ok"), []);
  });

  it("takes neither the agent nor systemd, which holds the address for it, for a stranger", () => {
    const silent = { failure: { message: "No answer" } };
    for (
      const [process, agent] of [
        [{ pid: AGENT.pid, executable: "/usr/bin/any" }, WELL.agent],
        [{ pid: 1, executable: "/usr/lib/systemd/systemd" }, WELL.agent],
        [{ pid: 8, executable: "/usr/bin/podstead (deleted)" }, silent],
      ] as const
    ) {
      const endpoint = { ...WELL.endpoint, holder: { uid: 0, process } };
      const findings = diagnose({ ...WELL, agent, endpoint });
      const finding = findings.find(({ check }) => check === "endpoint");
      assert.equal(finding?.status, "ok", process.executable);
    }
  });

  for (
    const [judgedBy, says] of [
      [
        { version: "1.36.2", gates: { SELinuxMount: true }, from: "configz" },
        /with SELinuxMount=true, else the defaults of 1\.36, as the running kubelet says$/,
      ],
      [
        { version: undefined, gates: {}, from: "defaults" },
        /the default feature gates of 1\.\d+; no kubelet was found to read others from$/,
      ],
    ] as const
  ) {
    it(`shows with which feature gates pods are judged, ${judgedBy.from}`, () => {
      const finding = diagnose({ ...WELL, ...kubelet({ judgedBy }) })
        .find((one) => one.check === "feature-gates");
      assert.equal(finding?.status, "ok");
      assert.match(finding?.summary ?? "", says);
    });
  }

  for (const [what, change, check, status, says] of BROKEN) {
    it(`finds ${what}`, () => {
      const finding = diagnose({ ...WELL, ...change }).find((one) => one.check === check);
      assert.equal(finding?.status, status, JSON.stringify(finding));
      assert.match(`${finding?.summary} ${finding?.fix}`, says);
    });
  }

  it("gives a fix for everything that is not good", () => {
    for (const [, change] of BROKEN) {
      for (const { status, fix, check } of diagnose({ ...WELL, ...change })) {
        assert.equal(
          fix !== undefined && fix !== "",
          status === "warning" || status === "failed",
          check,
        );
      }
    }
  });

  it("has a broken sample for every check that can fail", () => {
    const tried = new Set(BROKEN.map(([, , check]) => check));
    assert.deepEqual(
      diagnose(WELL).map(({ check }) => check).filter((check) => !tried.has(check)),
      [],
    );
  });

  it("skips what only an agent can tell where none runs", () => {
    const found = diagnose({ ...WELL, agent: refused, ...kubelet({ configz: noConfigz }) });
    assert.deepEqual(found.filter(({ status }) => status === "skipped").map(({ check }) => check), [
      "kubelet-url",
      "kubelet-interval",
      "cgroup-driver",
      "pods",
    ]);
  });
});
