import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { encodeMessage, GrpcClient, tlsTarget } from "../../mod/grpc/mod.ts";
import { Watch } from "../../mod/etcd/gen/etcd.ts";
import { bytesOf } from "../../mod/etcd/keys.ts";
import { TestEtcd, UNLESS_ETCD } from "../support/etcd.ts";

/** Short, as the peer of the test answers never. */
const PING_MS = 300;

describe("GrpcClient.ping()", { skip: UNLESS_ETCD }, () => {
  let server: TestEtcd;
  before(async () => void (server = await TestEtcd.start({ tls: true })));
  after(() => server.close());

  it("ends the calls on a connection whose peer hangs, and leaves others alone", async () => {
    const { hostname, port } = new URL(server.endpoints[0] ?? "");
    const { authority } = server;
    assert.ok(authority);
    const own = { ca: authority.cert, ...await authority.issue("pinger") };
    const client = new GrpcClient(
      tlsTarget({ host: hostname, port: Number(port), certificates: () => own }),
    );
    const createRequest = { key: bytesOf("a") };
    const stream = client.stream({
      path: "/etcdserverpb.Watch/Watch",
      message: encodeMessage(Watch.method.watch.input, { createRequest }),
      timeoutMs: undefined,
    })[Symbol.asyncIterator]();
    assert.equal((await stream.next()).done, false);
    await client.ping(60_000); // answered, however slow the machine is
    const next = stream.next();
    server.members[0]?.pause();
    try {
      let isOver = false;
      const failing = assert.rejects(next, {
        name: "GrpcError",
        message: "The peer answers no PING",
      }).finally(() => isOver = true);
      // It may answer once more before it stops.
      while (!isOver) await client.ping(PING_MS);
      await failing;
    } finally {
      server.members[0]?.resume();
      client.close();
    }
  });
});
