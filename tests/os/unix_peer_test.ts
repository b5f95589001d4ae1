import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { openUnixPeerFinder } from "../../mod/os/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

describe("openUnixPeerFinder()", () => {
  it("finds the user at the other end", async () => {
    await using directory = await makeTempDir("peer");
    const path = join(directory.path, "s");
    const server = createServer().listen(path);
    await once(server, "listening");
    const client = connect(path);
    const [socket] = await once(server, "connection") as [Socket];
    assert.equal((await openUnixPeerFinder())(socket), process.getuid?.());
    client.destroy();
    server.close();
  });
});
