/**
 * One kind of hostile client, as a process of its own, until SIGTERM; then it prints how many
 * connections it has made:
 *
 *     deno run -A tests/hostile/flood.ts KIND tcp:PORT|unix:PATH
 */
import { connect, type Socket } from "node:net";
import process from "node:process";

const REQUEST = "GET /manifests HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/** What each kind sends on one connection, and how many connections it keeps. */
const KINDS: Readonly<Record<string, readonly [number, (socket: Socket) => void]>> = {
  /** Nobody at all: what the honest alone cost. */
  quiet: [0, () => undefined],
  /** Connections that say nothing. */
  idle: [500, () => undefined],
  /** A request that comes byte by byte and never ends. */
  slowloris: [300, (socket) => {
    socket.write("GET /manifests HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
    const timer = setInterval(() => socket.write("a"), 500);
    socket.once("close", () => clearInterval(timer));
  }],
  /** Many requests at once, whose answers nobody reads. */
  pipelined: [50, (socket) => {
    socket.pause();
    socket.write(REQUEST.repeat(2_000));
  }],
  /** One request, whose answer nobody reads. */
  unread: [300, (socket) => {
    socket.pause();
    socket.write(REQUEST);
  }],
  /** Metrics, as fast as they come. */
  metrics: [20, (socket) => {
    socket.resume();
    socket.write("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  }],
  /** Bytes that are no request. */
  garbage: [50, (socket) => {
    socket.resume();
    socket.write(crypto.getRandomValues(new Uint8Array(4_096)));
  }],
  /** Clients of the admin API. */
  admin: [500, (socket) => {
    socket.resume();
    socket.write("GET /v1/overview HTTP/1.1\r\nHost: podstead\r\n\r\n");
  }],
};

/** New connections of one kind a second: what one stranger can do without a thought. */
const PER_SECOND = 500;

const [kind = "", target = ""] = process.argv.slice(2);
const found = KINDS[kind];
if (found === undefined) throw new Error(`There is no flood "${kind}"`);
const [limit, begin] = found;
let open = 0;
let made = 0;
// How many connections it was, for who asks what each of them costs.
process.once("SIGTERM", () => process.stdout.write(`${made}\n`, () => process.exit(0)));
setInterval(() => {
  for (let index = 0; index < PER_SECOND / 20 && open < limit; index++) {
    const socket = target.startsWith("tcp:")
      ? connect(Number(target.slice(4)), "127.0.0.1")
      : connect(target.slice(5));
    open++;
    socket.on("error", () => socket.destroy());
    socket.once("close", () => open--);
    socket.once("connect", () => {
      made++;
      begin(socket);
    });
  }
}, 50);
