import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { type CloseReason, type ConnectionLimits, createHttpServer } from "../../mod/http/mod.ts";
import { eventually } from "../support/eventually.ts";

const LIMITS: ConnectionLimits = {
  total: 6,
  forRoot: 2,
  perUser: 3,
  firstRequestMs: 100,
  idleMs: 60_000,
  answerMs: 60_000,
};

type Closed = readonly [CloseReason, number | undefined];

/** A server whose clients have the users of `users`, in the order in which they come. */
async function listening(limits: Partial<ConnectionLimits> = {}) {
  const users: (number | undefined)[] = [];
  const closed: Closed[] = [];
  let asked = 0;
  const release = Promise.withResolvers<void>();
  const server = createHttpServer({
    async fetch(request, { caller }) {
      asked++;
      const { pathname } = new URL(request.url);
      if (pathname === "/trusted") caller?.trust();
      if (pathname === "/slow") {
        caller?.trust();
        await release.promise;
      }
      return new Response("answer");
    },
  }, {
    limits: { ...LIMITS, firstRequestMs: 60_000, ...limits },
    findUser: () => Promise.resolve(users.shift()),
    onClosed: (reason, uid) => void closed.push([reason, uid]),
  });
  server.listener.listen(0, "127.0.0.1");
  await once(server.listener, "listening");
  const address = server.listener.address();
  assert.ok(typeof address === "object" && address !== null);
  const { port } = address;
  const open: Socket[] = [];
  const dial = async (uid: number | undefined, request?: string): Promise<Client> => {
    users.push(uid);
    const socket = connect(port, "127.0.0.1");
    open.push(socket);
    await once(socket, "connect");
    const client = new Client(socket);
    if (request !== undefined) client.send(request);
    // Its turn at the server is over before the next one comes.
    await eventually(() => assert.equal(users.length, 0));
    return client;
  };
  return {
    dial,
    closed,
    server,
    release: () => release.resolve(),
    get asked() {
      return asked;
    },
    async [Symbol.asyncDispose]() {
      release.resolve();
      for (const socket of open) socket.destroy();
      await server.close(0);
    },
  };
}

class Client {
  received = "";
  isClosed = false;
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes) => this.received += bytes);
    socket.on("error", () => {}); // a reset is a close here
    socket.once("close", () => this.isClosed = true);
  }

  send(path: string, times = 1): void {
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`.repeat(times));
  }

  write(text: string): void {
    this.#socket.write(text);
  }

  async answered(): Promise<void> {
    await eventually(() => assert.match(this.received, /answer$/));
  }

  async closed(): Promise<void> {
    await eventually(() => assert.ok(this.isClosed));
  }
}

describe("createHttpServer()", () => {
  it("answers a caller without a right once, and closes", async () => {
    await using node = await listening();
    const stranger = await node.dial(1000, "/");
    await stranger.closed();
    assert.match(stranger.received, /^HTTP\/1\.1 200 .*connection: close.*answer$/is);
    assert.deepEqual(node.closed, []);
  });

  it("keeps the connection of a caller with a right", async () => {
    await using node = await listening();
    const kubelet = await node.dial(0, "/trusted");
    await kubelet.answered();
    // That it stays is the executable's to show: Deno closes it whatever it has said.
    assert.match(kubelet.received, /^connection: keep-alive/im);
  });

  it("closes a connection with a second request before the first is answered", async () => {
    await using node = await listening();
    const flood = await node.dial(1000);
    flood.send("/slow");
    await eventually(() => assert.equal(node.asked, 1));
    flood.send("/slow");
    await flood.closed();
    assert.deepEqual(node.closed, [["pipelined", 1000]]);
    assert.equal(node.asked, 1);
  });

  it("answers none of the requests that come at once", async () => {
    await using node = await listening();
    const flood = await node.dial(1000);
    flood.send("/slow", 100);
    await flood.closed();
    assert.deepEqual(node.closed, [["pipelined", 1000]]);
    assert.equal(node.asked, 0);
  });

  it("closes one whose head has no end", async () => {
    await using node = await listening();
    const flood = await node.dial(1000);
    flood.write("a".repeat(100_000));
    await flood.closed();
    assert.equal(node.asked, 0);
  });

  it("closes one that sends no whole request in time", async () => {
    await using node = await listening({ firstRequestMs: 100 });
    const slow = await node.dial(1000);
    await slow.closed();
    assert.deepEqual(node.closed, [["slow", 1000]]);
  });

  it("gives up the oldest quiet connection of a user who has too many", async () => {
    await using node = await listening();
    const clients = [];
    for (let index = 0; index < 4; index++) clients.push(await node.dial(1000));
    await clients[0]?.closed();
    assert.deepEqual(clients.map(({ isClosed }) => isClosed), [true, false, false, false]);
    assert.deepEqual(node.closed, [["user-limit", 1000]]);
  });

  it("keeps root's places, and a request of root's that is being answered", async () => {
    await using node = await listening();
    const kubelet = await node.dial(0, "/slow");
    const strangers = [];
    for (let uid = 1000; uid < 1010; uid++) strangers.push(await node.dial(uid));
    await eventually(() => assert.equal(node.closed.length, 6));
    assert.deepEqual(node.closed.map(([, uid]) => uid), [1000, 1001, 1002, 1003, 1004, 1005]);
    node.release();
    await kubelet.answered();
  });

  it("counts those whose user cannot be known as one", async () => {
    await using node = await listening();
    for (let index = 0; index < 4; index++) await node.dial(undefined);
    await eventually(() => assert.deepEqual(node.closed, [["user-limit", undefined]]));
  });

  it("takes a newcomer when all places are root's own", async () => {
    await using node = await listening();
    for (let index = 0; index < 7; index++) await node.dial(0);
    await eventually(() => assert.deepEqual(node.closed, [["limit", 0]]));
    const next = await node.dial(0, "/trusted");
    await next.answered();
  });
});
