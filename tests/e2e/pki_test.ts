/** `podstead pki` on a laptop: as a user who is not root, in a directory of their own. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { podsteadCommand } from "../support/node.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const [EXECUTABLE, ...interpreted] = podsteadCommand();
// A runtime and the source belong to whoever runs the tests; an executable can be given to anyone.
const skip = process.getuid?.() !== 0 || interpreted.length > 0;

const NOBODY = 65534;

describe("podstead pki as a user who is not root", { skip }, () => {
  it("makes, checks and renews a PKI, and says what the node's config must say", async () => {
    await using root = await makeTempDir();
    const home = join(root.path, "home");
    const executable = join(root.path, "podstead");
    mkdirSync(home);
    cpSync(EXECUTABLE, executable);
    for (const path of [root.path, executable]) chmodSync(path, 0o755);
    writeFileSync(
      join(home, "node-1.yaml"),
      "cluster: {kubernetesVersion: 1.36.2}\nagent: {node: {name: cp-1, address: 192.0.2.10}}\n",
    );
    chownSync(home, NOBODY, NOBODY);
    const run = (line: string) =>
      execFileSync("/bin/sh", ["-c", `exec ../podstead ${line} 2>&1`], {
        uid: NOBODY,
        gid: NOBODY,
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home, NO_COLOR: "1" },
        encoding: "utf8",
      });
    const place = "--config node-1.yaml --directory pki";
    const made = run(`pki init ${place}`);
    assert.match(made, /Made for node cp-1 at 192\.0\.2\.10\./);
    assert.match(made, new RegExp(`cluster:\\n {2}pkiDirectory: ${home}/pki\\n`));
    run(`pki check ${place}`);
    assert.match(run(`pki renew ${place}`), /To go back:\n {2}cp -a /);
    const { uid, mode } = statSync(join(home, "pki/ca.key"));
    assert.deepEqual([uid, mode & 0o777], [NOBODY, 0o600]);
    assert.match(run(`pki kubeconfig jane --group developers ${place}`), /^apiVersion: v1/);
    assert.throws(
      () => run("pki init --config node-1.yaml"),
      ({ stdout, status }) =>
        status === 77 && /run it as root, or with a --directory of your own/.test(stdout),
    );
  });
});
