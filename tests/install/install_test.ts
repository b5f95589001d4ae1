import assert from "node:assert/strict";
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { PodsteadError } from "../../mod/core/mod.ts";
import {
  EXAMPLE_CONFIG,
  executeInstall,
  executeUninstall,
  gatherFacts,
  inspectRecord,
  type InstallOptions,
  keepPodSteps,
  LAYOUT,
  NEW_NODE_PORT,
  type NodeFacts,
  planInstall,
  planUninstall,
  readRecord,
  type Step,
  type UninstallOptions,
  withTokenFile,
} from "../../mod/install/mod.ts";
import { parseYaml } from "../../mod/yaml/mod.ts";
import { KUBEADM_NODE } from "../support/memory_files.ts";
import { describeUnless } from "../support/unless.ts";
import { UNLESS_ROOT } from "../support/as_root.ts";

const OPTIONS: InstallOptions = {
  url: "http://127.0.0.1:10261/manifests",
  newToken: "fresh-token",
  restartKubelet: true,
  documents: [{ path: "/usr/local/share/man/man1/podstead.1", text: ".TH PODSTEAD 1\n" }],
};
/** A directory that looks like the root of a node, and what to install into it. */
async function withNode(
  files: Readonly<Record<string, string>>,
  test: (node: {
    readonly root: string;
    readonly executable: string;
    readonly facts: () => Promise<NodeFacts>;
    readonly install: (options?: InstallOptions) => Promise<readonly Step[]>;
    readonly uninstall: (options?: Partial<UninstallOptions>) => Promise<readonly string[]>;
    readonly commands: string[][];
  }) => Promise<void>,
): Promise<void> {
  const base = await mkdtemp(join(tmpdir(), "podstead-install-"));
  const nodeRoot = join(base, "root");
  const executable = join(base, "podstead");
  const commands: string[][] = [];
  const run = async (argv: readonly [string, ...string[]]) => {
    commands.push([...argv]);
    const groupFile = join(nodeRoot, "etc/group");
    const groups = await readFile(groupFile, "utf8");
    const line = `${argv.at(-1)}:x:${process.getgid?.() ?? 0}:\n`;
    if (argv[0] === "groupadd") await writeFile(groupFile, groups + line);
    if (argv[0] === "groupdel") await writeFile(groupFile, groups.replace(line, ""));
  };
  const facts = () =>
    gatherFacts(nodeRoot, executable, LAYOUT.token, OPTIONS.documents.map(({ path }) => path));
  try {
    await writeFile(executable, "#!executable one");
    for (const [path, text] of Object.entries({ "/etc/group": "root:x:0:\n", ...files })) {
      await mkdir(dirname(join(nodeRoot, path)), { recursive: true });
      await writeFile(join(nodeRoot, path), text);
    }
    await test({
      root: nodeRoot,
      executable,
      facts,
      commands,
      install: async (options = OPTIONS) => {
        const done: Step[] = [];
        const plan = planInstall(await facts(), options);
        await executeInstall(plan, { root: nodeRoot, run, onStep: (step) => done.push(step) });
        return done;
      },
      uninstall: async (options = {}) => {
        const record = await readRecord(nodeRoot);
        assert.ok(record);
        const plan = planUninstall(record, {
          purge: false,
          live: false,
          packaged: false,
          keep: [],
          ...await inspectRecord(nodeRoot, record),
          ...options,
        });
        await executeUninstall(plan, { root: nodeRoot, run, onStep: () => {} });
        return plan.notes;
      },
    });
  } finally {
    await rm(base, { recursive: true });
  }
}

/** Every path below a directory, with content, as one comparable value. */
async function tree(directory: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const pairs = await Promise.all(entries.map(async (entry): Promise<[string, string]> => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(directory.length), entry.isFile() ? await readFile(path, "utf8") : "/"];
  }));
  return Object.fromEntries(pairs.sort(([a], [b]) => a < b ? -1 : 1));
}

describeUnless(
  UNLESS_ROOT,
  "planInstall() and executeInstall()",
  () => {
    it("make a kubeadm node of a root directory, with the rights each file needs", () =>
      withNode(KUBEADM_NODE, async (node) => {
        await node.install();
        const modes: Readonly<Record<string, number>> = {
          [LAYOUT.binary]: 0o755,
          [LAYOUT.unit]: 0o644,
          "/usr/local/share/man/man1/podstead.1": 0o644,
          [LAYOUT.config]: 0o640,
          [LAYOUT.configDirectory]: 0o750,
          [LAYOUT.podsDirectory]: 0o750,
          [LAYOUT.token]: 0o600,
          [LAYOUT.stateDirectory]: 0o700,
          [LAYOUT.record]: 0o600,
          [LAYOUT.kubeletEnvironment]: 0o644,
          [LAYOUT.kubeletUnitDropIn]: 0o644,
          "/etc/kubernetes/kubelet.conf.d/90-podstead.conf": 0o600,
        };
        for (const [path, mode] of Object.entries(modes)) {
          const found = (await stat(join(node.root, path))).mode & 0o7777;
          assert.equal(found.toString(8), mode.toString(8), path);
        }
        assert.match(
          await readFile(join(node.root, LAYOUT.socketUnit), "utf8"),
          /^ListenStream=127\.0\.0\.1:10261$/m,
          "the address that the node's config has",
        );
        assert.equal(await readFile(join(node.root, LAYOUT.binary), "utf8"), "#!executable one");
        assert.deepEqual(node.commands, [
          ["groupadd", "--prefix", node.root, "--system", "podstead"],
          ["groupadd", "--prefix", node.root, "--system", "podstead-read"],
          ["systemctl", `--root=${node.root}`, "enable", "podstead.socket", "podstead.service"],
        ]);
      }));

    it("write the unit for the systemd that the root has", async () => {
      for (const [version, type] of [[252, "notify"], [257, "notify-reload"]] as const) {
        const library = `/usr/lib/x86_64-linux-gnu/systemd/libsystemd-shared-${version}.so`;
        await withNode({ ...KUBEADM_NODE, [library]: "" }, async (node) => {
          await node.install();
          const unit = await readFile(join(node.root, LAYOUT.unit), "utf8");
          assert.match(unit, new RegExp(`^Type=${type}$`, "m"));
        });
      }
    });

    it("change nothing the second time", () =>
      withNode(KUBEADM_NODE, async (node) => {
        await node.install();
        const before = await tree(node.root);
        const again = await node.install({ ...OPTIONS, newToken: "another" });
        assert.deepEqual(again.map((step) => step.kind), ["command"]);
        assert.deepEqual(await tree(node.root), before);
      }));

    it("bring own files up to date and leave the administrator's alone", () =>
      withNode(KUBEADM_NODE, async (node) => {
        await node.install();
        await writeFile(join(node.root, LAYOUT.config), "machine: {}\n");
        await writeFile(join(node.root, LAYOUT.unit), "[Service]\n");
        await chmod(join(node.root, LAYOUT.kubeletUnitDropIn), 0o600);
        const again = await node.install();
        assert.deepEqual(
          again.filter((step) => step.kind === "file").map((step) => [step.state, step.path]),
          [["update", LAYOUT.unit], ["update", LAYOUT.kubeletUnitDropIn]],
        );
        assert.equal(await readFile(join(node.root, LAYOUT.config), "utf8"), "machine: {}\n");
      }));

    it("replace an older executable, also while it runs", () =>
      withNode(KUBEADM_NODE, async (node) => {
        await node.install();
        const running = await open(join(node.root, LAYOUT.binary));
        await writeFile(node.executable, "#!executable two");
        const again = await node.install();
        assert.deepEqual(
          again.filter((step) => step.kind === "file").map((step) => [step.state, step.path]),
          [["update", LAYOUT.binary]],
        );
        assert.equal(await readFile(join(node.root, LAYOUT.binary), "utf8"), "#!executable two");
        assert.equal(await running.readFile("utf8"), "#!executable one");
        await running.close();
        await node.uninstall();
        assert.equal(await stat(join(node.root, LAYOUT.binary)).catch(() => "gone"), "gone");
      }));

    it("restart an agent that runs already for a group that it did not find", () =>
      withNode(KUBEADM_NODE, async (node) => {
        await node.install();
        const facts = { ...await node.facts(), live: true, running: true, enabled: true };
        const commandsFor = (groups: readonly string[]) =>
          planInstall({ ...facts, groups: new Set(groups) }, OPTIONS).steps
            .flatMap((step) => step.kind === "command" ? [step.argv.join(" ")] : []);
        assert.deepEqual(commandsFor(["podstead", "podstead-read"]), []);
        assert.ok(commandsFor(["podstead"]).includes("systemctl restart podstead.service"));
      }));

    it("name the step that failed and what to do", () =>
      withNode(KUBEADM_NODE, async (node) => {
        await mkdir(join(node.root, LAYOUT.unit), { recursive: true });
        await assert.rejects(node.install(), (error) => {
          assert.ok(error instanceof PodsteadError);
          assert.match(error.message, /^Cannot write \/etc\/systemd\/system\/podstead\.service: /);
          return true;
        });
      }));
  },
);

describeUnless(UNLESS_ROOT, "planUninstall() and executeUninstall()", () => {
  it("leave the node as it was", () =>
    withNode(KUBEADM_NODE, async (node) => {
      const before = await tree(node.root);
      await node.install();
      await node.uninstall();
      const after = await tree(node.root);
      // Directories that systemd's own tools would have made stay if others may use them.
      const extra = Object.keys(after).filter((path) => !(path in before));
      assert.deepEqual(extra.filter((path) => after[path] !== "/"), []);
      assert.deepEqual(extra.filter((path) => path.includes("podstead")), []);
      for (const [path, text] of Object.entries(before)) assert.equal(after[path], text, path);
    }));

  it("keep a config that was changed, unless purged", () =>
    withNode(KUBEADM_NODE, async (node) => {
      await node.install();
      await writeFile(join(node.root, LAYOUT.config), "machine: {}\n");
      const notes = await node.uninstall();
      assert.deepEqual(notes, [`${LAYOUT.config} was changed after it was written and is kept`]);
      assert.equal(await readFile(join(node.root, LAYOUT.config), "utf8"), "machine: {}\n");
      assert.equal(await stat(join(node.root, LAYOUT.binary)).catch(() => "gone"), "gone");
    }));

  it("purge the config directory", () =>
    withNode(KUBEADM_NODE, async (node) => {
      await node.install();
      await writeFile(join(node.root, LAYOUT.config), "machine: {}\n");
      await writeFile(join(node.root, LAYOUT.podsDirectory, "a.yaml"), "kind: Pod\n");
      await node.uninstall({ purge: true });
      assert.equal(
        await stat(join(node.root, LAYOUT.configDirectory)).catch(() => "gone"),
        "gone",
      );
    }));

  it("take back the groups that were made, also by a version that made one, and no other", () =>
    withNode(KUBEADM_NODE, async (node) => {
      const groupFile = join(node.root, "etc/group");
      await writeFile(groupFile, "root:x:0:\npodstead-read:x:7:\n");
      await node.install();
      const recordFile = join(node.root, LAYOUT.record);
      const { groups, ...record } = JSON.parse(await readFile(recordFile, "utf8"));
      assert.deepEqual(groups, ["podstead"]);
      await writeFile(recordFile, JSON.stringify({ ...record, group: "podstead" }));
      await node.uninstall();
      assert.equal(await readFile(groupFile, "utf8"), "root:x:0:\npodstead-read:x:7:\n");
    }));

  it("do not fail for a group that is gone already", () =>
    withNode(KUBEADM_NODE, async (node) => {
      await node.install();
      await writeFile(join(node.root, "etc/group"), "root:x:0:\n");
      await node.uninstall();
      assert.deepEqual(node.commands.filter(([command]) => command === "groupdel"), []);
    }));

  it("do not touch what was there before", () =>
    withNode({ ...KUBEADM_NODE, [LAYOUT.config]: "machine: {pods: []}\n" }, async (node) => {
      await node.install();
      await node.uninstall({ purge: true });
      assert.equal(
        await readFile(join(node.root, LAYOUT.config), "utf8"),
        "machine: {pods: []}\n",
      );
    }));

  it("keep a directory of drop-ins that the kubelet's own command names", async () => {
    const directory = "/etc/kubernetes/kubelet.conf.d";
    const unit = "/usr/lib/systemd/system/kubelet.service";
    const text = `[Service]\nExecStart=/usr/bin/kubelet --config-dir=${directory}\n`;
    await withNode({ [unit]: text }, async (node) => {
      await node.install();
      const dropIn = join(node.root, directory, LAYOUT.kubeletDropIn);
      assert.ok((await stat(dropIn)).isFile());
      const notes = await node.uninstall();
      assert.equal(await stat(dropIn).catch(() => "gone"), "gone");
      assert.ok((await stat(join(node.root, directory))).isDirectory());
      assert.match(notes.join("\n"), /kubelet\.conf\.d is kept: /);
    });
  });

  it("restart the kubelet without its link before the service stops", async () => {
    await withNode(KUBEADM_NODE, async (node) => {
      await node.install();
      const record = await readRecord(node.root);
      assert.ok(record);
      const plan = planUninstall(record, {
        purge: false,
        live: true,
        packaged: false,
        keep: [],
        ...await inspectRecord(node.root, record),
      });
      const commands = plan.steps.filter((step) => step.kind === "command")
        .map((step) => step.argv.slice(1).join(" "));
      assert.deepEqual(commands, [
        "daemon-reload",
        "try-restart kubelet.service",
        "disable --now podstead.socket podstead.service",
        "daemon-reload",
      ]);
      const linkGone = plan.steps.findIndex((step) =>
        step.kind === "remove-file" && step.path.endsWith("90-podstead.conf")
      );
      const restart = plan.steps.findIndex((step) =>
        step.kind === "command" && step.argv.includes("kubelet.service")
      );
      assert.ok(linkGone >= 0 && linkGone < restart);
      assert.deepEqual(plan.steps.at(-1), {
        kind: "remove-directory",
        path: LAYOUT.stateDirectory,
        withContent: true,
      });
    });
  });
});

describeUnless(UNLESS_ROOT, "planInstall(), after pods were kept", () => {
  const MANIFESTS = "/etc/kubernetes/manifests";
  const kept = (name: string) => ({
    [`${MANIFESTS}/podstead-default-${name}.json`]: JSON.stringify({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, uid: "1", annotations: { "podstead.dev/spec-hash": "a", own: "b" } },
      spec: {},
    }),
  });
  const foreign = { [`${MANIFESTS}/podstead-mine.json`]: '{"kind":"Pod","metadata":{}}' };

  it("takes them back: it declares what nothing declares, and removes their files last", () =>
    withNode({ ...KUBEADM_NODE, ...kept("web"), ...kept("dns"), ...foreign }, async (node) => {
      const options = { ...OPTIONS, declared: new Set(["default/dns"]) };
      const done = await node.install(options);
      assert.deepEqual(
        done.slice(-2).map((step) => step.kind === "remove" ? step.path : step.kind),
        [`${MANIFESTS}/podstead-default-dns.json`, `${MANIFESTS}/podstead-default-web.json`],
      );
      assert.deepEqual(await readdir(join(node.root, MANIFESTS)), ["podstead-mine.json"]);
      const dropIns = join(node.root, LAYOUT.podsDirectory);
      assert.deepEqual(await readdir(dropIns), ["default-web.json"]);
      assert.deepEqual(JSON.parse(await readFile(join(dropIns, "default-web.json"), "utf8")), {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "web", annotations: { own: "b" } },
        spec: {},
      });
      await node.uninstall();
      assert.deepEqual(await readdir(dropIns), ["default-web.json"], "it is the administrator's");
    }));

  it("leaves them where the kubelet does not ask podstead yet, and says so", () =>
    withNode({ ...KUBEADM_NODE, ...kept("web") }, async (node) => {
      const plan = planInstall(await node.facts(), { ...OPTIONS, restartKubelet: false });
      assert.ok(plan.steps.every(({ kind }) => kind !== "remove"));
      assert.match(plan.notes.join("\n"), /kept by an earlier uninstall.*\n.*default-web\.json/);
    }));
});

describe("keepPodSteps()", () => {
  it("makes one complete Pod file of each item", () => {
    const list = JSON.stringify({
      apiVersion: "v1",
      kind: "PodList",
      items: [{ metadata: { name: "web" }, spec: {} }, {
        metadata: { name: "dns", namespace: "kube-system" },
      }],
    });
    const steps = keepPodSteps(list, "/etc/kubernetes/manifests");
    assert.deepEqual(steps.map((step) => step.path), [
      "/etc/kubernetes/manifests/podstead-default-web.json",
      "/etc/kubernetes/manifests/podstead-kube-system-dns.json",
    ]);
    assert.deepEqual(JSON.parse(steps[0]?.text ?? ""), {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web" },
      spec: {},
    });
  });
  it("refuses what is no list of pods", () => {
    assert.throws(() => keepPodSteps('{"kind":"Status"}', "/x"));
  });
});

describe("EXAMPLE_CONFIG", () => {
  it("is YAML without problems that declares no pod", () => {
    const parsed = parseYaml(EXAMPLE_CONFIG, "config.yaml");
    assert.deepEqual(parsed.problems, []);
    assert.deepEqual(parsed.documents[0]?.value, {
      machine: { pods: [] },
      agent: { manifest: { port: NEW_NODE_PORT, tokenFile: LAYOUT.token } },
    });
  });
});

describe("withTokenFile()", () => {
  it("adds the setting and keeps all else, comments and further documents too", () => {
    const text = "# mine\nmachine:\n  pods: [] # none yet\nagent:\n  manifest: { port: 300 }\n" +
      "---\nkind: Pod\n";
    const [first, second] = parseYaml(withTokenFile(text, "/t"), "c").documents;
    assert.deepEqual(first?.value, {
      machine: { pods: [] },
      agent: { manifest: { port: 300, tokenFile: "/t" } },
    });
    assert.deepEqual(second?.value, { kind: "Pod" });
    assert.match(withTokenFile(text, "/t"), /# mine\n[^]*# none yet/);
  });

  it("makes the sections that are missing, in an empty file too", () => {
    for (const text of ["", "machine:\n  pods: []\n"]) {
      const [document] = parseYaml(withTokenFile(text, "/t"), "c").documents;
      const value = document?.value as { readonly agent?: unknown };
      assert.deepEqual(value.agent, { manifest: { tokenFile: "/t" } }, text);
    }
  });
});
