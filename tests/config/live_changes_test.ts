import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { defaultSettings, liveChanges, loadConfig } from "../../mod/config/mod.ts";
import type { ConfigFs, Settings } from "../../mod/config/mod.ts";
import { fileFacts, regularFile } from "../support/file_facts.ts";

const HOST = { hostname: "node-1", address: "192.0.2.1" };

async function settingsOf(text: string): Promise<Settings> {
  const fs: ConfigFs = {
    readFile: () => Promise.resolve(regularFile(text)),
    readdir: () => Promise.resolve([]),
    stat: () => Promise.resolve(fileFacts({ kind: "directory" })),
    isThere: () => Promise.resolve(false),
  };
  const { settings, problems } = await loadConfig("config.yaml", { ...HOST, fs });
  assert.deepEqual(problems, []);
  assert.ok(settings);
  return settings;
}

describe("liveChanges()", () => {
  it("finds nothing between two readings of one config", async () => {
    const text = "agent: {manifest: {port: 1234}}\ncluster: {kubernetesVersion: v1.36.2}\n";
    assert.deepEqual(liveChanges(await settingsOf(text), await settingsOf(text)), {
      changed: [],
      needsRestart: [],
    });
  });

  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["agent: {manifest: {port: 1234}}", ["agent.manifest.port"], ["agent.manifest.port"]],
    ["agent: {manifest: {path: /x}}", ["agent.manifest.path"], ["agent.manifest.path"]],
    ["agent: {manifest: {address: ::1}}", ["agent.manifest.address"], ["agent.manifest.address"]],
    ["agent: {manifest: {tokenFile: /t}}", ["agent.manifest.tokenFile"], []],
    ["agent: {admin: {socket: /s}}", ["agent.admin.socket"], ["agent.admin.socket"]],
    ["agent: {stateDir: /s}", ["agent.stateDir"], ["agent.stateDir"]],
    ["agent: {runtime: {timeout: 1s}}", ["agent.runtime.timeout"], ["agent.runtime.timeout"]],
    ["agent: {log: {level: debug}}", ["agent.log.level"], []],
    ["agent: {hosts: [a]}", ["agent.hosts"], []],
    ["agent: {afterTimeout: 1m, pull: {timeout: 1m}}", [
      "agent.afterTimeout",
      "agent.pull.timeout",
    ], []],
    ["agent: {node: {name: other}, replace: kubelet}", ["agent.node.name", "agent.replace"], [
      "agent.node.name",
    ]],
  ];
  for (const [text, changed, needsRestart] of cases) {
    it(`names what "${text}" changes`, async () => {
      const old = defaultSettings(HOST);
      const next = await settingsOf(text);
      assert.deepEqual(liveChanges(old, next), { changed, needsRestart });
      assert.deepEqual(liveChanges(next, old), { changed, needsRestart });
    });
  }

  it("names the settings of the control plane, none of which needs a restart", async () => {
    const text = (image: string) =>
      `cluster: {scheduler: {image: ${image}, extraArgs: {v: "2"}}}\n`;
    assert.deepEqual(liveChanges(await settingsOf(text("a")), await settingsOf(text("b"))), {
      changed: ["cluster.scheduler.image"],
      needsRestart: [],
    });
    const appeared = liveChanges(defaultSettings(HOST), await settingsOf("cluster: {}\n"));
    assert.ok(appeared.changed.includes("cluster.imageRepository"));
    assert.deepEqual(appeared.needsRestart, []);
  });
});

/** Random agent settings as they are written, and what they must become. */
const agent = fc.record({
  manifest: fc.record({
    port: fc.integer({ min: 1, max: 65535 }),
    path: fc.stringMatching(/^\/[a-z]{1,8}$/).filter((path) =>
      !["/healthz", "/readyz", "/metrics"].includes(path)
    ),
    address: fc.constantFrom("127.0.0.1", "127.1.2.3", "::1"),
    tokenFile: fc.option(fc.constant("/etc/podstead/token")),
  }, { requiredKeys: [] }),
  runtime: fc.record({ timeout: fc.nat(100_000).map((ms) => `${ms + 1}ms`) }, { requiredKeys: [] }),
  hosts: fc.array(fc.domain(), { maxLength: 3 }),
  log: fc.record({
    level: fc.constantFrom("debug", "info", "warn", "error"),
    format: fc.constantFrom("json", "text"),
  }, { requiredKeys: [] }),
  replace: fc.constantFrom("quick", "kubelet"),
  afterTimeout: fc.nat(1000).map((seconds) => `${seconds + 1}s`),
}, { requiredKeys: [] });

describe("loadConfig() properties", () => {
  it("gives each setting the value that is written, and every other one its default", async () => {
    await fc.assert(fc.asyncProperty(agent, async (written) => {
      const settings = await settingsOf(JSON.stringify({ agent: written }));
      const defaults = defaultSettings(HOST);
      assert.equal(settings.manifest.port, written.manifest?.port ?? defaults.manifest.port);
      assert.equal(settings.manifest.path, written.manifest?.path ?? defaults.manifest.path);
      assert.equal(settings.manifest.tokenFile, written.manifest?.tokenFile ?? null);
      assert.deepEqual(settings.hosts, written.hosts ?? defaults.hosts);
      assert.equal(settings.log.level, written.log?.level ?? defaults.log.level);
      assert.equal(settings.log.format, written.log?.format ?? defaults.log.format);
      assert.equal(settings.replace, written.replace ?? defaults.replace);
      const timeout = written.runtime?.timeout;
      assert.equal(
        settings.runtime.timeoutMs,
        timeout === undefined ? defaults.runtime.timeoutMs : parseInt(timeout),
      );
      assert.ok(URL.canParse(settings.manifest.url));
    }));
  });

  it("finds as changed exactly what differs between two configs", async () => {
    await fc.assert(fc.asyncProperty(agent, agent, async (left, right) => {
      const old = await settingsOf(JSON.stringify({ agent: left }));
      const next = await settingsOf(JSON.stringify({ agent: right }));
      const { changed, needsRestart } = liveChanges(old, next);
      assert.equal(
        changed.includes("agent.manifest.port"),
        old.manifest.port !== next.manifest.port,
      );
      assert.equal(changed.includes("agent.log.level"), old.log.level !== next.log.level);
      assert.equal(
        changed.includes("agent.hosts"),
        JSON.stringify(old.hosts) !== JSON.stringify(next.hosts),
      );
      assert.equal(
        changed.includes("agent.afterTimeout"),
        old.afterTimeoutMs !== next.afterTimeoutMs,
      );
      assert.ok(needsRestart.every((path) => changed.includes(path)));
      assert.ok(needsRestart.every((path) => /^agent\.(manifest|runtime)\./.test(path)));
      assert.equal(changed.length === 0, JSON.stringify(old) === JSON.stringify(next));
    }));
  });
});
