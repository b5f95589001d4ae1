/** Changes of a node's files through the agent: judged first, all or none, and a way back. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { chmod, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import type { Agent, ReloadRequest } from "../../mod/agent/mod.ts";
import { type Operation, RevisionStore, sha256Of } from "../../mod/change/mod.ts";
import { loadConfig, patientFs, SourceMemory } from "../../mod/config/mod.ts";
import { type JsonObject, systemClock } from "../../mod/core/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import {
  type ChangeRequest,
  ChangeService,
  finishWrites,
  RevisionRecorder,
  revisionsDirectory,
  TrialRunner,
} from "../../mod/transaction/mod.ts";
import { type AgentNode, makeAgentNode } from "../support/agent_node.ts";
import { ODD_FILES, putOddFile } from "../support/odd_file.ts";

const HOST = { hostname: "node-1", address: "10.0.0.1" };

const podYaml = (name: string, image: string, more = "") =>
  `# ${name}\napiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\nspec:\n  hostNetwork: true\n` +
  `  containers:\n    - name: c\n      image: ${image} # the image\n${more}`;
const podOf = (name: string, image: string): JsonObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name },
  spec: { hostNetwork: true, containers: [{ name: "c", image }] },
});
const key = (name: string) => ({ namespace: "default", name });

/** A node, its agent, and changes of it; reloads settle at once. */
interface Bench {
  readonly node: AgentNode;
  readonly agent: Agent;
  readonly changes: ChangeService;
  readonly store: RevisionStore;
  readonly trials: TrialRunner;
  change(...operations: readonly Operation[]): ReturnType<ChangeService["change"]>;
  ask(request: Partial<ChangeRequest>): ReturnType<ChangeService["change"]>;
  served(): Readonly<Record<string, string>>;
  /** The list as the kubelet gets it. */
  bytes(): string;
  /** Applies what is on disk. */
  reload(): Promise<unknown>;
}

async function makeBench(guards: readonly string[] = []): Promise<Bench> {
  const node = await makeAgentNode();
  await mkdir(node.stateDir, { recursive: true });
  const agent = await node.start();
  const fs = patientFs();
  const config = join(node.path, "config.yaml");
  const store = new RevisionStore(revisionsDirectory(node.stateDir));
  const recorder = new RevisionRecorder({
    store,
    fs,
    log: silentLogger,
    keep: () => 100,
    protected: () => {
      const { running } = trials.state;
      return new Set(running === undefined ? [] : [running.revision, running.backTo]);
    },
    files: () => agent.files,
    pods: () => agent.state.pods,
  });
  await recorder.open();
  agent.onCommit(({ outcome, origin }) => {
    if (outcome !== undefined) recorder.reloaded(outcome, origin);
  });
  const reload = async (request: ReloadRequest = {}) => {
    const outcome = await agent.reload("request", request);
    await recorder.settled();
    return outcome;
  };
  const changes: ChangeService = new ChangeService({
    clock: systemClock,
    stateDir: node.stateDir,
    agent,
    fs,
    store,
    recorder,
    load: (on) => loadConfig(config, { ...HOST, fs: on, memory: new SourceMemory(systemClock) }),
    reload,
    trials: () => trials,
    guarded: () => Promise.resolve(guards),
  });
  const trials: TrialRunner = new TrialRunner({
    clock: systemClock,
    log: silentLogger,
    stateDir: node.stateDir,
    follow: () => () => Promise.resolve({ state: "pending", pods: [] }),
    explain: () => Promise.resolve(undefined),
    exclusively: (step) => changes.exclusively(step),
    goBack: (trial, cause) => changes.goBack(trial, cause),
    changed: () => undefined,
    told: () => undefined,
  }, {});
  await reload();
  await recorder.settled();
  const ask = (request: Partial<ChangeRequest>) =>
    changes.change({ operations: [], trigger: "test", ...request });
  return {
    node,
    agent,
    changes,
    store,
    trials,
    ask,
    reload,
    change: (...operations) => ask({ operations }),
    bytes: () => new TextDecoder().decode(agent.manifest?.bytes),
    served: () => Object.fromEntries(agent.state.pods.map(({ name, hash }) => [name, hash])),
  };
}

/** Does one of the things that people and tools do to a node. */
async function takeStep(
  bench: Bench,
  { kind, name, image, back }: {
    readonly kind: string;
    readonly name: string;
    readonly image: string;
    readonly back: number;
  },
): Promise<void> {
  const pod = key(name);
  const path = join(bench.node.path, `pods.d/default-${name}.yaml`);
  if (kind === "apply") {
    await bench.change({ kind, pods: [{ ...pod, pod: podOf(name, image) }] });
  } else if (kind === "hand") {
    await writeFile(path, podYaml(name, image, "  # by hand\n"));
    await bench.reload();
  } else if (kind === "rollback") {
    const numbers = await bench.store.numbers();
    await bench.ask({ rollbackTo: numbers[back % numbers.length] ?? 1 });
  } else if (!existsSync(path)) {
    return;
  } else if (kind === "edit") {
    const text = readFileSync(path, "utf8");
    await bench.change({
      kind: "write",
      file: path,
      text: text.replace(/x:\d/, image),
      baseSha256: sha256Of(text),
    });
  } else if (kind === "comment") {
    await writeFile(path, `# ${back}\n${readFileSync(path, "utf8")}`);
    await bench.reload();
  } else if (kind === "remove" || kind === "stop" || kind === "start") {
    await bench.change({ kind, pod });
  } else if (kind === "image") await bench.change({ kind: "set-image", pod, image });
  else {
    const patch = { metadata: { labels: { image: image.replace(":", "-") } } };
    await bench.change({ kind: "patch", pod, type: "strategic", patch });
  }
}

describe("ChangeService", () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await makeBench();
  });
  afterEach(async () => {
    await bench.agent.close();
    await bench.node[Symbol.asyncDispose]();
  });
  const file = (name: string) => join(bench.node.path, name);
  const text = (name: string) => readFileSync(file(name), "utf8");

  it("declares pods with their ConfigMaps and Secrets in one file, which only root may read", async () => {
    const object = (kind: "ConfigMap" | "Secret", value: string) => ({
      kind,
      ...key("app"),
      object: {
        apiVersion: "v1",
        kind,
        metadata: { name: "app" },
        [kind === "Secret" ? "stringData" : "data"]: { a: value },
      },
      beside: key("web"),
    });
    const pod = {
      ...podOf("web", "a:1"),
      spec: {
        containers: [{ name: "c", image: "a:1", envFrom: [{ secretRef: { name: "app" } }] }],
      },
    };
    const refused = await bench.change({ kind: "apply", pods: [{ ...key("web"), pod }] });
    assert.equal(refused.result, "refused", "nothing declares the Secret");
    const objects = [object("ConfigMap", "one"), object("Secret", "two")];
    const { result, files, reload } = await bench.change({
      kind: "apply",
      pods: [{ ...key("web"), pod }],
      objects,
    });
    assert.equal(result, "applied");
    assert.deepEqual(reload.objects?.map(({ kind, change }) => [kind, change]), [
      ["ConfigMap", "added"],
      ["Secret", "added"],
    ]);
    const path = join(bench.node.path, "pods.d/default-web.yaml");
    assert.deepEqual(files.map((file) => file.path), [path]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const changed = await bench.change({
      kind: "apply",
      pods: [],
      objects: [object("Secret", "three")],
    });
    assert.deepEqual(changed.reload.pods.map(({ change }) => change), ["changed"]);
    assert.match(readFileSync(path, "utf8"), /stringData:\n {2}a: three\n$/);
  });

  it("takes a file from others' eyes when it gets its first Secret", async () => {
    await bench.node.write("pods.d/a.yaml", podYaml("a", "x:1"));
    await chmod(file("pods.d/a.yaml"), 0o644);
    const object = (kind: "ConfigMap" | "Secret") => ({
      kind,
      ...key("app"),
      object: { apiVersion: "v1", kind, metadata: { name: "app" } },
      beside: key("a"),
    });
    const modeAfter = async (kind: "ConfigMap" | "Secret") => {
      await bench.change({ kind: "apply", pods: [], objects: [object(kind)] });
      return statSync(file("pods.d/a.yaml")).mode & 0o777;
    };
    assert.equal(await modeAfter("ConfigMap"), 0o644);
    assert.equal(await modeAfter("Secret"), 0o600);
  });

  it("declares a new pod in a drop-in, as it was written, and changes it there", async () => {
    const given = podYaml("web", "nginx:1");
    const first = await bench.change({
      kind: "apply",
      pods: [{ ...key("web"), pod: podOf("web", "nginx:1"), text: given }],
    });
    assert.equal(first.result, "applied");
    assert.equal(text("pods.d/default-web.yaml"), given);
    await bench.change({ kind: "set-image", pod: key("web"), image: "nginx:2" });
    assert.equal(text("pods.d/default-web.yaml"), podYaml("web", "nginx:2"));
  });

  it("keeps mode and owner of what it changes, and gives new files to their owner alone", async () => {
    await bench.node.write("pods.d/a.yaml", podYaml("a", "x:1"));
    await chmod(file("pods.d/a.yaml"), 0o640);
    await bench.change({ kind: "set-image", pod: key("a"), image: "x:2" }, {
      kind: "apply",
      pods: [{ ...key("b"), pod: podOf("b", "x:1") }],
    });
    const modes = ["a", "default-b"].map((name) =>
      statSync(file(`pods.d/${name}.yaml`)).mode & 0o777
    );
    assert.deepEqual(modes, [0o640, 0o600]);
  });

  it("writes nothing in a dry run, and says what it would do", async () => {
    const planned = await bench.ask({
      operations: [{ kind: "apply", pods: [{ ...key("web"), pod: podOf("web", "x:1") }] }],
      dryRun: true,
    });
    assert.equal(planned.result, "planned");
    assert.deepEqual(planned.reload.pods.map(({ name, change }) => [name, change]), [
      ["web", "added"],
    ]);
    assert.equal(existsSync(file("pods.d/default-web.yaml")), false);
    assert.deepEqual(bench.served(), {});
  });

  it("refuses the whole change for one refused pod, and leaves that out with partial", async () => {
    const operations: readonly Operation[] = [{
      kind: "apply",
      pods: [
        { ...key("good"), pod: podOf("good", "x:1") },
        { ...key("bad"), pod: podOf("bad", "") },
      ],
    }];
    const refused = await bench.ask({ operations });
    assert.equal(refused.result, "refused");
    assert.equal(existsSync(file("pods.d/default-good.yaml")), false);
    const partial = await bench.ask({ operations, partial: true });
    assert.equal(partial.result, "applied");
    assert.deepEqual(Object.keys(bench.served()), ["good"]);
  });

  it("changes beside a pod that was refused before", async () => {
    await bench.node.write("pods.d/bad.yaml", podYaml("bad", '""'));
    await bench.agent.reload("request");
    const done = await bench.change({
      kind: "apply",
      pods: [{ ...key("w"), pod: podOf("w", "x") }],
    });
    assert.equal(done.result, "applied");
  });

  it("refuses a change of another revision than the one that is served", async () => {
    const { revision } = bench.agent.state;
    const operations: readonly Operation[] = [
      { kind: "apply", pods: [{ ...key("w"), pod: podOf("w", "x") }] },
    ];
    await bench.ask({ operations, ifRevision: revision, callerUid: 7, message: "first" });
    await assert.rejects(
      bench.ask({ operations: [{ kind: "remove", pod: key("w") }], ifRevision: revision }),
      /Revision \d+ is served, not \d+: another change came first \(test by user 7 at .*: first\)/,
    );
  });

  it("keeps every revision with its files, and serves an earlier one again", async () => {
    await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "x:1") }] });
    const { revision } = bench.agent.state;
    const before = bench.served();
    await bench.change(
      { kind: "set-image", pod: key("a"), image: "x:2" },
      { kind: "apply", pods: [{ ...key("b"), pod: podOf("b", "x:1") }] },
    );
    await bench.change({ kind: "remove", pod: key("a") });
    assert.deepEqual(Object.keys(bench.served()), ["b"]);
    await bench.ask({ rollbackTo: revision });
    assert.deepEqual(bench.served(), before);
    assert.equal(existsSync(file("pods.d/default-b.yaml")), false);
    const last = await bench.store.read(bench.agent.state.revision);
    assert.deepEqual(
      last.pods.map(({ key, change }) => [key, change]),
      [["default/a", "added"], ["default/b", "removed"]],
    );
  });

  it("says of two revisions what going from one to the other does to each pod", async () => {
    await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "x:1") }] });
    const first = bench.agent.state.revision;
    await bench.change({ kind: "set-image", pod: key("a"), image: "x:2" });
    await bench.change({ kind: "apply", pods: [{ ...key("b"), pod: podOf("b", "x:1") }] });
    const last = bench.agent.state.revision;
    await bench.change({ kind: "remove", pod: key("a") });
    const [served, revision] = [bench.bytes(), bench.agent.state.revision];
    const compare = async (from: number, to: number) =>
      (await bench.changes.compare(from, to)).pods.map(({ name, change, fields }) =>
        [name, change, ...fields ?? []].join(" ")
      );
    assert.deepEqual(await compare(first, last), [
      "a changed spec.containers[0].image",
      "b added",
    ]);
    assert.deepEqual(await compare(last, first), [
      "a changed spec.containers[0].image",
      "b removed",
    ]);
    assert.deepEqual(await compare(0, first), ["a added"]);
    await assert.rejects(bench.changes.compare(first, 99), /There is no revision 99/);
    assert.deepEqual([bench.bytes(), bench.agent.state.revision], [served, revision]);
  });

  it("stops a pod, says why in the list of pods, and starts it again", async () => {
    await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "x:1") }] });
    const before = bench.bytes();
    const { revision } = bench.agent.state;
    const stopping = { operations: [{ kind: "stop", pod: key("a") }] } as const;
    const asked = { ...stopping, trigger: "stop", message: "its disk is full", callerUid: 7 };
    const planned = await bench.ask({ ...asked, dryRun: true });
    assert.deepEqual(planned.reload.pods.map(({ change, state }) => [change, state]), [
      ["removed", "Stopped"],
    ]);
    const done = await bench.ask(asked);
    assert.equal(done.reload.result, "applied");
    assert.deepEqual(bench.served(), {});
    assert.equal((await bench.ask(asked)).result, "unchanged");
    const [shown] = bench.agent.store.list("StaticPod");
    assert.match(
      String(shown?.status?.reason),
      /^stopped by user 7 at \d{4}-.*Z: its disk is full$/,
    );
    const kept = await bench.store.read(bench.agent.state.revision);
    assert.equal(kept.number, revision + 1);
    assert.deepEqual([kept.trigger, kept.message, kept.callerUid], ["stop", "its disk is full", 7]);
    await bench.change({ kind: "set-image", pod: key("a"), image: "x:2" });
    assert.deepEqual(bench.served(), {}, "a change has started it");
    await bench.ask({ rollbackTo: revision });
    assert.equal(bench.bytes(), before);
    await bench.ask({ rollbackTo: revision + 1 });
    assert.deepEqual(bench.served(), {});
    const started = await bench.change({ kind: "start", pod: key("a") });
    assert.deepEqual(started.reload.pods.map(({ change, resumed }) => [change, resumed]), [
      ["added", true],
    ]);
    assert.equal(bench.bytes(), before);
    assert.equal(existsSync(file("pods.d/podstead-stopped.yaml")), false);
  });

  it("keeps a pod stopped whose stop can be read no more, also over a restart", async () => {
    await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "x:1") }] });
    await bench.change({ kind: "stop", pod: key("a") });
    await writeFile(file("pods.d/podstead-stopped.yaml"), "kind: StoppedPods\npods: nonsense\n");
    await bench.agent.reload("request");
    assert.deepEqual(bench.served(), {});
    await bench.agent.close();
    const agent = await bench.node.start();
    await agent.reload("start");
    assert.deepEqual(agent.state.pods, []);
    await agent.close();
  });

  it("refuses a stopped pod that the kubelet would refuse, as any other", async () => {
    await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "x:1") }] });
    await bench.change({ kind: "stop", pod: key("a") });
    const bad = await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "") }] });
    assert.equal(bad.result, "refused");
  });

  it("names a stop of a pod that is not declared, and does nothing for it", async () => {
    const done = await bench.change({ kind: "stop", pod: key("none") });
    assert.match(done.reload.problems[0]?.message ?? "", /default\/none is not declared/);
    assert.deepEqual(bench.served(), {});
  });

  it("keeps the files of a revision while a file that lacks its pods may still be written", async () => {
    await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "x:1") }] });
    const { revision } = bench.agent.state;
    const { files } = await bench.store.read(revision);
    await rm(file("pods.d/default-a.yaml"));
    assert.notEqual((await bench.agent.reload("files")).lookAgainMs, undefined);
    assert.deepEqual((await bench.store.read(revision)).files, files);
  });

  it("serves the very bytes that a revision served, after random changes", async () => {
    const step = fc.record({
      kind: fc.constantFrom(
        ...[
          "apply",
          "remove",
          "hand",
          "comment",
          "edit",
          "patch",
          "image",
          "stop",
          "start",
          "rollback",
        ],
      ),
      name: fc.constantFrom("a", "b", "c"),
      image: fc.constantFrom("x:1", "x:2", "x:3"),
      back: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 9 }), async (steps) => {
        const history = new Map<number, string>();
        const note = () => history.set(bench.agent.state.revision, bench.bytes());
        note();
        for (const one of steps) {
          await takeStep(bench, one);
          note();
        }
        for (const [number, bytes] of history) {
          if (!(await bench.store.numbers()).includes(number)) continue;
          await bench.ask({ rollbackTo: number });
          assert.equal(bench.bytes(), bytes, `revision ${number}`);
        }
      }),
      { numRuns: 12 },
    );
  });

  it("goes back to the files as they were last, comments and settings included", async () => {
    await bench.node.write("pods.d/a.yaml", podYaml("a", "x:1"));
    await bench.reload();
    await bench.node.write("pods.d/a.yaml", `# a comment since\n${podYaml("a", "x:1")}`);
    await bench.reload();
    const before = text("pods.d/a.yaml");
    const trial = { timeoutMs: 60_000, settleMs: 1_000, confirm: "manual" } as const;
    await bench.ask({
      operations: [{ kind: "set-image", pod: key("a"), image: "x:2" }],
      trial,
    });
    await bench.trials.cancel("a test");
    assert.equal(text("pods.d/a.yaml"), before);
    const [discarded = ""] = readdirSync(join(bench.node.stateDir, "discarded"));
    const [tried = ""] = readdirSync(join(bench.node.stateDir, "discarded", discarded));
    const kept = readFileSync(join(bench.node.stateDir, "discarded", discarded, tried), "utf8");
    assert.equal(kept, before.replace("x:1", "x:2"));
  });

  it("finishes after a crash what was begun, and leaves what was edited since", async () => {
    await bench.node.write("pods.d/a.yaml", "old a\n");
    await bench.node.write("pods.d/b.yaml", "edited since\n");
    const sha256 = "c27d7a0f6f6e7b5a1f7a9e3a6d0d2f0ce1ab0f5e7f4d9c6ad5f4bd6a3f0a0a0a";
    const write = (name: string, before: string) => ({
      path: file(`pods.d/${name}.yaml`),
      text: "new\n",
      mode: 0o600,
      uid: statSync(bench.node.path).uid,
      gid: statSync(bench.node.path).gid,
      before,
    });
    await writeFile(
      join(bench.node.stateDir, "pending-change.json"),
      JSON.stringify({ writes: [write("a", sha256Of("old a\n")), write("b", sha256)] }),
    );
    assert.deepEqual(await finishWrites(bench.node.stateDir), [file("pods.d/a.yaml")]);
    assert.equal(text("pods.d/a.yaml"), "new\n");
    assert.equal(text("pods.d/b.yaml"), "edited since\n");
    assert.equal(await finishWrites(bench.node.stateDir), undefined);
    for (const what of ODD_FILES) {
      putOddFile(join(bench.node.stateDir, "pending-change.json"), what);
      assert.deepEqual(await finishWrites(bench.node.stateDir), []);
      assert.equal(await finishWrites(bench.node.stateDir), undefined);
    }
    // What stands in the place of a file of the config is not written, and holds nothing up.
    for (const what of ODD_FILES) {
      putOddFile(file("pods.d/a.yaml"), what);
      const writes = [write("a", sha256Of("old a\n"))];
      const pending = join(bench.node.stateDir, "pending-change.json");
      await writeFile(pending, JSON.stringify({ writes }));
      assert.deepEqual(await finishWrites(bench.node.stateDir), []);
    }
  });

  it("tries a change of a guarded pod though nobody asked, and lets others join it", async () => {
    await bench.agent.close();
    bench = await makeBench(["default/api"]);
    const apply = (name: string, image: string) =>
      bench.change({ kind: "apply", pods: [{ ...key(name), pod: podOf(name, image) }] });
    assert.equal((await apply("web", "x:1")).trial, undefined);
    await apply("api", "x:1");
    await bench.trials.confirm();
    const before = bench.served();
    const { trial } = await apply("api", "x:2");
    assert.deepEqual(trial?.pods.map(({ name }) => name), ["api"]);
    // It is in no one's way: what comes meanwhile goes back with it, and is not judged.
    const joined = await apply("web", "x:2");
    assert.deepEqual(joined.trial?.pods.map(({ name }) => name), ["api"]);
    assert.equal(joined.trial?.backTo, trial?.backTo);
    assert.equal((await bench.trials.cancel("it crashes"))?.result, "reverted");
    assert.deepEqual(bench.served(), before);
  });

  it("lets a guarded pod be removed and stopped without a trial", async () => {
    await bench.agent.close();
    bench = await makeBench(["default/api"]);
    await bench.change({ kind: "apply", pods: [{ ...key("api"), pod: podOf("api", "x:1") }] });
    await bench.trials.confirm();
    for (const kind of ["stop", "start", "remove"] as const) {
      await bench.change({ kind, pod: key("api") });
    }
    assert.equal(bench.trials.state.running, undefined);
    assert.deepEqual(bench.served(), {});
  });

  it("takes a change back that takes a guarded one back, as if nothing was", async () => {
    await bench.agent.close();
    bench = await makeBench(["default/api"]);
    const apply = (image: string) =>
      bench.change({ kind: "apply", pods: [{ ...key("api"), pod: podOf("api", image) }] });
    await apply("x:1");
    await bench.trials.confirm();
    await apply("x:2");
    assert.equal((await apply("x:1")).trial, undefined);
    assert.equal(bench.trials.state.running, undefined);
  });

  it("refuses a second change while one is on trial, and takes a cancelled trial back", async () => {
    await bench.change({ kind: "apply", pods: [{ ...key("a"), pod: podOf("a", "x:1") }] });
    const before = bench.served();
    const trial = { timeoutMs: 60_000, settleMs: 1_000, confirm: "manual" } as const;
    const tried = await bench.ask({
      operations: [{ kind: "set-image", pod: key("a"), image: "x:2" }],
      trial,
    });
    assert.deepEqual(tried.trial?.pods.map(({ name }) => name), ["a"]);
    await assert.rejects(
      bench.change({ kind: "remove", pod: key("a") }),
      /Revision \d+ is on trial/,
    );
    const dry = await bench.ask({ operations: [{ kind: "remove", pod: key("a") }], dryRun: true });
    assert.equal(dry.result, "planned");
    assert.equal(bench.trials.state.running?.revision, tried.trial?.revision);
    const end = await bench.trials.cancel("a test");
    assert.equal(end?.result, "reverted");
    assert.deepEqual(bench.served(), before);
  });
});
