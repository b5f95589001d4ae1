import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as yaml from "yaml";
import { cli, type World } from "../../../../mod/cli/mod.ts";
import { systemClock } from "../../../../mod/core/mod.ts";
import { EXAMPLE_CONFIG } from "../../../../mod/install/mod.ts";
import { fixtures } from "../../../controlplane/support.ts";
import { DAY } from "../../../pki/support.ts";
import { UNLESS_ROOT } from "../../../support/as_root.ts";
import { putOddFile } from "../../../support/odd_file.ts";
import { itUnless } from "../../../support/unless.ts";

/** Runs a command line in a directory of its own and gives what it wrote. */
async function run(root: string, line: string, nowMs = Date.now()) {
  const written = { stdout: "", stderr: "" };
  const output = (name: "stdout" | "stderr") => ({
    isTTY: false,
    columns: undefined,
    rows: undefined,
    write: (data: string | Uint8Array) => {
      written[name] += typeof data === "string" ? data : new TextDecoder().decode(data);
    },
  });
  const world: World = {
    stdout: output("stdout"),
    stderr: output("stderr"),
    env: { PODSTEAD_CONFIG: join(root, "config.yaml") },
    uid: 0,
    clock: { ...systemClock, now: () => nowMs },
    readStdin: () => Promise.resolve(new Uint8Array()),
    stdinIsTTY: false,
    interrupted: new AbortController().signal,
  };
  return { code: await cli(line.split(" "), world), ...written };
}

function temporaryRoot(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "podstead-cli-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

/** The contents of all files below a directory, without what a renewal keeps. */
function filesOf(root: string): ReadonlyMap<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: "utf8" })
    .filter((name) => !name.includes("-before-") && statSync(join(root, name)).isFile()).sort();
  return new Map(names.map((name) => [name, readFileSync(join(root, name), "utf8")]));
}

/** A config whose control plane lives below the root. */
function writeConfig(root: string): void {
  writeFileSync(
    join(root, "config.yaml"),
    yaml.stringify({
      agent: { node: { name: "cp-1", address: "192.0.2.10" } },
      cluster: {
        kubernetesVersion: "v1.36.2",
        pkiDirectory: join(root, "pki"),
        kubeconfigDirectory: root,
        apiServer: { certSANs: ["k8s.example.com"] },
      },
    }),
  );
}

describe("podstead pki", () => {
  it("makes, checks and renews what the config names", async () => {
    using root = temporaryRoot();
    writeConfig(root.path);
    const init = await run(root.path, "pki init");
    assert.deepEqual([init.code, init.stdout.split("\n").length], [0, 28], init.stderr);
    assert.match(init.stderr, /admin\.conf get nodes/);

    const check = await run(root.path, "pki check");
    assert.equal(check.code, 0);
    assert.match(check.stdout, /apiserver\.crt +CN=kube-apiserver +20\d\d-\d\d-\d\d +36[45]d/);
    assert.equal(check.stderr, "");

    const again = await run(root.path, "pki init");
    assert.equal(again.code, 1);
    assert.match(again.stderr, /exists; nothing was written\n +Use podstead pki renew/);

    const later = Date.now() + 366 * DAY;
    const expired = await run(root.path, "pki check", later);
    assert.equal(expired.code, 1);
    assert.match(expired.stderr, /error: Certificate ".*apiserver\.crt" expired on/);
    assert.match(expired.stdout, /expired\n/);

    assert.equal((await run(root.path, "pki renew", later)).code, 0);
    assert.equal((await run(root.path, "pki check", later)).code, 0);
  });

  it("says as data which files it wrote, and where those before are", async () => {
    using root = temporaryRoot();
    writeConfig(root.path);
    const init = await run(root.path, "pki init -o json");
    assert.equal(init.code, 0, init.stderr);
    const made = JSON.parse(init.stdout);
    assert.deepEqual([made.kind, made.changed], ["PkiReport", true]);
    const written = new Map(
      made.files.map(({ path, expires }: { path: string; expires?: string }) => [path, expires]),
    );
    assert.match(String(written.get(join(root.path, "pki/apiserver.crt"))), /^20\d\d-.*Z$/);
    assert.equal(written.get(join(root.path, "pki/apiserver.key")), undefined);
    const renewed = await run(root.path, "pki renew -o json", Date.now() + 30 * DAY);
    const { changed, keptDirectory } = JSON.parse(renewed.stdout);
    assert.deepEqual([renewed.code, changed], [0, true], renewed.stderr);
    assert.ok(existsSync(keptDirectory), keptDirectory);
  });

  const layouts: Readonly<Record<string, string>> = {
    "as the config has them": "",
    "in one directory": "--directory ROOT/made",
    "in one directory with an odd name": "--directory ROOT/it's",
  };
  for (const [name, flags] of Object.entries(layouts)) {
    it(`prints a way back that brings every file back, ${name}`, async () => {
      using root = temporaryRoot();
      writeConfig(root.path);
      const place = flags.replace("ROOT", root.path);
      const pki = (action: string, nowMs?: number) =>
        run(root.path, `pki ${action} ${place}`.trim(), nowMs);
      assert.equal((await pki("init")).code, 0);
      const before = filesOf(root.path);
      const later = Date.now() + 30 * DAY;
      const { code, stderr } = await pki("renew", later);
      assert.equal(code, 0, stderr);
      assert.notDeepEqual(filesOf(root.path), before);
      const [, command = ""] = /To go back:\n +(.+)\n/.exec(stderr) ?? [];
      execFileSync("sh", ["-c", command]);
      assert.deepEqual(filesOf(root.path), before);
    });
  }

  it("gives its findings as data", async () => {
    using root = temporaryRoot();
    writeConfig(root.path);
    const { code, stdout } = await run(root.path, "pki check -o json");
    assert.equal(code, 1);
    const { items, findings } = JSON.parse(stdout);
    assert.deepEqual(items, []);
    assert.equal(findings[0].code, "missing");
  });

  it("takes the expiry in days, within reason", async () => {
    using root = temporaryRoot();
    const { code, stderr } = await run(root.path, "pki init --days 0");
    assert.deepEqual([code, /--days must be 1 to 3650/.test(stderr)], [64, true]);
  });
});

describe("podstead import", () => {
  it("prints the config and changes nothing", async () => {
    using root = temporaryRoot();
    const folder = join(fixtures, "kubeadm-v1.36");
    const { code, stdout, stderr } = await run(root.path, `import ${folder} --differences`);
    assert.equal(code, 0, stderr);
    assert.equal(yaml.parse(stdout).cluster.kubernetesVersion, "v1.36.2");
    assert.match(stderr, /kube-system\/kube-apiserver +settings +once/);
    assert.match(stderr, /livenessProbe\.httpGet\.port: "probe-port" -> 6443 \(the same port/);
    assert.match(stderr, /Nothing was changed/);
    assert.equal(existsSync(join(root.path, "config.yaml")), false);
  });

  itUnless(
    UNLESS_ROOT,
    "writes with --yes what validates and imports the same again",
    async () => {
      using root = temporaryRoot();
      const folder = join(root.path, "manifests");
      cpSync(join(fixtures, "kubeadm-v1.33"), folder, { recursive: true });
      const shown = await run(root.path, `import ${folder}`);
      const { code, stdout, stderr } = await run(root.path, `import ${folder} --yes`);
      assert.deepEqual([code, stdout], [0, ""], stderr);
      assert.equal(readFileSync(join(root.path, "config.yaml"), "utf8"), shown.stdout);
      assert.match(stderr, /podstead import --take-over/);
      const asData = await run(root.path, `import ${folder} -o json`);
      const { kind, changed, config, pods } = JSON.parse(asData.stdout);
      assert.deepEqual([asData.code, kind, changed], [0, "ImportReport", false], asData.stderr);
      assert.equal(config, shown.stdout);
      assert.ok(pods.some(({ as }: { as: string }) => as === "settings"), asData.stdout);
      const elsewhere = join(root.path, "other.yaml");
      const wrote = await run(root.path, `import ${folder} --yes -o json --config ${elsewhere}`);
      assert.equal(JSON.parse(wrote.stdout).changed, true, wrote.stderr);
      assert.equal(readFileSync(elsewhere, "utf8"), config);
      const twice = await run(root.path, `import ${folder} --yes`);
      assert.deepEqual([twice.code, /says so already/.test(twice.stderr)], [0, true], twice.stderr);
      assert.equal(readFileSync(join(root.path, "config.yaml"), "utf8"), shown.stdout);
      // The config can be used: a command that needs it runs.
      assert.equal((await run(root.path, `import ${folder}`)).code, 0);
    },
  );

  itUnless(
    UNLESS_ROOT,
    "writes into the config of a node that podstead was installed on, and keeps the rest",
    async () => {
      using root = temporaryRoot();
      const path = join(root.path, "config.yaml");
      writeFileSync(path, EXAMPLE_CONFIG, { mode: 0o640 });
      const folder = join(root.path, "manifests");
      cpSync(join(fixtures, "kubeadm-v1.36"), folder, { recursive: true });
      const { code, stderr } = await run(root.path, `import ${folder} --yes`);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /Wrote it into .*config\.yaml, and changed nothing else there/);
      const after = readFileSync(path, "utf8");
      const lines = new Set(after.split("\n"));
      const gone = EXAMPLE_CONFIG.split("\n").filter((line) => !lines.has(line));
      assert.deepEqual(gone, ["  pods: []"]);
      const { agent, cluster, machine } = yaml.parse(after);
      assert.deepEqual(agent, yaml.parse(EXAMPLE_CONFIG).agent);
      assert.equal(cluster.kubernetesVersion, "v1.36.2");
      assert.deepEqual(
        machine.pods.map((pod: { metadata: { name: string } }) => pod.metadata.name),
        ["etcd"],
      );
      assert.equal(statSync(path).mode & 0o777, 0o640);
    },
  );

  itUnless(UNLESS_ROOT, "changes no setting and no pod that the config has otherwise", async () => {
    for (
      const [config, says] of [
        ["cluster: {kubernetesVersion: 1.35.0}\n", /other settings in "cluster"/],
        [
          "machine:\n  pods:\n    - metadata: {name: etcd, namespace: kube-system}\n",
          /declares kube-system\/etcd otherwise/,
        ],
      ] as const
    ) {
      using root = temporaryRoot();
      const path = join(root.path, "config.yaml");
      writeFileSync(path, config);
      const folder = join(fixtures, "kubeadm-v1.36");
      const { code, stderr } = await run(root.path, `import ${folder} --yes`);
      assert.equal(code, 64, stderr);
      assert.match(stderr, says);
      assert.equal(readFileSync(path, "utf8"), config);
    }
  });

  it("names the file that is no pod", async () => {
    using root = temporaryRoot();
    writeFileSync(join(root.path, "x.yaml"), "kind: ConfigMap\n");
    const { code, stderr } = await run(root.path, `import ${root.path}`);
    assert.equal(code, 78);
    assert.match(stderr, /x\.yaml/);
  });

  it("neither waits for a pipe nor gives up for a link to nowhere", async () => {
    using root = temporaryRoot();
    putOddFile(join(root.path, "pipe.yaml"), "pipe");
    symlinkSync("/nowhere/at/all", join(root.path, "link.yaml"));
    mkdirSync(join(root.path, "sub"));
    const { code, stderr } = await run(root.path, `import ${root.path}`);
    assert.equal(code, 78);
    assert.match(stderr, /link\.yaml: error: It cannot be read: ENOENT/);
    assert.match(stderr, /pipe\.yaml: error: It cannot be read: it is a device, pipe or socket/);
    assert.doesNotMatch(stderr, /sub/);
  });

  it("says how to name a folder that is not there", async () => {
    using root = temporaryRoot();
    const { code, stderr } = await run(root.path, `import ${root.path}/none`);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot read the manifest folder .*none"[^]*staticPodPath/);
  });
});

describe("podstead validate", () => {
  it("judges the settings of the control plane too, without asking for its keys", async () => {
    using root = temporaryRoot();
    writeConfig(root.path);
    const good = await run(root.path, "validate");
    assert.deepEqual([good.code, good.stdout], [0, "3 pods, all valid\n"]);
    const path = join(root.path, "config.yaml");
    assert.equal((await run(root.path, `validate ${path}`)).stdout, good.stdout);
    const config = yaml.parse(readFileSync(path, "utf8"));
    config.cluster.scheduler = { extraArgs: { kubeconfig: "/elsewhere" } };
    writeFileSync(path, yaml.stringify(config));
    const bad = await run(root.path, "validate");
    assert.equal(bad.code, 78);
    assert.match(bad.stdout, /config\.yaml:\d+:7: error: Argument "kubeconfig"/);
    assert.match(bad.stdout, /\n2 pods, 1 file with errors\n$/);
    assert.equal((await run(root.path, `validate ${path}`)).stdout, bad.stdout);
  });
});
