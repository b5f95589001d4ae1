import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { systemClock } from "../../mod/core/mod.ts";
import {
  absent,
  Compacted,
  connectEtcd,
  deleteKey,
  enableAuth,
  type Etcd,
  follow,
  type Followed,
  present,
  putKey,
  sameModRevision,
} from "../../mod/etcd/mod.ts";
import { convertEtcdError } from "../../mod/etcd/errors.ts";
import { GrpcError } from "../../mod/grpc/mod.ts";
import { KV } from "../../mod/etcd/gen/etcd.ts";
import { TestAuthority, TestEtcd, UNLESS_ETCD } from "../support/etcd.ts";
import { eventually } from "../support/eventually.ts";

const text = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

describe("connectEtcd()", () => {
  it("says which endpoints do not answer, and that pods are not affected", async () => {
    const etcd = connectEtcd({ clock: systemClock, endpoints: ["http://127.0.0.1:1"] });
    await assert.rejects(etcd.read({ key: "a" }), {
      code: "etcd-unavailable",
      message: /^etcd at http:\/\/127\.0\.0\.1:1 does not answer Range: .*ECONNREFUSED/,
      hint: /^Pods are not affected/,
    });
    etcd.close();
  });

  it("refuses https without an authority", () => {
    assert.throws(
      () => connectEtcd({ clock: systemClock, endpoints: ["https://127.0.0.1:1"] }),
      TypeError,
    );
  });
});

describe("convertEtcdError()", () => {
  const CASES: readonly (readonly [number, string, string])[] = [
    [14, "etcdserver: no leader", "etcd-unavailable"],
    // As the server says it whose own deadline strikes first, with the code for unknown.
    [2, "context deadline exceeded", "etcd-unavailable"],
    [2, "etcdserver: request timed out", "etcd-unavailable"],
    [4, "no answer", "etcd-unavailable"],
    [8, "etcdserver: mvcc: database space exceeded", "etcd-unavailable"],
    [7, "etcdserver: permission denied", "permission"],
    [3, "etcdserver: user name is empty", "permission"],
    [3, "etcdserver: duplicate key given in txn request", "failed"],
  ];
  for (const [code, message, wanted] of CASES) {
    it(`takes "${message}" (${code}) for ${wanted}`, () => {
      const error = convertEtcdError(new GrpcError(code, message), "Txn", ["http://a:1"]);
      assert.equal(error.code, wanted);
    });
  }
});

describe("Etcd, on one member", { skip: UNLESS_ETCD }, () => {
  let server: TestEtcd;
  let etcd: Etcd;
  before(async () => {
    server = await TestEtcd.start();
    etcd = server.connect();
  });
  after(() => server.close());

  it("writes, reads and deletes keys by prefix", async () => {
    await etcd.txn([], [putKey("/p/a", "1"), putKey("/p/b", "2"), putKey("/q", "3")]);
    const { keys, revision, clusterId } = await etcd.read({ prefix: "/p/" });
    assert.deepEqual(keys.map(({ key, value }) => [key, text(value)]), [["/p/a", "1"], [
      "/p/b",
      "2",
    ]]);
    assert.ok(revision > 0n && clusterId > 0n);
    await etcd.txn([], [deleteKey({ prefix: "/p/" })]);
    assert.deepEqual((await etcd.read({ prefix: "/p/" })).keys, []);
  });

  it("fences: a transaction whose key was written since does nothing, and tells what is there", async () => {
    assert.equal((await etcd.txn([absent("/f")], [putKey("/f", "first")])).succeeded, true);
    assert.equal((await etcd.txn([absent("/f")], [putKey("/f", "second")])).succeeded, false);
    const [found] = (await etcd.read({ key: "/f" })).keys;
    const fence = [sameModRevision("/f", found?.modRevision ?? 0n), present("/f")];
    assert.equal((await etcd.txn(fence, [putKey("/f", "third")])).succeeded, true);
    const refused = await etcd.txn(fence, [putKey("/f", "fourth")], [{ key: "/f" }]);
    assert.equal(refused.succeeded, false);
    assert.deepEqual(refused.current.map(({ value }) => text(value)), ["third"]);
  });

  it("watches from a revision on, over a call that was closed on this side", async () => {
    const { revision } = await etcd.read({ key: "/w" });
    await etcd.txn([], [putKey("/w/1", "a")]);
    const stop = new AbortController();
    const seen: string[] = [];
    const watching = (async () => {
      for await (const { events } of etcd.watch({ prefix: "/w/" }, revision + 1n, stop.signal)) {
        seen.push(...events.map(({ key, state }) => `${key}=${text(state?.value) ?? "gone"}`));
      }
    })();
    await eventually(() => assert.deepEqual(seen, ["/w/1=a"]));
    await etcd.txn([], [putKey("/w/2", "b")]);
    await etcd.txn([], [deleteKey({ key: "/w/1" })]);
    await eventually(() => assert.deepEqual(seen, ["/w/1=a", "/w/2=b", "/w/1=gone"]));
    stop.abort();
    await assert.rejects(watching, { name: "AbortError" });
  });

  it("says where to begin again if the history was compacted", async () => {
    const { revision } = await etcd.txn([], [putKey("/c", "1")]);
    const latest = await etcd.txn([], [putKey("/c", "2")]);
    await etcd.call(KV.method.compact, { revision: latest.revision, physical: true });
    const watch = etcd.watch({ key: "/c" }, revision, new AbortController().signal);
    await assert.rejects(
      async () => {
        for await (const batch of watch) assert.fail(String(batch.revision));
      },
      (error) => error instanceof Compacted && error.revision === latest.revision,
    );
  });

  it("keeps a lease alive by one-shot calls, and ends its keys with it", async () => {
    const lease = await etcd.grantLease(60);
    await etcd.txn([], [putKey("/l", "here", lease)]);
    assert.equal(await etcd.keepAlive(lease), true);
    assert.equal((await etcd.read({ key: "/l" })).keys[0]?.lease, lease);
    await etcd.revokeLease(lease);
    assert.equal(await etcd.keepAlive(lease), false);
    assert.deepEqual((await etcd.read({ key: "/l" })).keys, []);
  });

  it("says what it is", async () => {
    const { version, hasLeader, errors, dbSizeBytes } = await etcd.status();
    assert.match(version, /^3\./);
    assert.equal(hasLeader, true);
    assert.deepEqual(errors, []);
    assert.ok(dbSizeBytes > 0);
  });
});

describe("Etcd, whose database is full", { skip: UNLESS_ETCD }, () => {
  it("says so, and still answers reads", async () => {
    await using server = await TestEtcd.start({ args: ["--quota-backend-bytes", "400000"] });
    const etcd = server.connect();
    const write = async () => {
      for (let at = 0;; at++) await etcd.txn([], [putKey(`/full/${at}`, "x".repeat(100_000))]);
    };
    await assert.rejects(write(), {
      code: "etcd-unavailable",
      message: /takes no writes: its database is full/,
      hint: /alarm disarm/,
    });
    assert.ok((await etcd.read({ prefix: "/full/" })).keys.length > 0);
    assert.match((await etcd.status()).errors.join(), /NOSPACE/);
  });
});

describe("follow(), on three members", { skip: UNLESS_ETCD }, () => {
  let server: TestEtcd;
  before(async () => void (server = await TestEtcd.start({ size: 3 })));
  after(() => server.close());

  it("goes to another member, through a loss of the quorum, and lists again", async () => {
    const etcd = server.connect({ timeoutMs: 2000 });
    const writer = server.connect({ timeoutMs: 2000 });
    const write = (value: string) =>
      eventually(async () => void await writer.txn([], [putKey("/k", value)]));
    await write("1");
    const stop = new AbortController();
    const seen: Followed[] = [];
    const options = { clock: systemClock, signal: stop.signal, random: () => 0 };
    const following = (async () => {
      for await (const one of follow(etcd, { prefix: "/k" }, options)) seen.push(one);
    })();
    const latest = () => {
      const found = seen.flatMap((one) =>
        one.kind === "list"
          ? one.snapshot.keys.map(({ value }) => text(value))
          : one.kind === "events"
          ? one.events.map(({ state }) => text(state?.value))
          : []
      );
      return found.at(-1);
    };
    const sees = (value: string) => eventually(() => assert.equal(latest(), value));
    await sees("1");

    await server.members[0]?.kill();
    await write("2");
    await sees("2");
    assert.ok(seen.some(({ kind }) => kind === "lost"));

    await server.members[1]?.kill();
    const losses = () => seen.filter(({ kind }) => kind === "lost").length;
    const before = losses();
    server.members[2]?.pause(); // neither leader nor answers: as a machine that hangs
    await assert.rejects(writer.txn([], [putKey("/k", "never")]), { code: "etcd-unavailable" });
    server.members[2]?.resume();
    server.members[0]?.start();
    server.members[1]?.start();
    await write("3");
    await sees("3");
    assert.ok(losses() >= before);
    stop.abort();
    await following;
  });
});

describe("Etcd, with certificates", { skip: UNLESS_ETCD }, () => {
  let server: TestEtcd;
  before(async () => void (server = await TestEtcd.start({ tls: true })));
  after(() => server.close());

  it("lets the common name of a certificate do what its role may, and nothing else", async () => {
    const { authority } = server;
    assert.ok(authority);
    const root = server.connect({ identity: await authority.issue("root") });
    const setup = {
      roles: [{ name: "web", rights: [{ prefix: "/web/", access: "readwrite" as const }] }],
      users: [{ name: "node-1", roles: ["web"] }],
    };
    await enableAuth(root, setup);
    await enableAuth(root, setup); // again: nothing to do
    const node = server.connect({ identity: await authority.issue("node-1") });
    await node.txn([], [putKey("/web/a", "1")]);
    assert.equal((await node.read({ prefix: "/web/" })).keys.length, 1);
    await assert.rejects(node.read({ prefix: "/other/" }), {
      code: "permission",
      message: /^etcd refuses Range: .*permission denied/,
    });
    const stranger = server.connect({ identity: await authority.issue("stranger") });
    await assert.rejects(stranger.read({ key: "/web/a" }), { code: "permission" });
  });

  it("says so if the certificates do not fit", async () => {
    const other = await TestAuthority.make();
    const stranger = { ca: other.cert, ...await other.issue("node-1") };
    const etcd = connectEtcd({
      clock: systemClock,
      endpoints: server.endpoints,
      certificates: () => stranger,
    });
    await assert.rejects(etcd.read({ key: "a" }), {
      code: "permission",
      message: /do not trust each other/,
    });
    etcd.close();
  });
});
