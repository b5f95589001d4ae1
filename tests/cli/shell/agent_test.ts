import { once } from "node:events";
import { createServer } from "node:http";
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { socketPath } from "../../../mod/cli/shell/agent.ts";
import { buildCli } from "../../../mod/cli/shell/program.ts";
import { isCommand, loadRoutes } from "../../../mod/cli/shell/registry.ts";
import { directPrinter } from "../../../mod/cli/shell/direct_printer.ts";
import type { CliContext } from "../../../mod/cli/shell/context.ts";
import { ConfigError } from "../../../mod/core/mod.ts";
import { makeTempDir } from "../../support/temp_dir.ts";
import { type TextWorld, textWorld } from "../../support/world.ts";

/** The context of a command with `--config` and nothing else. */
function contextOf(config: string, world: TextWorld): CliContext {
  const { stdout, stderr } = world;
  const globals = { config, socket: undefined, color: "never", nodes: undefined } as const;
  return {
    process: { stdout, stderr },
    world,
    globals,
    print: directPrinter({ world, globals }),
    namespace: undefined,
    program: { buildCli, loadRoutes, isCommand },
  };
}

describe("socketPath()", () => {
  it("finds the agent beside a config that cannot be used, and says so in one line", async () => {
    await using files = await brokenConfig({ withSocket: true });
    const world = textWorld();
    const context = contextOf(files.config, world);
    const { defaultSocket } = files;
    assert.equal(await socketPath(context, { reads: true, defaultSocket }), defaultSocket);
    assert.equal(
      world.written.stderr,
      `warning: Cannot use the config "${files.config}"; asking the agent at "${defaultSocket}"\n`,
    );
  });

  it("fails where no agent is there either", async () => {
    await using files = await brokenConfig({ withSocket: false });
    const world = textWorld();
    await assert.rejects(
      socketPath(contextOf(files.config, world), { reads: true, ...files }),
      ConfigError,
    );
    assert.equal(world.written.stderr, "");
  });

  it("never takes another agent for the one that was meant to change something", async () => {
    await using files = await brokenConfig({ withSocket: true });
    await assert.rejects(
      socketPath(contextOf(files.config, textWorld()), { reads: false, ...files }),
      ConfigError,
    );
  });

  it("asks the agent that runs with that very config, though it is broken now", async () => {
    await using files = await brokenConfig({ withSocket: false });
    const info = { pid: 1, version: "0", configPath: files.config, startedAt: "", manifestUrl: "" };
    const server = createServer((_request, response) => response.end(JSON.stringify(info)));
    server.listen(files.defaultSocket);
    await once(server, "listening");
    try {
      const { defaultSocket, config } = files;
      const options = { reads: false, defaultSocket };
      assert.equal(await socketPath(contextOf(config, textWorld()), options), defaultSocket);
      info.configPath = "/another/config.yaml";
      await assert.rejects(socketPath(contextOf(config, textWorld()), options), ConfigError);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it("takes the socket of a config that can be used", async () => {
    await using files = await brokenConfig({ withSocket: true });
    await writeFile(
      files.config,
      "agent: {admin: {socket: /run/other.sock}}\nmachine: {pods: []}\n",
    );
    const world = textWorld();
    const found = await socketPath(contextOf(files.config, world), { reads: true, ...files });
    assert.equal(found, "/run/other.sock");
    assert.equal(world.written.stderr, "");
  });
});

async function brokenConfig({ withSocket }: { readonly withSocket: boolean }) {
  const dir = await makeTempDir("agent");
  const config = join(dir.path, "config.yaml");
  const defaultSocket = join(dir.path, "admin.sock");
  await writeFile(config, "agent: {nope: 1}\n");
  if (withSocket) await writeFile(defaultSocket, "");
  return { config, defaultSocket, [Symbol.asyncDispose]: () => dir.remove() };
}
