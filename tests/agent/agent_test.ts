import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  Agent,
  type AgentDeps,
  type AgentState,
  createMetrics,
  EMPTY_STATE,
  loadState,
  type ReloadOutcome,
} from "../../mod/agent/mod.ts";
import { defaultSettings, loadConfig } from "../../mod/config/mod.ts";
import { getOwn, systemClock } from "../../mod/core/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { judgeBody, judgeServedSet } from "../../mod/pods/mod.ts";
import { eventually } from "../support/eventually.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

const HOST = { hostname: "node-1", address: "10.0.0.1" };

const pod = (name: string, spec = "containers: [{name: c, image: 'i:1'}]", namespace?: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}${
    namespace === undefined ? "" : `, namespace: ${namespace}`
  }}\nspec: {${spec}}\n`;

const forever = <T>() => new Promise<T>(() => undefined);

describe("Agent", () => {
  let directory: TempDir;
  let config: string;
  let stateDir: string;

  beforeEach(async () => {
    directory = await makeTempDir("agent");
    config = join(directory.path, "config.yaml");
    stateDir = join(directory.path, "state");
    await writeFile(config, "agent: {}\n");
    await mkdir(join(directory.path, "pods.d"));
  });
  afterEach(() => directory.remove());

  const dropIn = (name: string) => join(directory.path, "pods.d", name);

  async function start(
    { state: given, ...deps }: Partial<AgentDeps> & { readonly state?: AgentState } = {},
  ): Promise<Agent> {
    const load: AgentDeps["load"] = (known) => loadConfig(config, { ...HOST, known });
    const { state, isWhole } = given === undefined
      ? await loadState(stateDir)
      : { state: given, isWhole: true };
    const settings = (await loadConfig(config, HOST)).settings ??
      defaultSettings(HOST);
    return new Agent(
      {
        clock: systemClock,
        log: silentLogger,
        metrics: createMetrics("test"),
        stateDir,
        load,
        judge: (pods, { node }) => judgeServedSet(pods, { nodeName: node.name }),
        ...deps,
      },
      state,
      settings,
      isWhole,
    );
  }

  const body = (agent: Agent) => new TextDecoder().decode(agent.manifest?.bytes);
  const states = (outcome: ReloadOutcome) => outcome.pods.map(({ id, state }) => [id, state]);

  it("has no list before the first good config, and an explicit empty one after it", async () => {
    await writeFile(config, "agent: {log: {level: loud}}\n");
    const { settings } = await loadConfig(join(directory.path, "other.yaml"), HOST);
    assert.equal(settings, undefined);
    await writeFile(config, "agent: {}\n");
    const agent = await start();
    assert.equal(agent.manifest, undefined);
    const outcome = await agent.reload("start");
    assert.equal(outcome.result, "unchanged");
    assert.equal(body(agent), '{"apiVersion":"v1","items":[],"kind":"PodList"}\n');
  });

  it("serves the same bytes in any order of declaration, and after a restart", async () => {
    await writeFile(
      dropIn("1.yaml"),
      [pod("b"), pod("a"), pod("c", undefined, "kube-system")].join("---\n"),
    );
    const first = await start();
    await first.reload("start");
    await rm(dropIn("1.yaml"));
    await writeFile(dropIn("1.yaml"), pod("c", undefined, "kube-system"));
    await writeFile(dropIn("2.yaml"), [pod("a"), pod("b")].join("---\n"));
    const second = await first.reload("signal");
    assert.equal(second.result, "unchanged");
    const restarted = await start();
    assert.equal(body(restarted), body(first));
    assert.equal(restarted.manifest?.etag, first.manifest?.etag);
  });

  it("serves a new list only after what guards it under the new settings", async () => {
    const served: string[] = [];
    const guard = () => {
      served.push(agent.manifest === undefined ? "nothing" : body(agent));
      return Promise.resolve();
    };
    const agent: Agent = await start({ guard });
    await agent.reload("start");
    const before = body(agent);
    await writeFile(dropIn("1.yaml"), pod("a"));
    await agent.reload("signal");
    assert.deepEqual(served, ["nothing", before]);
    assert.notEqual(body(agent), before);
  });

  it("applies nothing of what it judged ahead of a file that then changed", async () => {
    const writtenMs = 1_000_000;
    await writeFile(dropIn("1.yaml"), pod("early"));
    await utimes(dropIn("1.yaml"), writtenMs / 1000, writtenMs / 1000);
    const clock = {
      ...systemClock,
      now: () => writtenMs, // it was written just now
      sleep: () => writeFile(dropIn("1.yaml"), pod("late")), // meanwhile
    };
    const ahead: unknown[] = [];
    const agent = await start({
      load: (known, whileSettling) =>
        loadConfig(config, {
          ...HOST,
          known,
          clock,
          ...(whileSettling === undefined ? {} : { whileSettling }),
        }),
      judgeAhead: () => (pod) => ahead.push(getOwn(pod, "metadata")),
    });
    const outcome = await agent.reload("signal");
    assert.deepEqual(ahead, [{ name: "early" }, { name: "late" }]);
    assert.deepEqual(states(outcome), [["default-late", "Served"]]);
    assert.doesNotMatch(
      body(agent) + await readFile(join(stateDir, "state.json"), "utf8"),
      /early/,
    );
  });

  it("judges no further ahead once a file has changed", async () => {
    await writeFile(dropIn("1.yaml"), [pod("a"), pod("b")].join("---\n"));
    const changed = new AbortController();
    let ahead = 0;
    const agent = await start({
      load: async (known, whileSettling) => {
        const loaded = await loadConfig(config, { ...HOST, known });
        await whileSettling?.(loaded, changed.signal);
        assert.equal(ahead, 1);
        return loaded;
      },
      judgeAhead: () => () => {
        ahead += 1;
        changed.abort();
      },
    });
    assert.equal((await agent.reload("signal")).result, "applied");
    assert.equal(ahead, 3);
  });

  it("rejects a broken main config and changes nothing", async () => {
    await writeFile(dropIn("1.yaml"), pod("a"));
    const agent = await start();
    await agent.reload("start");
    const before = body(agent);
    await writeFile(config, "agent: {manifest: {port: abc}}\n");
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "rejected");
    assert.equal(outcome.problems[0]?.position?.line, 1);
    assert.equal(body(agent), before);
    assert.deepEqual(states(outcome), [["default-a", "Served"]]);
  });

  it("keeps what a broken drop-in last gave, also over a restart, and applies the others", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    const agent = await start();
    await agent.reload("start");
    await writeFile(dropIn("a.yaml"), "kind: [");
    await writeFile(dropIn("b.yaml"), pod("b"));
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "partial");
    assert.deepEqual(states(outcome), [["default-a", "Kept"], ["default-b", "Served"]]);
    const restarted = await start();
    const again = await restarted.reload("start");
    assert.deepEqual(states(again), [["default-a", "Kept"], ["default-b", "Served"]]);
    await rm(dropIn("a.yaml"));
    const removed = await restarted.reloadSettled("signal");
    assert.equal(removed.result, "applied");
    const gone = removed.pods.find(({ id }) => id === "default-a");
    assert.equal(gone?.change, "removed");
    assert.match(gone?.reason ?? "", /a\.yaml" is gone/);
  });

  it("serves the last good version of an invalid change, also over a restart", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    const agent = await start();
    await agent.reload("start");
    const before = body(agent);
    await writeFile(dropIn("a.yaml"), pod("a", "containers: []"));
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "partial");
    assert.equal(outcome.pods[0]?.state, "Rejected");
    assert.equal(outcome.pods[0]?.servingRevision, 1);
    assert.equal(outcome.pods[0]?.errors[0]?.field, "spec.containers");
    assert.equal(body(agent), before);
    const restarted = await start();
    await restarted.reload("start");
    assert.equal(body(restarted), before);
  });

  it("leaves out the newest changes for which the list has no room, and them alone", async () => {
    const agent = await start();
    await writeFile(dropIn("small.yaml"), pod("small"));
    const large = (name: string) => {
      const value = "x".repeat(950_000);
      return pod(name, `containers: [{name: c, image: 'i:1', env: [{name: A, value: ${value}}]}]`);
    };
    const name = (at: number) => `big-${String(at).padStart(2, "0")}`;
    for (let at = 0; at < 12; at += 1) {
      await writeFile(dropIn(`${name(at)}.yaml`), large(name(at)));
      await utimes(dropIn(`${name(at)}.yaml`), 1_000_000 + at, 1_000_000 + at);
    }
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "partial");
    assert.deepEqual(
      outcome.pods.filter(({ state }) => state === "Rejected").map(({ name }) => name),
      [name(11)],
    );
    assert.match(outcome.pods.at(11)?.errors[0]?.detail ?? "", /10 MiB/);
    assert.equal(agent.manifest?.pods, 12);
    await writeFile(dropIn("small.yaml"), large("small"));
    const grown = await agent.reload("signal");
    const small = grown.pods.find(({ name }) => name === "small");
    assert.deepEqual([small?.state, small?.servingRevision], ["Rejected", 1]);
  });

  it("fails, and goes on serving, when the state cannot be written", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    const agent = await start();
    await agent.reload("start");
    const before = body(agent);
    await rm(stateDir, { recursive: true });
    await writeFile(stateDir, "a file where the directory should be");
    await writeFile(dropIn("b.yaml"), pod("b"));
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "failed");
    assert.match(outcome.problems.at(-1)?.message ?? "", /Cannot write the state/);
    assert.match(outcome.problems.at(-1)?.hint ?? "", /free space/);
    assert.deepEqual(outcome.pods.map(({ id, change }) => [id, change]), [[
      "default-a",
      "unchanged",
    ]]);
    assert.equal(body(agent), before);
    await rm(stateDir);
    assert.equal((await agent.reload("signal")).result, "applied");
  });

  it("fails, and goes on serving, when podstead itself is at fault", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    let faulty = false;
    const agent = await start({
      judge: (pods) => {
        if (faulty) throw new Error("a fault of the judge");
        return pods.map(() => ({ errors: [], warnings: [] }));
      },
    });
    await agent.reload("start");
    const before = body(agent);
    faulty = true;
    await writeFile(dropIn("b.yaml"), pod("b"));
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "failed");
    assert.match(outcome.problems.at(-1)?.message ?? "", /a fault of the judge/);
    assert.equal(body(agent), before);
    assert.deepEqual(
      agent.store.list("ConfigStatus").map(({ spec }) => spec),
      [{ result: "failed", revision: 1 }],
    );
    faulty = false;
    assert.equal((await agent.reload("signal")).result, "applied");
  });

  it("gives up on a config that hangs, and applies the next one", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    let hangs = false;
    const clock = { ...systemClock, sleep: () => hangs ? Promise.resolve() : forever<void>() };
    const agent = await start({
      clock,
      load: (known) => hangs ? forever() : loadConfig(config, { ...HOST, known }),
      filesNow: () => [dropIn("a.yaml"), dropIn("b.yaml")],
    });
    await agent.reload("start");
    const before = body(agent);
    hangs = true;
    const hung = agent.reload("signal");
    await Promise.resolve().then(() => hung);
    hangs = false;
    const outcome = await hung;
    assert.equal(outcome.result, "failed");
    const { message, file } = outcome.problems.at(-1) ?? {};
    assert.match(message ?? "", /^Reading the config took too long: over 25s, at ".*" and 1 more$/);
    assert.equal(file, dropIn("a.yaml"));
    assert.equal(body(agent), before);
    await writeFile(dropIn("b.yaml"), pod("b"));
    assert.equal((await agent.reload("signal")).result, "applied");
    await agent.idle();
  });

  it("tries a reload that failed again by itself", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    await writeFile(stateDir, "a file where the directory should be");
    const agent = await start({ state: EMPTY_STATE });
    assert.equal((await agent.reload("start")).result, "failed");
    await rm(stateDir);
    await eventually(() => assert.equal(agent.manifest?.pods, 1));
    await agent.close();
  });

  it("goes on asking for a token that the config does not name any more, until a restart", async () => {
    await writeFile(config, "agent: {manifest: {tokenFile: /etc/podstead/token}}\n");
    const agent = await start();
    await agent.reload("start");
    await writeFile(config, "agent: {}\n");
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "partial");
    assert.deepEqual(outcome.needRestart, ["agent.manifest.tokenFile"]);
    assert.equal(agent.settings.manifest.tokenFile, "/etc/podstead/token");
    assert.equal((await start()).settings.manifest.tokenFile, null);
  });

  it("claims to serve nothing when the very first reload fails", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    await writeFile(stateDir, "a file where the directory should be");
    const agent = await start({ state: EMPTY_STATE });
    const outcome = await agent.reload("start");
    assert.equal(outcome.result, "failed");
    assert.equal(outcome.served.pods, 0);
    assert.equal(agent.manifest, undefined);
  });

  it("stays who it is until a restart, also for the judge of its pods", async () => {
    const judgedFor: string[] = [];
    const agent = await start({
      judge: (pods, { node }) => {
        judgedFor.push(node.name);
        return pods.map(() => ({ errors: [], warnings: [] }));
      },
    });
    await agent.reload("start");
    await writeFile(config, "agent: {node: {name: other}, log: {level: debug}}\n");
    const outcome = await agent.reload("signal");
    assert.deepEqual(outcome.needRestart, ["agent.node.name"]);
    assert.deepEqual(new Set(judgedFor), new Set(["node-1"]));
    assert.equal(agent.settings.node.name, "node-1");
    assert.equal(agent.settings.log.level, "debug");
  });

  it("serves the pods beside a document that is refused, and keeps those that it may be", async () => {
    await writeFile(dropIn("a.yaml"), [pod("a"), pod("b")].join("---\n"));
    const agent = await start();
    await agent.reload("start");
    const misspelt = pod("b").replace("kind: Pod", "kind: Pods");
    await writeFile(dropIn("a.yaml"), [pod("a"), misspelt, pod("c")].join("---\n"));
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "partial");
    assert.deepEqual(states(outcome), [
      ["default-a", "Served"],
      ["default-b", "Kept"],
      ["default-c", "Served"],
    ]);
    assert.equal(agent.manifest?.pods, 3);
  });

  it("goes on counting the versions of what was observed after it was stopped", async () => {
    const agent = await start();
    await agent.reload("start");
    const observe = (ready: string) =>
      agent.store.replace(
        "StaticPodStatus",
        agent.store.upcoming("StaticPodStatus", [{ id: "default/a-node-1", spec: { ready } }]),
      );
    for (const ready of ["False", "True", "False"]) observe(ready);
    await agent.close();
    const restarted = await start();
    assert.equal(restarted.store.list("StaticPodStatus")[0]?.version, 3);
  });

  it("counts versions per pod, and goes on counting after a restart", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    await writeFile(dropIn("b.yaml"), pod("b"));
    const agent = await start();
    await agent.reload("start");
    await writeFile(dropIn("a.yaml"), pod("a", "containers: [{name: c, image: 'i:2'}]"));
    await agent.reload("signal");
    const restarted = await start();
    await restarted.reload("start");
    assert.deepEqual(
      restarted.store.list("StaticPod").map(({ id, version }) => [id, version]),
      [["default-a", 2], ["default-b", 1]],
    );
  });

  it("takes settings that can change live, and names those that cannot", async () => {
    const agent = await start();
    await agent.reload("start");
    await writeFile(config, "agent: {log: {level: debug}, manifest: {port: 9999}}\n");
    const outcome = await agent.reload("signal");
    assert.equal(outcome.result, "partial");
    assert.deepEqual(outcome.needRestart, ["agent.manifest.port"]);
    assert.equal(agent.settings.log.level, "debug");
    assert.equal(agent.settings.manifest.port, 10261);
  });

  it("writes its state for root alone, and leaves no temporary file", async () => {
    const agent = await start();
    await agent.reload("start");
    assert.deepEqual(await readdir(stateDir), ["state.json"]);
    assert.equal((await stat(join(stateDir, "state.json"))).mode & 0o777, 0o600);
    await chmod(stateDir, 0o700);
  });

  it("serves nothing from a damaged state before the config has given what it lacks", async () => {
    await writeFile(dropIn("a.yaml"), pod("a"));
    await writeFile(dropIn("b.yaml"), pod("b"));
    const agent = await start();
    await agent.reload("start");
    const before = body(agent);
    const file = join(stateDir, "state.json");
    await writeFile(file, (await readFile(file, "utf8")).replaceAll("i:1", "i:9"));
    await writeFile(config, "agent: {log: {level: loud}}\n");
    const restarted = await start();
    assert.equal((await restarted.reload("start")).result, "rejected");
    assert.equal(restarted.manifest, undefined);
    await writeFile(config, "agent: {}\n");
    await restarted.reload("signal");
    assert.equal(body(restarted), before);
    assert.deepEqual((await readdir(stateDir)).sort(), ["state.json", "state.json.damaged"]);
  });

  it("lets reloads come one at a time, each seeing the files as they are then", async () => {
    const agent = await start();
    await writeFile(dropIn("a.yaml"), pod("a"));
    const outcomes = await Promise.all([
      agent.reload("signal"),
      agent.reload("signal"),
      agent.reload("request"),
    ]);
    assert.deepEqual(outcomes.map(({ result }) => result), ["applied", "unchanged", "unchanged"]);
  });

  it("warns of a host port that two pods want", async () => {
    const port =
      "containers: [{name: c, image: 'i:1', ports: [{containerPort: 80, hostPort: 80}]}]";
    await writeFile(dropIn("a.yaml"), pod("a", port));
    await writeFile(dropIn("b.yaml"), pod("b", port));
    const { result, pods } = await (await start()).reload("start");
    assert.equal(result, "applied");
    assert.match(pods[1]?.warnings.at(-1)?.detail ?? "", /already used by pod "default\/a"/);
  });

  it("serves only lists that the kubelet takes, whatever is declared", async () => {
    const good = pod("good");
    const bad = [
      pod("bad", "containers: []"),
      pod("UPPER"),
      pod("nul", "volumes: 5"),
      "apiVersion: v1\nkind: Pod\n",
    ];
    await writeFile(dropIn("all.yaml"), [good, ...bad].join("---\n"));
    const agent = await start();
    const outcome = await agent.reload("start");
    assert.equal(outcome.result, "partial");
    const verdict = judgeBody(agent.manifest?.bytes ?? new Uint8Array(), { nodeName: "node-1" });
    assert.equal(verdict.valid, true);
    assert.deepEqual(verdict.pods.map(({ metadata }) => metadata.name), ["good-node-1"]);
  });
});
