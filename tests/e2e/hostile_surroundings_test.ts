/** That nothing in the current directory or the environment changes what podstead runs. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { COMMANDS } from "../../mod/cli/shell/registry.ts";
import { eventually } from "../support/eventually.ts";
import { freePort, podsteadCommand } from "../support/node.ts";
import { listen } from "../support/kubelet/api.ts";
import { createCertificate } from "../support/kubelet/mod.ts";
import { RunningCommand } from "../support/running_command.ts";
import { makeTempDir } from "../support/temp_dir.ts";

/** Each way in is the compiled executable's; from source it is the user who calls Deno there. */
const skip = process.env.PODSTEAD_E2E === "deno";
const suite = `podstead in hostile surroundings${skip ? " (skipped: not compiled)" : ""}`;

/** Writes what a runtime might load by itself; each file leaves `RAN` when its code runs. */
function plant(directory: string): { readonly ran: string } {
  const ran = join(directory, "RAN");
  const code = `require("node:fs").writeFileSync(${JSON.stringify(ran)}, "");`;
  const planted = {
    "evil.cjs": code,
    "evil.ts": code,
    "bunfig.toml": 'preload = ["./evil.ts"]\n[run]\npreload = ["./evil.ts"]\n',
    ".env": ENVIRONMENT,
    ".env.local": ENVIRONMENT,
    ".env.production": ENVIRONMENT,
    "tsconfig.json": '{"compilerOptions": {"paths": {"node:*": ["./evil.ts"], "*": ["./evil"]}}}',
    "package.json": '{"imports": {"#*": "./evil.ts"}, "main": "evil.ts", "type": "module"}',
    "main.ts": code,
  };
  for (const [name, content] of Object.entries(planted)) {
    writeFileSync(join(directory, name), content);
  }
  for (const name of ["hono", "yaml", "valibot", "@stricli/core"]) {
    mkdirSync(join(directory, "node_modules", name), { recursive: true });
    writeFileSync(join(directory, "node_modules", name, "index.js"), code);
  }
  return { ran };
}

const ENVIRONMENT = `PODSTEAD_SOCKET=/planted.sock
PODSTEAD_CONFIG=/planted.yaml
NODE_TLS_REJECT_UNAUTHORIZED=0
BUN_OPTIONS=--preload=./evil.ts
`;

/** Starts podstead in the directory; the environment is the given one alone. */
function start(
  directory: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCommand {
  const [command, ...prefix] = podsteadCommand();
  return new RunningCommand(
    spawn(command, [...prefix, ...args], {
      cwd: directory,
      env: { PATH: "/usr/bin:/bin", NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

describe(suite, { skip }, () => {
  it("runs no planted file, whatever the command", async () => {
    await using temporary = await makeTempDir("hostile");
    const { ran } = plant(temporary.path);
    for (const command of Object.keys(COMMANDS)) {
      const help = start(temporary.path, [command, "--help"]);
      assert.equal(await help.ended, 0, `${command}: ${help.stderr}`);
    }
    const words = start(temporary.path, ["completion", "words", "--", "ver"]);
    await words.ended;
    assert.match(words.stdout, /^version\t/m);
    assert.equal(existsSync(ran), false);
  });

  it("runs no planted program or file in what the commands themselves do", async () => {
    await using temporary = await makeTempDir("hostile");
    const { ran } = plant(temporary.path);
    for (const name of ["ssh", "sh", "systemctl", "journalctl", "less", "vi", "containerd", "ss"]) {
      const program = join(temporary.path, name);
      writeFileSync(program, `#!/bin/sh\necho ${name} >>${ran}\n`, { mode: 0o755 });
    }
    const socket = ["--socket", join(temporary.path, "admin.sock")];
    const lines = [
      ["top", ...socket],
      ["-N", "nobody@127.0.0.1", "get", "staticpods"],
      ["nodes", "check", "-N", "nobody@127.0.0.1"],
      ["credential-provider"],
      ["support", ...socket, "-o", join(temporary.path, "archive.tar.gz")],
      ["doctor", ...socket],
      ["services", ...socket],
      ["logs", "kubelet", ...socket],
      ["kubelet-config"],
      ["validate", "package.json"],
      ["dial-stdio", ...socket],
    ];
    for (const line of lines) {
      const command = start(temporary.path, line);
      const code = await command.ended;
      assert.ok(typeof code === "number" && code < 128, `${line.join(" ")}: ${command.stderr}`);
      assert.equal(existsSync(ran), false, line.join(" "));
    }
    const ui = start(temporary.path, ["ui", ...socket]);
    await eventually(() => assert.match(ui.stdout + ui.stderr, /http:|error:/));
    ui.stop();
    await ui.ended;
    assert.equal(existsSync(ran), false, "ui");
  });

  it("takes no setting from a planted .env", async () => {
    await using temporary = await makeTempDir("hostile");
    plant(temporary.path);
    const get = start(temporary.path, ["get", "staticpods"]);
    assert.equal(await get.ended, 69, get.stderr);
    assert.doesNotMatch(get.stderr, /planted/);
  });

  it("serves its own config, with no planted file run", async () => {
    await using temporary = await makeTempDir("hostile");
    const { ran } = plant(temporary.path);
    const port = await freePort();
    const config = join(temporary.path, "config.yaml");
    writeFileSync(
      config,
      `agent:\n  manifest: {port: ${port}}\n  stateDir: ${temporary.path}/state\n` +
        `  admin: {socket: ${temporary.path}/admin.sock}\n`,
    );
    const agent = start(temporary.path, ["serve", "--config", config]);
    try {
      await eventually(async () => {
        const answer = await fetch(`http://127.0.0.1:${port}/manifests`);
        assert.equal(answer.status, 200, agent.stderr + await answer.text());
      });
      assert.equal(existsSync(ran), false);
    } finally {
      agent.stop();
      await agent.ended;
    }
  });

  it("trusts no unknown kubelet, whatever the environment says", async () => {
    await using temporary = await makeTempDir("hostile");
    const { certificate, key } = createCertificate({ commonName: "impostor" });
    const impostor = await listen({ tls: { certificate, key } }, () => ({ body: "{}" }));
    const config = join(temporary.path, "config.yaml");
    writeFileSync(
      config,
      `agent: {kubelet: {endpoint: "https://127.0.0.1:${impostor.port}"}}\n`,
    );
    const doctor = start(temporary.path, ["doctor", "--config", config], {
      NODE_TLS_REJECT_UNAUTHORIZED: "0",
    });
    await doctor.ended;
    assert.match(doctor.stdout + doctor.stderr, /comes from no authority that this node trusts/);
    await impostor.close();
  });

  it("shows the token to no proxy that the environment names", async () => {
    await using temporary = await makeTempDir("hostile");
    const asked: string[] = [];
    const proxy = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (bytes) => {
        asked.push(bytes.toString("latin1"));
        socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
      });
    });
    const port = await freePort();
    proxy.listen(port, "127.0.0.1");
    await once(proxy, "listening");
    const address = `http://127.0.0.1:${port}`;
    const config = join(temporary.path, "config.yaml");
    const token = join(temporary.path, "token");
    writeFileSync(token, "t0ken-of-this-node\n", { mode: 0o600 });
    writeFileSync(
      config,
      `agent:\n  manifest: {port: ${await freePort()}, tokenFile: ${token}}\n` +
        `  kubelet: {endpoint: "http://127.0.0.1:${await freePort()}", tokenFile: ${token}}\n` +
        `  admin: {socket: ${temporary.path}/admin.sock}\n`,
    );
    const names = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];
    const env = Object.fromEntries(
      names.flatMap((name) => [[name, address], [name.toLowerCase(), address]]),
    );
    const doctor = start(temporary.path, ["doctor", "--config", config], env);
    await doctor.ended;
    assert.match(doctor.stdout, /endpoint .*connection refused/, doctor.stdout + doctor.stderr);
    for (const args of [["uninstall", "--dry-run"], ["get", "staticpods"], []]) {
      await start(temporary.path, [...args, "--config", config], env).ended;
    }
    assert.deepEqual(asked, []);
    proxy.close();
  });

  for (
    const [name, value] of [
      ["BUN_BE_BUN", "1"],
      ["BUN_OPTIONS", "--preload=./evil.ts"],
      ["BUN_INSPECT", "ws://127.0.0.1:1/x?wait=1"],
      ["BUN_INSPECT_PRELOAD", "./evil.ts"],
      ["BUN_INSPECT_CONNECT_TO", "ws://127.0.0.1:1/"],
      ["NODE_OPTIONS", "--require=./evil.cjs"],
      ["NODE_PATH", "./node_modules"],
      ["XDG_CONFIG_HOME", "."],
      ["HOME", "."],
      ["HTTP_PROXY", "http://127.0.0.1:1"],
      ["NODE_TLS_REJECT_UNAUTHORIZED", "0"],
    ] as const
  ) {
    it(`does the same with ${name}=${value}`, async () => {
      await using temporary = await makeTempDir("hostile");
      const { ran } = plant(temporary.path);
      const version = start(temporary.path, ["version"], { [name]: value });
      assert.equal(await version.ended, 0, version.stderr);
      assert.match(version.stdout, /^podstead /);
      assert.equal(version.stderr, "");
      assert.equal(existsSync(ran), false);
    });
  }
});
