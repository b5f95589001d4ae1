/** What a program reads of `install`, of the compiled executable on the root of another system. */
import { it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { UNLESS_ROOT } from "../support/as_root.ts";
import { KUBEADM_NODE } from "../support/memory_files.ts";
import { runPodstead } from "../support/node.ts";
import { makeTempDir } from "../support/temp_dir.ts";
import { describeUnless } from "../support/unless.ts";

const UNLESS_COMPILED = process.env.PODSTEAD_E2E === "deno" && "its source cannot be installed";

describeUnless(UNLESS_ROOT || UNLESS_COMPILED, "podstead install, for a program", () => {
  it("says what it changed, changes nothing twice, and finds no work then", async () => {
    await using directory = await makeTempDir("install");
    const root = join(directory.path, "root");
    const put = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
      return path;
    };
    const files = { "/etc/group": "root:x:0:\n", ...KUBEADM_NODE };
    for (const [path, text] of Object.entries(files)) put(join(root, path), text);
    const given = put(
      join(directory.path, "given.yaml"),
      "machine: {}\nagent: {manifest: {tokenFile: /etc/podstead/manifest-token}}\n",
    );
    const install = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await runPodstead(["install", "--root", root, ...args]);
      return { code, stdout, stderr };
    };
    const report = async (...args: readonly string[]) => {
      const { code, stdout, stderr } = await install("--config", given, "-o", "json", ...args);
      assert.ok(stdout.startsWith("{"), stderr);
      const { changed, files } = JSON.parse(stdout);
      return { code, changed, files };
    };
    const planned = await report("--dry-run");
    assert.deepEqual([planned.code, planned.changed], [2, true]);
    assert.ok(!readdirSync(join(root, "etc")).includes("podstead"), "a dry run has written");
    const first = await report();
    assert.deepEqual(first, { ...planned, code: 0 });
    assert.deepEqual(await report(), { code: 0, changed: false, files: [] });
    assert.equal((await install("--dry-run")).code, 0);

    const unit = join(root, "etc/systemd/system/podstead.service");
    put(unit, readFileSync(unit, "utf8").replace("WatchdogSec=30s", "WatchdogSec=99s"));
    const shown = await install("--dry-run");
    assert.equal(shown.code, 2);
    assert.match(shown.stdout, /update {2}.*podstead\.service.*\n(.*\n)+ +-WatchdogSec=99s\n/);

    const config = join(root, "etc/podstead/config.yaml");
    put(config, `${readFileSync(config, "utf8")}# by hand\n`);
    assert.equal((await report()).code, 0);
    assert.match(readFileSync(config, "utf8"), /# by hand/);
    const other = await install("--config", put(join(directory.path, "other.yaml"), "agent: {}\n"));
    assert.equal(other.code, 64);
    assert.match(other.stderr, /there is another .*config\.yaml already\n.*podstead apply -f/);
  });
});
