/** What ssh and the node's end say becomes words of ours: a program in the place of ssh says it. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { AgentUnreachable, PodsteadError } from "../../../mod/core/mod.ts";
import { formatHello, openLink } from "../../../mod/fleet/link/mod.ts";
import { makeTempDir, type TempDir } from "../../support/temp_dir.ts";

/** What the program says on standard error, and how it ends, for each name of a host. */
const ENDS: Readonly<
  Record<
    string,
    { readonly said: string; readonly code: number; readonly told: RegExp; hint: RegExp }
  >
> = {
  refused: {
    said: "Welcome to edge\nssh: connect to host edge port 22: Connection refused",
    code: 255,
    told: /^Not reachable: ssh: connect to host edge port 22: Connection refused$/,
    hint: /^Try it by hand: "ssh refused podstead version"$/,
  },
  "without-podstead": {
    said: "bash: line 1: podstead: command not found",
    code: 127,
    told: /^Not reachable: it has no podstead in its PATH$/,
    hint: /podstead install/,
  },
  old: {
    said: 'error: There is no command "dial-stdio"\n  See "podstead --help"',
    code: 64,
    told: /^Not reachable: its podstead is too old for -N: it has no dial-stdio$/,
    hint: /Update podstead there/,
  },
  changed: {
    said: "@  WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!  @\n" +
      "Offending key in known_hosts:1\nHost key verification failed.",
    code: 255,
    told: /its host key is not the one that ssh knows/,
    hint: /"ssh changed"/,
  },
  unknown: {
    said: "No ED25519 host key is known for edge and you have requested strict checking.\n" +
      "Host key verification failed.",
    code: 255,
    told: /ssh does not know its host key yet/,
    hint: /Log in once and compare it: "ssh unknown"/,
  },
  password: {
    said: "root@edge: Permission denied (publickey,password).",
    code: 255,
    told: /^Not reachable: root@edge: Permission denied \(publickey,password\)\.$/,
    hint: /log in with a key first/,
  },
  mute: { said: "", code: 3, told: /^Not reachable: ssh ended with 3$/, hint: /by hand/ },
};

describe("openLink()", () => {
  let temp: TempDir;
  const path = process.env.PATH;
  const options = () => ({ limitMs: 60_000, directory: temp.path, number: 1 });

  before(async () => {
    temp = await makeTempDir("ssh");
    for (const [name, { said, code }] of Object.entries(ENDS)) {
      writeFileSync(join(temp.path, `${name}.said`), said === "" ? "" : `${said}\n`);
      writeFileSync(join(temp.path, `${name}.code`), `${code}`);
    }
    const hello = { version: "0.0.1", access: "read" } as const;
    writeFileSync(join(temp.path, "hello"), `motd without end${"\n"}${formatHello(hello)}`);
    // The host is what comes before the command, the last argument.
    const script = [
      "#!/bin/sh",
      'while [ "$1" != -- ]; do shift; done',
      `cd "${temp.path}"`,
      'case "$2" in noisy) cat hello; exec cat >/dev/null ;; esac',
      'cat "$2.said" >&2; exit "$(cat "$2.code")"',
    ];
    writeFileSync(join(temp.path, "ssh"), `${script.join("\n")}\n`);
    chmodSync(join(temp.path, "ssh"), 0o755);
    process.env.PATH = `${temp.path}:${path}`;
  });
  after(async () => {
    process.env.PATH = path;
    await temp.remove();
  });

  for (const [ssh, { told, hint }] of Object.entries(ENDS)) {
    it(`tells of a host that is ${ssh}, with the next step`, async () => {
      await assert.rejects(openLink({ ssh }, options()), (error) => {
        assert.ok(error instanceof AgentUnreachable);
        assert.match(error.message, told);
        assert.match(error.hint ?? "", hint);
        return true;
      });
    });
  }

  it("finds the hello behind what start-up files print", async () => {
    const link = await openLink({ ssh: "noisy" }, options());
    assert.deepEqual(link.hello, { version: "0.0.1", access: "read" });
    link.close();
  });

  it("says that there is no ssh", async () => {
    process.env.PATH = "/nonexistent";
    try {
      await assert.rejects(openLink({ ssh: "x" }, options()), (error) => {
        assert.ok(error instanceof PodsteadError);
        assert.match(error.message, /Cannot run ssh: ENOENT/);
        return true;
      });
    } finally {
      process.env.PATH = `${temp.path}:${path}`;
    }
  });
});
