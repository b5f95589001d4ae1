import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { lstat, readdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { PodsteadError } from "../../mod/core/mod.ts";
import { isSocketAlive, listenUnix } from "../../mod/os/mod.ts";
import { makeTempDir, type TempDir } from "../support/temp_dir.ts";

describe("listenUnix()", () => {
  let directory: TempDir;
  beforeEach(async () => {
    directory = await makeTempDir("unix-socket");
  });
  afterEach(() => directory.remove());

  const listen = async (path: string) => {
    const server = createServer();
    await listenUnix(server, { path, mode: 0o660, gid: undefined });
    return server;
  };

  it("makes the directory, and the socket with its mode and nothing beside it", async () => {
    const path = join(directory.path, "run/admin.sock");
    const server = await listen(path);
    assert.equal((await lstat(path)).mode & 0o777, 0o660);
    assert.deepEqual(await readdir(join(directory.path, "run")), ["admin.sock"]);
    assert.equal(await isSocketAlive(path), true);
    server.close();
  });

  it("replaces a stale socket", async () => {
    const path = join(directory.path, "admin.sock");
    (await listen(path)).close();
    assert.equal(await isSocketAlive(path), false);
    const server = await listen(path);
    assert.equal(await isSocketAlive(path), true);
    server.close();
  });

  it("leaves a file alone that is no socket", async () => {
    const path = join(directory.path, "precious.txt");
    await writeFile(path, "precious");
    await assert.rejects(listen(path), /precious\.txt" is there and is no socket/);
    assert.equal(await readFile(path, "utf8"), "precious");
  });

  it("says which socket it cannot make, and the next step", async () => {
    const file = join(directory.path, "file");
    await writeFile(file, "");
    await assert.rejects(listen(join(file, "admin.sock")), (error) => {
      assert.ok(error instanceof PodsteadError);
      assert.match(error.message, /Cannot listen on the socket ".*file\/admin\.sock": /);
      assert.match(error.hint ?? "", /--socket/);
      return true;
    });
  });
});
