/** The commands around installing: completion, manual page, help topics, kubelet-config. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, it } from "@std/testing/bdd";
import { parse } from "yaml";
import { completionScript, SHELLS } from "../../../../mod/cli/commands/help/completion_scripts.ts";
import { HELP_TOPICS } from "../../../../mod/cli/commands/help/help_topics.ts";
import { manualPage } from "../../../../mod/cli/commands/help/manual.ts";
import { cli } from "../../../../mod/cli/mod.ts";
import { buildCli } from "../../../../mod/cli/shell/program.ts";
import {
  COMMANDS,
  HIDDEN_COMMANDS,
  isCommand,
  loadRoutes,
} from "../../../../mod/cli/shell/registry.ts";
import { findProgram } from "../../../support/programs.ts";
import { makeTempDir } from "../../../support/temp_dir.ts";
import { textWorld } from "../../../support/world.ts";
import { itUnless } from "../../../support/unless.ts";

const run = promisify(execFile);

async function podstead(...args: readonly string[]) {
  const world = textWorld();
  const code = await cli(args, world);
  return { code, ...world.written };
}

const words = async (...typed: readonly string[]) =>
  (await podstead("completion", "words", "--", "--socket=/nonexistent", ...typed)).stdout
    .split("\n").filter((line) => line !== "").map((line) => line.split("\t")[0] ?? "");

describe("completion words", () => {
  it("are commands first", async () => {
    assert.deepEqual(await words("unin"), ["uninstall"]);
    assert.deepEqual(await words("kubelet"), ["kubelet-config"]);
    const all = await words("");
    for (const name of ["get", "logs", "install", "version"]) assert.ok(all.includes(name), name);
  });
  it("are a command's options and values, and the global options", async () => {
    assert.ok((await words("install", "--")).includes("--dry-run"));
    assert.ok((await words("install", "--")).includes("--socket"));
    assert.deepEqual(await words("get", "staticpodse"), ["staticpodserverstatus"]);
    assert.deepEqual(await words("help", "tr"), ["troubleshooting"]);
    assert.deepEqual(await words("version", "-o", "j"), ["json"]);
  });
  it("do not mind an agent that is not there, or half a command line", async () => {
    assert.deepEqual(await words("get", "staticpods", "x"), []);
    assert.deepEqual(await words("logs", "-k", "x"), []);
    assert.deepEqual(await words("no-such-command", ""), []);
  });
});

describe("completion", () => {
  for (const shell of SHELLS) {
    it(`prints the script for ${shell}`, async () => {
      const { code, stdout } = await podstead("completion", shell);
      assert.equal(code, 0);
      assert.equal(stdout, completionScript(shell));
      assert.match(stdout, /podstead completion words -- /);
    });
    const program = findProgram(shell);
    itUnless(
      program === undefined && `${shell} is not installed`,
      `has a script that ${shell} can read`,
      async () => {
        await using directory = await makeTempDir("completion");
        const script = join(directory.path, "script");
        await writeFile(script, completionScript(shell));
        await run(program ?? shell, ["-n", script]);
      },
    );
  }
  it("refuses other shells", async () => {
    const { code, stderr } = await podstead("completion", "tcsh");
    assert.equal(code, 64);
    assert.match(stderr, /There is no completion for "tcsh"\n.*bash, zsh, fish/);
  });

  it("completes words with colons in bash, and keeps what bash keeps", async () => {
    await using directory = await makeTempDir("completion");
    const script = join(directory.path, "script");
    await writeFile(script, completionScript("bash"));
    const complete = async (line: string) => {
      const { stdout } = await run("bash", [
        "--norc",
        "-c",
        `
        podstead() { printf 'default/web:web:0123\\tA container\\ndefault/web\\tA pod\\n'; }
        source "$1"
        COMP_LINE=$2 COMP_POINT=\${#2}
        _podstead
        printf '%s\\n' "\${COMPREPLY[@]}"
      `,
        "bash",
        script,
        line,
      ]);
      return stdout.trim().split("\n");
    };
    assert.deepEqual(await complete("podstead logs -k "), ["default/web:web:0123", "default/web"]);
    assert.deepEqual(await complete("podstead logs -k default/web:w"), ["web:0123"]);
    assert.deepEqual(await complete("podstead logs -k nothing"), [""]);
  });
});

const PROGRAM = { buildCli, loadRoutes, isCommand };

describe("manualPage()", () => {
  it("has every command, and no line that roff takes for a macro", async () => {
    const page = await manualPage(PROGRAM);
    for (const name of Object.keys(COMMANDS)) {
      if (HIDDEN_COMMANDS.includes(name)) continue;
      assert.ok(page.includes(`.SS podstead ${name.replaceAll("-", "\\-")}`), name);
    }
    const macros = new Set(
      page.split("\n").filter((line) => /^[.']/.test(line))
        .map((line) => line.split(" ")[0]),
    );
    assert.deepEqual([...macros].sort(), [".B", ".SH", ".SS", ".TH", ".TP", ".fi", ".in", ".nf"]);
  });

  it("is read on a console of 80 columns: what is not filled is no longer, and not indented", async () => {
    const page = await manualPage(PROGRAM);
    const unfilled = page.split(/^\.nf$|^\.fi$/m).filter((_, at) => at % 2 === 1);
    assert.ok(unfilled.length > 20, `${unfilled.length} commands`);
    for (const part of unfilled) {
      const [, indent, ...lines] = part.split("\n");
      assert.equal(indent, ".in 0");
      const shown = lines.map((line) => line.replaceAll("\\-", "-").replaceAll("\\&", ""));
      assert.deepEqual(shown.filter((line) => line.length > 80), []);
    }
  });

  it("has the flags as the help of each command has them, without those of every command", async () => {
    const page = (await manualPage(PROGRAM)).replaceAll("\\-", "-");
    assert.match(page, /^ {6}--tail N +Only the last lines$/m);
    assert.match(page, /^ {2}podstead validate \[PATH\.\.\.\]$/m);
    assert.doesNotMatch(page, /Print help|All subsequent/);
  });
});

describe("help", () => {
  it("lists its topics", async () => {
    const { code, stdout } = await podstead("help");
    assert.equal(code, 0);
    for (const { name } of HELP_TOPICS) assert.match(stdout, new RegExp(`podstead help ${name} `));
  });
  for (const { name } of HELP_TOPICS) {
    it(`explains ${name} in lines that fit a terminal`, async () => {
      const { code, stdout } = await podstead("help", name);
      assert.equal(code, 0);
      assert.ok(stdout.length > 500);
      if (name === "config") return; // a reference with tables
      for (const line of stdout.split("\n")) assert.ok(line.length <= 100, line);
    });
  }
  it("mentions only commands that exist", async () => {
    for (const topic of HELP_TOPICS.filter(({ name }) => name !== "config")) {
      for (const [, command = ""] of (await topic.text()).matchAll(/^ *podstead ([a-z-]+)/gm)) {
        assert.ok(command in COMMANDS, command);
      }
    }
  });
  it("knows what was meant", async () => {
    const { code, stderr } = await podstead("help", "troubleshoting");
    assert.equal(code, 64);
    assert.match(stderr, /Did you mean "podstead help troubleshooting"\?/);
  });
});

describe("kubelet-config", () => {
  it("prints what this config's endpoint needs", async () => {
    await using directory = await makeTempDir("kubelet-config");
    const token = join(directory.path, "token");
    const config = join(directory.path, "config.yaml");
    await writeFile(token, "s3cret\n");
    await writeFile(config, `agent: {manifest: {port: 12345, tokenFile: ${token}}}\n`);
    const { code, stdout } = await podstead("kubelet-config", "--config", config);
    assert.equal(code, 0);
    assert.deepEqual(parse(stdout), {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      staticPodURL: "http://127.0.0.1:12345/manifests",
      staticPodURLHeader: { Authorization: ["Bearer s3cret"] },
      httpCheckFrequency: "1s",
    });
    const flags = await podstead("kubelet-config", "--flags", "--config", config);
    assert.match(flags.stdout, /^--manifest-url=http:\/\/127\.0\.0\.1:12345\/manifests$/m);
  });
  it("says what to do about a token that is not there", async () => {
    await using directory = await makeTempDir("kubelet-config");
    const config = join(directory.path, "config.yaml");
    await writeFile(config, "agent: {manifest: {tokenFile: /nonexistent/token}}\n");
    const { code, stderr } = await podstead("kubelet-config", "--config", config);
    assert.equal(code, 1);
    assert.match(stderr, /Cannot read the token file "\/nonexistent\/token"/);
    assert.match(stderr, /podstead install/);
  });
});

describe("install and uninstall", () => {
  it("say that the source is nothing to install", async () => {
    const { code, stderr } = await podstead("install", "--dry-run");
    assert.equal(code, 1);
    assert.match(stderr, /Cannot install podstead from its source\n.*deno task compile/);
  });
  it("have nothing to take back where nothing was installed", async () => {
    await using directory = await makeTempDir("uninstall");
    const { code, stderr } = await podstead("uninstall", "--root", directory.path);
    assert.equal(code, 0);
    assert.match(stderr, /nothing to take back/);
  });
});
