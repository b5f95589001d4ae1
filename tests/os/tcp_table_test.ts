import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import process from "node:process";
import {
  createPeerFinder,
  readTcpTable,
  type TcpEnd,
  tcpListener,
  tcpOwners,
} from "../../mod/os/mod.ts";

/** Rows as Linux 6 writes them. */
const TABLE =
  `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2815 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 8123 1 0000000000000000 100 0 0 10 0
   1: 0100007F:9C40 0100007F:2815 01 00000000:00000000 00:00000000 00000000  1000        0 9001 1 0000000000000000 20 4 30 10 -1
   2: 0100007F:9C41 0100007F:2815 06 00000000:00000000 03:00000B00 00000000     0        0 0 3 0000000000000000
   3: 0100007F:9C42 0100007F:2815 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 30 10 -1
   4: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000   101        0 8200 1 0000000000000000 100 0 0 10 0

   0: 0000000000000000FFFF00000100007F:9C43 0000000000000000FFFF00000100007F:2815 01 00000000:00000000 00:00000000 00000000  1001        0 9002 1 0000000000000000 20 4 30 10 -1
   1: 00000000000000000000000001000000:9C44 00000000000000000000000001000000:2815 01 00000000:00000000 00:00000000 00000000  1002        0 9003 1 0000000000000000 20 4 30 10 -1
   2: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000    33        0 8300 1 0000000000000000 100 0 0 10 0
`;
const SERVER = { address: "127.0.0.1", port: 10261 };

function tcpOwner(table: string, client: TcpEnd, server: TcpEnd): number | undefined {
  return tcpOwners(table, [{ client, server }])[0];
}

describe("tcpOwners()", () => {
  it("is the user of the client's end", () => {
    assert.equal(tcpOwner(TABLE, { address: "127.0.0.1", port: 40000 }, SERVER), 1000);
  });

  it("finds a client with an IPv6 socket, and one on IPv6", () => {
    assert.equal(tcpOwner(TABLE, { address: "127.0.0.1", port: 40003 }, SERVER), 1001);
    assert.equal(tcpOwner(TABLE, { address: "::ffff:127.0.0.1", port: 40003 }, SERVER), 1001);
    const six = { address: "::1", port: 10261 };
    assert.equal(tcpOwner(TABLE, { address: "::1", port: 40004 }, six), 1002);
  });

  it("takes no socket for root's that no process has any more", () => {
    assert.equal(tcpOwner(TABLE, { address: "127.0.0.1", port: 40001 }, SERVER), undefined);
    assert.equal(tcpOwner(TABLE, { address: "127.0.0.1", port: 40002 }, SERVER), undefined);
  });

  it("is unknown for what is not in the table", () => {
    assert.equal(tcpOwner(TABLE, { address: "127.0.0.1", port: 40009 }, SERVER), undefined);
    assert.equal(tcpOwner(TABLE, { address: "nonsense", port: 40000 }, SERVER), undefined);
    assert.equal(tcpOwner("", { address: "127.0.0.1", port: 40000 }, SERVER), undefined);
  });
});

describe("tcpOwners() of a table that strangers have filled", () => {
  /** What 60,000 connections leave behind for a minute: 9 MB of rows, none of which is open. */
  const ended = Array.from(
    { length: 60_000 },
    (_, index) =>
      `${String(index).padStart(4)}: 0100007F:2815 0100007F:${
        (index + 1024).toString(16).toUpperCase().padStart(4, "0")
      } 06 00000000:00000000 03:00000B00 00000000     0        0 0 3 0000000000000000\n`,
  ).join("");
  const flooded = TABLE.replace(/^(.*\n)/, (head) => head + ended);

  it("finds all who ask at once, in their order", () => {
    const ports = [40003, 40009, 40000, 40001];
    const questions = ports.map((port) => ({
      client: { address: "127.0.0.1", port },
      server: SERVER,
    }));
    assert.deepEqual(tcpOwners(flooded, questions), [1001, undefined, 1000, undefined]);
  });

  it("costs no more for hundreds who ask than for two", () => {
    const costOf = (count: number) => {
      const questions = Array.from({ length: count }, (_, index) => ({
        client: { address: "127.0.0.1", port: 2_000 + index },
        server: SERVER,
      }));
      const before = process.cpuUsage();
      assert.ok(tcpOwners(flooded, questions).every((uid) => uid === undefined));
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    costOf(2); // what is compiled now is not counted
    const costs = (count: number) => Math.min(...[0, 1, 2].map(() => costOf(count)));
    const few = costs(2);
    const many = costs(500);
    // Row by row for each question it was two hundred times as much.
    assert.ok(many < 10 * few, `${many} µs for 500, ${few} µs for two`);
  });
});

describe("tcpListener()", () => {
  it("finds who listens on the address, or on all of them", () => {
    assert.deepEqual(tcpListener(TABLE, SERVER), { uid: 998, inode: "8123" });
    assert.equal(tcpListener(TABLE, { address: "127.0.0.1", port: 8080 })?.uid, 101);
    assert.equal(tcpListener(TABLE, { address: "127.0.0.1", port: 80 })?.uid, 33);
    assert.equal(tcpListener(TABLE, { address: "127.0.0.1", port: 81 }), undefined);
  });
});

describe("createPeerFinder()", () => {
  it("finds this process's own user on a real connection", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    assert.ok(typeof address === "object" && address !== null);
    const client = connect(address.port, "127.0.0.1");
    await once(client, "connect");
    const mine = { address: "127.0.0.1", port: client.localPort ?? 0 };
    const theirs = { address: "127.0.0.1", port: address.port };
    assert.equal(await createPeerFinder()(mine, theirs), process.getuid?.());
    assert.equal(tcpListener(await readTcpTable(), theirs)?.uid, process.getuid?.());
    client.destroy();
    server.close();
  });

  it("reads the table once for all who ask meanwhile", async () => {
    let reads = 0;
    const first = Promise.withResolvers<string>();
    const find = createPeerFinder({
      read: () => reads++ === 0 ? first.promise : Promise.resolve(TABLE),
      now: () => 0,
    });
    const client = { address: "127.0.0.1", port: 40000 };
    const early = find(client, SERVER);
    const late = [find(client, SERVER), find(client, SERVER), find(client, SERVER)];
    first.resolve("");
    assert.equal(await early, undefined);
    assert.deepEqual(await Promise.all(late), [1000, 1000, 1000]);
    assert.equal(reads, 2);
  });
});
