/** What asks a person on a terminal, and wants `--yes` elsewhere. */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { podsteadCommand, TestNode } from "../support/node.ts";
import { describeOnTerminal, Terminal } from "../support/tmux.ts";
import { podYaml } from "./pod_yaml.ts";

describeOnTerminal("podstead asks before it changes a node", () => {
  let node: TestNode;

  const config = () => readFileSync(node.configPath, "utf8");
  const terminal = (args: string, env: Readonly<Record<string, string>> = {}) =>
    new Terminal(
      `${podsteadCommand().join(" ")} ${args} --config ${node.configPath} --socket ${node.socket}`,
      { columns: 160, rows: 60, env },
    );
  /** Answers the question of a command, and gives all that it has written. */
  const answer = async (
    question: RegExp,
    key: "y" | "n",
    args: string,
    env?: Readonly<Record<string, string>>,
  ) => {
    using shown = terminal(args, env);
    await shown.until("it asks", (screen) => question.test(screen));
    shown.type(key, "Enter");
    return await shown.ended();
  };
  const current = async (): Promise<number> => {
    const { stdout } = await node.podstead("history", "-o", "json");
    return JSON.parse(stdout).items[0].number;
  };

  before(async () => {
    node = await TestNode.create();
    node.kubeletVersion = "1.36";
    node.writePods(podYaml("web"));
    await node.startAgent();
  });
  after(() => node.close());

  it("shows what a rollback changes, and does it only for a yes", async () => {
    const label = '{"metadata":{"labels":{"tier":"front"}}}';
    const patched = await node.podstead("patch", "web", "-p", label, "--yes", "--no-wait");
    assert.equal(patched.code, 0, patched.stdout + patched.stderr);
    const [text, revision] = [config(), await current()];
    const without = await node.podstead("rollback");
    assert.equal(without.code, 64, without.stderr);
    const no = await answer(/\[y\/N\]/, "n", "rollback --no-wait");
    assert.match(no, /^- .*tier: front/m);
    assert.match(no, /nothing was changed\n\[exit 1\]$/);
    assert.equal(config(), text);
    const yes = await answer(/\[y\/N\]/, "y", "rollback --no-wait");
    assert.match(yes, /\[exit 0\]$/);
    assert.doesNotMatch(config(), /tier: front/);
    assert.equal(await current(), revision + 1);
  });

  it("shows an edit and asks, also where nothing restarts, and keeps what was refused", async () => {
    const before = config();
    const EDITOR = "sed -i '1i # a comment'";
    const no = await answer(/Apply this\?/, "n", "edit --no-wait", { EDITOR });
    assert.match(no, /^\+# a comment/m);
    assert.equal(config(), before);
    const [, kept = ""] = /what you wrote is kept in (\S+)/.exec(no) ?? [];
    assert.equal(readFileSync(kept, "utf8"), `# a comment\n${before}`);
    assert.match(await answer(/Apply this\?/, "y", "edit --no-wait", { EDITOR }), /\[exit 0\]$/);
    assert.equal(config(), `# a comment\n${before}`);
  });

  it("brings an edit back with its errors above their lines, until it is left as it is", async () => {
    const before = config();
    const seen = join(node.directory, "seen");
    const editor = join(node.directory, "editor");
    writeFileSync(
      editor,
      `#!/bin/sh\ncat "$1" >>${seen}; sed -i 's/image: nginx:latest/image: ""/' "$1"\n`,
      { mode: 0o755 },
    );
    using shown = terminal("edit web", { EDITOR: editor });
    const screen = await shown.ended();
    assert.match(screen, /still wrong; nothing was changed/);
    assert.match(screen, /what you wrote is kept in /);
    assert.match(
      readFileSync(seen, "utf8"),
      /^# podstead: spec\.containers\[0\]\.image: .*\n.*image: ""/m,
    );
    assert.equal(config(), before);
  });

  it("changes nothing where the editor fails, or changes nothing itself", async () => {
    const before = config();
    using failed = terminal("edit", { EDITOR: "false" });
    assert.match(
      await failed.ended(),
      /The editor "false" ended with an error.*\n?[^]*\[exit 1\]$/,
    );
    using same = terminal("edit", { EDITOR: "true" });
    assert.match(await same.ended(), /nothing changes\n\[exit 0\]$/);
    assert.equal(config(), before);
  });

  it("asks before a reload that ends a pod", async () => {
    const before = config();
    writeFileSync(node.configPath, before.replace("name: web}", "name: other}"));
    assert.match(await answer(/ends 2 pods|ends web/, "n", "reload"), /\[exit 1\]$/);
    const { stdout } = await node.podstead("get", "staticpods");
    assert.match(stdout, /default-web/);
    writeFileSync(node.configPath, before);
    assert.equal((await node.podstead("reload")).code, 0);
  });

  it("neither refuses a change for a pod that was refused before, nor waits for it", async () => {
    const bad = join(node.directory, "bad.yaml");
    writeFileSync(
      bad,
      'apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec: {containers: [{name: a, image: ""}]}\n',
    );
    assert.equal((await node.podstead("apply", "-f", bad)).code, 78);
    assert.equal((await node.podstead("apply", "-f", bad, "--partial", "--no-wait")).code, 78);
    // Nothing else changes that runs: the stop is done as soon as the list lacks it.
    const stopped = await node.podstead("stop", "web", "--yes", "--no-wait");
    assert.deepEqual([stopped.code, /pod\/web stopped/.test(stopped.stdout)], [0, true]);
    const started = await node.podstead("start", "web", "--no-wait");
    assert.match(started.stdout, /^pod\/web started$/m);
    const diff = await node.podstead("diff", String(await current() - 1), String(await current()));
    assert.match(diff.stdout, /^pod\/web started$/m);
    const comment = join(node.directory, "pods.d/default-bad.yaml");
    assert.equal((await node.podstead("remove", "bad", "--yes")).code, 0);
    assert.equal(existsSync(comment), false);
  });

  it("wants --yes without a terminal of what takes away, whatever it costs", async () => {
    const path = join(node.directory, "new.yaml");
    writeFileSync(
      path,
      `apiVersion: v1\nkind: Pod\n${
        podYaml("new").slice("- apiVersion: v1\n  kind: Pod\n".length).replace(/^ {2}/gm, "")
      }`,
    );
    assert.equal((await node.podstead("apply", "-f", path, "--no-wait")).code, 0);
    for (const args of [["stop", "new"], ["remove", "new"], ["restart", "new"], ["rollback"]]) {
      const { code, stderr } = await node.podstead(...args);
      assert.deepEqual([code, /--yes/.test(stderr)], [64, true], args.join(" ") + stderr);
    }
    assert.equal((await node.podstead("stop", "new", "--yes", "--no-wait")).code, 0);
    // Nothing runs that it could end: it wants the same as ever.
    assert.equal((await node.podstead("remove", "new")).code, 64);
    assert.equal((await node.podstead("remove", "new", "--yes", "--no-wait")).code, 0);
    assert.equal(existsSync(join(node.directory, "pods.d/default-new.yaml")), false);
  });
});
