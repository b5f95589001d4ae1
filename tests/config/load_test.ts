import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadConfig } from "../../mod/config/mod.ts";
import type { ConfigFs, LoadedConfig, WhileSettling } from "../../mod/config/mod.ts";
import { systemClock } from "../../mod/core/mod.ts";
import { fileFacts, regularFile } from "../support/file_facts.ts";

const HOST = { hostname: "Node-1", address: "192.0.2.1" };
const MAIN = "/etc/podstead/config.yaml";

const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n`;

/** A file system in memory; `errors` are thrown for their paths. */
function memoryFs(
  files: Readonly<Record<string, string>>,
  errors: Readonly<Record<string, string>> = {},
): ConfigFs {
  const check = (path: string) => {
    const code = errors[path];
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${path}`), { code });
  };
  const missing = (path: string) => Object.assign(new Error(`ENOENT: ${path}`), { code: "ENOENT" });
  const read = (path: string) => {
    check(path);
    const text = files[path];
    if (text === undefined) throw missing(path);
    return text;
  };
  const inside = (path: string) => Object.keys(files).filter((file) => dirname(file) === path);
  return {
    readFile: (path) => Promise.resolve().then(() => regularFile(read(path))),
    stat: (path) =>
      Promise.resolve().then(() => {
        if (inside(path).length > 0) return fileFacts({ kind: "directory" });
        return regularFile(read(path)).after;
      }),
    readdir: (path) =>
      Promise.resolve().then(() => {
        check(path);
        const names = inside(path);
        if (names.length === 0) throw missing(path);
        return names.map((file) => file.slice(path.length + 1)).reverse();
      }),
    isThere: (path) => Promise.resolve(path in files),
  };
}

const load = (files: Readonly<Record<string, string>>, errors?: Readonly<Record<string, string>>) =>
  loadConfig(MAIN, { ...HOST, fs: memoryFs(files, errors) });

const codes = (config: LoadedConfig) =>
  config.problems.map((problem) => `${problem.file.split("/").at(-1)}: ${problem.code}`);

const names = (config: LoadedConfig) =>
  config.entries.map((entry) => (entry.pod as { metadata: { name: string } }).metadata.name);

const states = (config: LoadedConfig) =>
  Object.fromEntries(config.files.map((file) => [file.path.split("/").at(-1), file.state]));

describe("loadConfig() defaults", () => {
  it("takes the node's name in lower case and its address from the host", async () => {
    const { settings } = await load({ [MAIN]: "machine: {}\n" });
    assert.deepEqual(settings?.node, { name: "node-1", address: "192.0.2.1" });
    assert.equal(settings?.manifest.url, "http://127.0.0.1:10261/manifests");
  });

  it("needs no node config in a file that has pods", async () => {
    const config = await load({ [MAIN]: pod("a") });
    assert.equal(config.settings?.manifest.port, 10261);
    assert.deepEqual(names(config), ["a"]);
  });

  it("renders no control plane on a Talos worker, and one on a control plane node", async () => {
    const text = (type: string) => `machine: {type: ${type}}\ncluster: {clusterName: x}\n`;
    const worker = await load({ [MAIN]: text("worker") });
    assert.equal(worker.settings?.controlPlane, null);
    const controlPlane = await load({ [MAIN]: text("controlplane") });
    assert.equal(controlPlane.settings?.controlPlane?.cluster.clusterName, "x");
  });
});

describe("loadConfig() includes", () => {
  it("reads drop-ins after the main file, sorted, without hidden files and backups", async () => {
    const config = await load({
      [MAIN]: `machine: {pods: [{apiVersion: v1, kind: Pod, metadata: {name: main}}]}\n`,
      "/etc/podstead/pods.d/20-b.yaml": pod("b"),
      "/etc/podstead/pods.d/10-a.json": JSON.stringify({
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "a" },
      }),
      "/etc/podstead/pods.d/30-c.yml": pod("c"),
      "/etc/podstead/pods.d/.hidden.yaml": pod("hidden"),
      "/etc/podstead/pods.d/20-b.yaml~": pod("backup"),
      "/etc/podstead/pods.d/20-b.yaml.bak": pod("backup"),
      "/etc/podstead/pods.d/#20-b.yaml#": pod("backup"),
      "/etc/podstead/pods.d/.20-b.yaml.swp": pod("backup"),
      "/etc/podstead/pods.d/README": "text",
    });
    assert.deepEqual(config.problems, []);
    assert.deepEqual(names(config), ["main", "a", "b", "c"]);
    assert.deepEqual(config.entries.map((entry) => entry.source.file.split("/").at(-1)), [
      "config.yaml",
      "10-a.json",
      "20-b.yaml",
      "30-c.yml",
    ]);
  });

  it("takes patterns relative to the config file, absolute ones, and plain names", async () => {
    const config = await load({
      [MAIN]:
        "agent: {include: [extra.yaml, '/opt/*/pod-[0-9].yaml', 'pods.d/?.yaml', missing/*]}\n",
      "/etc/podstead/extra.yaml": pod("extra"),
      "/etc/podstead/pods.d/a.yaml": pod("a"),
      "/etc/podstead/pods.d/ab.yaml": pod("ab"),
      "/opt/x": "no directory",
      "/opt/x/pod-1.yaml": pod("one"),
      "/opt/x/pod-x.yaml": pod("not"),
    });
    assert.deepEqual(config.problems, []);
    assert.deepEqual(names(config), ["extra", "a", "one"]);
  });

  it("reads a file once that several patterns name, and never the main file as a drop-in", async () => {
    const config = await load({
      [MAIN]: `agent: {include: ["*.yaml", "a.yaml"]}\n---\n${pod("main")}`,
      "/etc/podstead/a.yaml": pod("a"),
    });
    assert.deepEqual(names(config), ["main", "a"]);
  });

  it("reports a plain name that does not exist", async () => {
    const config = await load({ [MAIN]: "agent: {include: [extra.yaml]}\n" });
    assert.deepEqual(codes(config), ["extra.yaml: unreadable-file"]);
    assert.deepEqual(states(config), { "config.yaml": "ok", "extra.yaml": "failed" });
    assert.ok(config.settings);
  });

  it("leaves out no more of a drop-in than what is broken, and says which file it is", async () => {
    const config = await load({
      [MAIN]: "machine: {}\n",
      "/etc/podstead/pods.d/a.yaml": pod("a"),
      "/etc/podstead/pods.d/b.yaml": `${pod("b")}---\nkind: Pods\n`,
      "/etc/podstead/pods.d/c.yaml": "kind: Pod\n  metadata: {}\n",
      "/etc/podstead/pods.d/d.yaml": pod("d"),
      "/etc/podstead/pods.d/e.yaml": "# all pods\n# are out\n",
      "/etc/podstead/pods.d/f.yaml": "",
    }, { "/etc/podstead/pods.d/d.yaml": "EACCES" });
    assert.ok(config.settings);
    assert.deepEqual(names(config), ["a", "b"]);
    assert.deepEqual(states(config), {
      "config.yaml": "ok",
      "a.yaml": "ok",
      "b.yaml": "failed",
      "c.yaml": "failed",
      "d.yaml": "failed",
      "e.yaml": "empty",
      "f.yaml": "failed",
    });
    assert.deepEqual(codes(config), [
      "b.yaml: unknown-kind",
      "c.yaml: yaml-indentation",
      "d.yaml: unreadable-file",
      "f.yaml: empty-file",
    ]);
  });

  it("takes no pod from a text that is not whole YAML", async () => {
    const config = await load({
      [MAIN]: "machine: {}\n",
      "/etc/podstead/pods.d/a.yaml": `${pod("a")}---\nkind: [\n`,
    });
    assert.deepEqual(names(config), []);
    // It is there for `validate`, though.
    assert.equal(config.files[1]?.entries.length, 1);
  });

  it("refuses settings in a drop-in", async () => {
    const config = await load({
      [MAIN]: "machine: {}\n",
      "/etc/podstead/pods.d/a.yaml": "agent: {log: {level: debug}}\n",
    });
    assert.deepEqual(codes(config), ["a.yaml: settings-in-include"]);
    assert.equal(config.settings?.log.level, "info");
  });

  it("takes control plane documents from drop-ins, one of each kind", async () => {
    const document = "apiVersion: v1alpha1\nkind: KubeSchedulerConfig\n";
    const config = await load({
      [MAIN]: "cluster: {}\n",
      "/etc/podstead/pods.d/a.yaml": document,
      "/etc/podstead/pods.d/b.yaml": document,
    });
    assert.deepEqual(
      config.settings?.controlPlane?.documents.map((one) => one.kind),
      ["KubeSchedulerConfig"],
    );
    assert.deepEqual(codes(config), ["b.yaml: duplicate-document"]);
    assert.equal(config.problems[0]?.related?.file, "/etc/podstead/pods.d/a.yaml");
  });

  it("keeps its settings when a directory of drop-ins cannot be listed, and says so", async () => {
    const config = await load(
      { [MAIN]: "machine: {}\n", "/etc/podstead/pods.d/a.yaml": pod("a") },
      { "/etc/podstead/pods.d": "EACCES" },
    );
    assert.ok(config.settings);
    assert.equal(config.directories[0]?.failure?.why, "unreadable");
    assert.deepEqual(codes(config), ["pods.d: unreadable-file"]);
  });

  /** A main file that was written just now, however busy the machine is, and its rest in a moment. */
  function writtenNow(first: string, rest: string) {
    let text = first;
    const mtimeMs = 1_000_000;
    const fs: ConfigFs = {
      readFile: () => Promise.resolve(regularFile(text, { mtimeMs })),
      readdir: () => Promise.resolve([]),
      stat: () => Promise.resolve(regularFile(text, { mtimeMs }).after),
      isThere: () => Promise.resolve(false),
    };
    const clock = {
      ...systemClock,
      now: () => mtimeMs,
      sleep: () => Promise.resolve(void (text = first + rest)),
    };
    return { fs, clock };
  }

  it("does not take half of a file that is being written for the whole", async () => {
    const whole = `machine:\n  pods:\n    - {apiVersion: v1, kind: Pod, metadata: {name: a}}\n`;
    const written = writtenNow(whole.slice(0, 17), whole.slice(17));
    assert.deepEqual(names(await loadConfig(MAIN, { ...HOST, ...written })), ["a"]);
  });

  it("gives what it read while a file comes to rest, and tells if the file has changed", async () => {
    const seen: { readonly pods: readonly string[]; readonly changed: AbortSignal }[] = [];
    const whileSettling: WhileSettling = (read, changed) =>
      Promise.resolve(void seen.push({ pods: names(read), changed }));
    const load = (rest: string) =>
      loadConfig(MAIN, { ...HOST, ...writtenNow(pod("a"), rest), whileSettling });
    assert.deepEqual(names(await load("")), ["a"]);
    assert.deepEqual(names(await load(`---\n${pod("b")}`)), ["a", "b"]);
    assert.deepEqual(
      seen.map(({ pods, changed }) => [...pods, changed.aborted]),
      [["a", false], ["a", true], ["a", "b", false]],
    );
  });

  it("waits for what is done while a file comes to rest, and does not mind if it fails", async () => {
    let done = false;
    const slow: WhileSettling = async () => {
      await new Promise((resolve) => setTimeout(resolve));
      done = true;
      throw new Error("a defect");
    };
    const written = writtenNow(pod("a"), "");
    assert.deepEqual(
      names(await loadConfig(MAIN, { ...HOST, ...written, whileSettling: slow })),
      ["a"],
    );
    assert.equal(done, true);
  });

  it("passes over a drop-in that vanishes while the directory is read", async () => {
    const files = { [MAIN]: "machine: {}\n", "/etc/podstead/pods.d/a.yaml": pod("a") };
    const before = memoryFs(files, { "/etc/podstead/pods.d/a.yaml": "ENOENT" });
    const after = memoryFs({ [MAIN]: "machine: {}\n" });
    let listings = 0;
    const config = await loadConfig(MAIN, {
      ...HOST,
      // Listed once for the patterns, then it is gone.
      fs: { ...before, readdir: (path) => (++listings > 1 ? after : before).readdir(path) },
    });
    assert.deepEqual(config.problems, []);
    assert.deepEqual(config.files.map((file) => file.path), [MAIN]);
  });

  it("does not take a link that leads nowhere for a file that was removed", async () => {
    const config = await load(
      { [MAIN]: "machine: {}\n", "/etc/podstead/pods.d/a.yaml": pod("a") },
      { "/etc/podstead/pods.d/a.yaml": "ENOENT" },
    );
    assert.deepEqual(states(config), { "config.yaml": "ok", "a.yaml": "failed" });
  });
});

describe("loadConfig() unusable main files", () => {
  it("reports the drop-ins' problems together with those of the main file", async () => {
    const config = await load({
      [MAIN]: "agent: {logs: 1}\n",
      "/etc/podstead/pods.d/a.yaml": "kind: Pods\n",
    });
    assert.equal(config.settings, undefined);
    assert.deepEqual(codes(config), ["config.yaml: unknown-key", "a.yaml: unknown-kind"]);
  });

  it("keeps the settings when only a pod document of the main file is wrong", async () => {
    const config = await load({ [MAIN]: "agent: {log: {level: debug}}\n---\nkind: Pods\n" });
    assert.equal(config.settings?.log.level, "debug");
    assert.deepEqual(states(config), { "config.yaml": "failed" });
  });

  it("does not take defaults for the settings of a file that it cannot read to its end", async () => {
    const config = await load({ [MAIN]: `agent: {log: {level: debug}}\n---\n${pod("'a")}` });
    assert.equal(config.settings, undefined);
  });

  for (
    const [code, message, hint] of [
      ["ENOENT", /no such file/, /--config/],
      ["EACCES", /permission denied/, /root/],
      ["EIO", /disk reports an error/, /dmesg/],
      ["EMFILE", /too many files open/, /LimitNOFILE/],
      ["ENODEV", /ENODEV/, /^$/],
    ] as const
  ) {
    it(`says what to do about ${code}`, async () => {
      const config = await load({ [MAIN]: "machine: {}\n" }, { [MAIN]: code });
      assert.equal(config.settings, undefined);
      assert.deepEqual(codes(config), ["config.yaml: unreadable-file"]);
      assert.match(config.problems[0]?.message ?? "", message);
      assert.match(config.problems[0]?.hint ?? "", hint);
      assert.equal(config.files[0]?.sha256, null);
    });
  }
});

describe("loadConfig() files that are being written", () => {
  /** A file system whose main file is longer after each reading until it is whole. */
  function writing(stages: readonly string[]): ConfigFs {
    let stage = 0;
    const now = () => {
      const text = stages[Math.min(stage, stages.length - 1)] ?? "";
      return regularFile(text, { mtimeMs: stage });
    };
    return {
      readdir: () => Promise.resolve([]),
      isThere: () => Promise.resolve(false),
      stat: (path) =>
        path === MAIN
          ? Promise.resolve(now().after)
          : Promise.reject(Object.assign(new Error("ENOENT"), { code: "ENOENT" })),
      readFile: () => {
        const { bytes, before } = now();
        stage = Math.min(stage + 1, stages.length - 1);
        return Promise.resolve({ bytes, before, after: now().after });
      },
    };
  }

  it("reads again until the file is at rest", async () => {
    const fs = writing(["agent: {lo", "agent: {log: {level: debug}}\n"]);
    let waits = 0;
    const clock = { ...systemClock, sleep: () => Promise.resolve(void (waits += 1)) };
    const config = await loadConfig(MAIN, { ...HOST, fs, clock });
    assert.equal(config.settings?.log.level, "debug");
    assert.deepEqual(config.problems, []);
    assert.equal(waits, 1);
  });

  it("refuses a file that never comes to rest, and says how to write one", async () => {
    const fs = writing(["a", "ab", "abc", "abcd", "abcde"]);
    const clock = { ...systemClock, sleep: () => Promise.resolve() };
    const config = await loadConfig(MAIN, { ...HOST, fs, clock });
    assert.equal(config.settings, undefined);
    assert.deepEqual(codes(config), ["config.yaml: file-changing"]);
    assert.match(config.problems[0]?.hint ?? "", /rename/);
  });

  it("takes an empty main file for one that is being written", async () => {
    const config = await load({ [MAIN]: "\n" });
    assert.equal(config.settings, undefined);
    assert.match(config.problems[0]?.hint ?? "", /being written/);
  });
});

describe("loadConfig() on a real file system", () => {
  async function inTempDir(run: (directory: string) => Promise<void>) {
    const directory = await mkdtemp(join(tmpdir(), "podstead-config-"));
    try {
      await run(directory);
    } finally {
      await rm(directory, { recursive: true });
    }
  }

  it("reads a config and its drop-ins", () =>
    inTempDir(async (directory) => {
      const main = join(directory, "config.yaml");
      await writeFile(main, "machine: {}\n");
      await mkdir(join(directory, "pods.d"));
      await writeFile(join(directory, "pods.d", "a.yaml"), pod("a"));
      const config = await loadConfig(main, HOST);
      assert.deepEqual(config.problems, []);
      assert.deepEqual(names(config), ["a"]);
      const digest = createHash("sha256").update("machine: {}\n").digest("hex");
      assert.equal(config.files[0]?.sha256, digest);
    }));

  it("refuses a directory and names a file in it", () =>
    inTempDir(async (directory) => {
      const config = await loadConfig(directory, HOST);
      assert.equal(config.settings, undefined);
      assert.equal(config.problems[0]?.code, "not-a-file");
      assert.match(config.problems[0]?.hint ?? "", /config\.yaml$/);
    }));

  it("refuses a file of 50 MiB by its size", () =>
    inTempDir(async (directory) => {
      const main = join(directory, "config.yaml");
      await writeFile(main, "");
      await truncate(main, 50 * 1024 * 1024);
      const config = await loadConfig(main, HOST);
      assert.equal(config.problems[0]?.code, "file-too-large");
      assert.match(config.problems[0]?.message ?? "", /50 MiB/);
      assert.match(config.problems[0]?.wanted ?? "", /10 MiB/);
    }));

  it("refuses a device", async () => {
    const config = await loadConfig("/dev/null", HOST);
    assert.equal(config.problems[0]?.code, "not-a-file");
  });
});

describe("PodEntry", () => {
  it("finds the place of every field, down from the pod", async () => {
    const text = [
      "machine:",
      "  pods:",
      "    - kind: Pod",
      "      spec:",
      "        containers:",
      "          - image: x",
      "---",
      "kind: KubeStaticPodConfig",
      "apiVersion: v1alpha1",
      "name: a",
      "pod:",
      "  metadata: {name: b}",
    ].join("\n");
    const config = await load({ [MAIN]: text });
    const [first, second] = config.entries;
    assert.deepEqual(first?.source, {
      file: MAIN,
      document: 0,
      index: 0,
      list: "machine.pods",
      position: { line: 3, column: 7 },
    });
    assert.deepEqual(first?.positionOf(["spec", "containers", 0, "image"]), {
      line: 6,
      column: 20,
    });
    assert.deepEqual(first?.positionOf(["metadata", "name"]), { line: 3, column: 7 });
    assert.equal(first?.lineText(6), "          - image: x");
    assert.deepEqual(second?.source.document, 1);
    assert.deepEqual(second?.positionOf(["metadata", "name"]), { line: 12, column: 20 });
  });
});
