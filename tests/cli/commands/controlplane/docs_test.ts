/**
 * docs/control-plane.md: its configs are judged, and its `podstead pki` commands
 * are run in its own order. What needs Kubernetes' binaries, a service manager
 * or a running node is named here, so that no command goes unnoticed.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as yaml from "yaml";
import { cli } from "../../../../mod/cli/mod.ts";
import { loadConfig } from "../../../../mod/config/mod.ts";
import { renderControlPlane } from "../../../../mod/controlplane/mod.ts";
import { systemClock } from "../../../../mod/core/mod.ts";
import { makeTempDir } from "../../../support/temp_dir.ts";

const PAGE = readFileSync(
  new URL("../../../../docs/control-plane.md", import.meta.url),
  "utf8",
);

/** The code blocks of a language, without the indentation of the list that they stand in. */
function blocks(language: string): readonly string[] {
  const pattern = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, "gms");
  return [...PAGE.matchAll(pattern)].map(([, indent = "", text = ""]) =>
    text.split("\n").map((line) => line.slice(indent.length)).join("\n")
  );
}

const commands = blocks("sh").flatMap((block) => block.trim().split("\n"))
  .map((line) => line.replace(/^sudo /, ""));

/** Commands that this suite cannot run, by their first words, and why. */
const NOT_RUN: readonly (readonly [string, string])[] = [
  ["apt-get ", "changes the machine"],
  ["swapoff ", "changes the machine"],
  ["sysctl ", "changes the machine"],
  ["echo ", "changes the machine"],
  ["containerd ", "changes the machine"],
  ["sed ", "changes the machine"],
  ["scp ", "needs another machine"],
  ["ssh ", "needs another machine"],
  ["systemctl ", "needs a kubelet"],
  ["kubectl ", "needs kubectl and an API server"],
  ["podstead exec ", "needs a running etcd pod; etcd's own part is in three_etcds_test.ts"],
  ["podstead get ", "needs an agent; see the end-to-end tests"],
  ["podstead stop ", "needs an agent; see the end-to-end tests"],
  ["podstead start ", "needs an agent; see the end-to-end tests"],
  ["podstead install ", "changes the machine; see the tests on machines of their own"],
  ["podstead import ", "needs kubeadm's manifests; see the tests of import"],
];

/** Runs a command of the page with every absolute path below a directory. */
async function run(root: string, command: string): Promise<{ code: number; text: string }> {
  let text = "";
  const output = {
    isTTY: false,
    columns: undefined,
    rows: undefined,
    write: (data: string | Uint8Array) => {
      text += typeof data === "string" ? data : new TextDecoder().decode(data);
    },
  };
  const [line = ""] = command.split(" > ");
  const before = process.cwd();
  process.chdir(root);
  try {
    const code = await cli(line.split(" ").slice(1), {
      stdout: output,
      stderr: output,
      env: { PODSTEAD_CONFIG: join(root, "control-plane.yaml") },
      clock: systemClock,
      readStdin: () => Promise.resolve(new Uint8Array()),
      stdinIsTTY: false,
      uid: 0,
      interrupted: new AbortController().signal,
    });
    return { code, text };
  } finally {
    process.chdir(before);
  }
}

describe("docs/control-plane.md", () => {
  const configs = blocks("yaml").filter((text) => text.includes("cluster:"));

  it("has configs that podstead takes without a word", async () => {
    assert.equal(configs.length, 3);
    await using directory = await makeTempDir("page");
    for (const text of configs) {
      const path = join(directory.path, "config.yaml");
      writeFileSync(path, text);
      const host = { hostname: "cp-9", address: "192.0.2.99" };
      const { settings, problems } = await loadConfig(path, host);
      assert.deepEqual(problems, []);
      const plan = renderControlPlane(settings!.controlPlane!, settings!.node);
      assert.deepEqual(plan.problems, []);
      assert.equal(plan.pods.length, 4);
    }
  });

  it("has the kubelet's settings that podstead install asks for", () => {
    const [text = ""] = blocks("yaml").filter((block) => block.includes("KubeletConfiguration"));
    const { authentication, authorization } = yaml.parse(text);
    assert.equal(authentication.x509.clientCAFile, "/etc/kubernetes/pki/ca.crt");
    assert.equal(authorization.mode, "Webhook");
  });

  it("has commands that work one after another", async () => {
    await using directory = await makeTempDir("page");
    const root = directory.path;
    // The page's paths are the defaults; here they are below a directory.
    const [config = ""] = configs;
    const place = `  pkiDirectory: ${root}/pki\n  kubeconfigDirectory: ${root}\n`;
    const text = config.replace("cluster:\n", `cluster:\n${place}`);
    for (const name of ["control-plane.yaml", "cp-1.yaml", "cp-2.yaml"]) {
      writeFileSync(join(root, name), text);
    }
    const ran: string[] = [];
    for (const command of commands) {
      if (NOT_RUN.some(([words]) => command.startsWith(words))) continue;
      const isJoin = command.includes("--from pki-of-cp-1");
      // A further node begins with nothing but a copy of the first node's PKI.
      if (isJoin) renameSync(join(root, "pki"), join(root, "pki-of-cp-1"));
      if (isJoin) {
        for (const name of ["admin", "controller-manager", "scheduler", "kubelet"]) {
          renameSync(join(root, `${name}.conf`), join(root, `${name}.old`));
        }
      }
      const { code, text } = await run(root, command);
      assert.equal(code, 0, `${command}\n${text}`);
      ran.push(command);
    }
    assert.ok(ran.length >= 8, ran.join("\n"));
  });
});
