import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createServer, type Server } from "node:net";
import { PassThrough } from "node:stream";
import { join } from "node:path";
import { request } from "node:http";
import fc from "fast-check";
import { encodeFrame, FrameReader, MAX_PAYLOAD_BYTES } from "../../../mod/fleet/link/frame.ts";
import { findHello, formatHello } from "../../../mod/fleet/link/hello.ts";
import { AGENT_TARGET, dialStdio } from "../../../mod/fleet/link/mod.ts";
import { olderNode, readingEnd, runHere, runTarget } from "../../../mod/fleet/link/run.ts";
import { Mux } from "../../../mod/fleet/link/mux.ts";
import { makeTempDir } from "../../support/temp_dir.ts";

describe("FrameReader", () => {
  const frame = fc.record({
    kind: fc.constantFrom("open" as const, "data" as const, "end" as const, "reset" as const),
    channel: fc.integer({ min: 0, max: 0xffffffff }),
    payload: fc.uint8Array({ maxLength: 300 }),
  });
  it("puts frames together from chunks of any size", () => {
    fc.assert(fc.property(fc.array(frame), fc.integer({ min: 1, max: 50 }), (frames, size) => {
      const bytes = Buffer.concat(
        frames.map(({ kind, channel, payload }) => encodeFrame(kind, channel, payload)),
      );
      const reader = new FrameReader();
      const read = [];
      for (let at = 0; at < bytes.length; at += size) {
        read.push(...reader.push(bytes.subarray(at, at + size)));
      }
      assert.deepEqual(
        read.map(({ payload, ...rest }) => ({ ...rest, payload: [...payload] })),
        frames.map(({ payload, ...rest }) => ({ ...rest, payload: [...payload] })),
      );
    }));
  });
  it("refuses what is not a frame, and one that is too large", () => {
    assert.throws(() => new FrameReader().push(Buffer.from("Welcome to this node!")), /foreign/);
    const large = encodeFrame("data", 1);
    large.writeUInt32BE(MAX_PAYLOAD_BYTES + 1, 5);
    assert.throws(() => new FrameReader().push(large), /foreign data/);
  });
});

describe("findHello()", () => {
  const line = formatHello({ version: "0.1.0", access: "admin" });
  it("finds the line after what shell start-up files print", () => {
    const found = findHello(`Welcome!\nLast login\n${line}rest`);
    assert.deepEqual(found?.hello, { version: "0.1.0", access: "admin" });
    assert.equal(found?.end, "Welcome!\nLast login\n".length + line.length);
  });
  it("waits for the whole line", () => {
    assert.equal(findHello(line.slice(0, -1)), undefined);
    assert.equal(findHello("Welcome!\n"), undefined);
  });
});

/** A link whose two ends are in this process, to a server on a socket. */
async function linked(server: Server) {
  const directory = await makeTempDir("link");
  const agent = join(directory.path, "agent.sock");
  await new Promise<void>((resolve) => server.listen(agent, resolve));
  const [there, back] = [new PassThrough(), new PassThrough()];
  const ended = dialStdio({
    input: there,
    output: back,
    sockets: [{ path: agent, access: "admin" }],
    version: "0.1.0",
  });
  const mux = new Mux({ output: there });
  let greeted = false;
  back.on("data", (chunk: Buffer) => {
    if (greeted) return mux.receive(chunk);
    greeted = true;
    const { hello, end } = findHello(chunk.toString("latin1")) ?? { hello: undefined, end: 0 };
    assert.equal(hello?.access, "admin");
    if (end < chunk.length) mux.receive(chunk.subarray(end));
  });
  const local = createServer(
    { allowHalfOpen: true },
    (socket) => mux.open(AGENT_TARGET, socket),
  );
  const path = join(directory.path, "local.sock");
  await new Promise<void>((resolve) => local.listen(path, resolve));
  return {
    path,
    async close() {
      local.close();
      there.end();
      await ended;
      mux.close();
      server.close();
      await directory.remove();
    },
  };
}

function get(socketPath: string, path: string, slow = false): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        if (!slow) return;
        response.pause();
        setImmediate(() => response.resume());
      });
      response.once("end", () => resolve(Buffer.concat(chunks)));
      response.once("error", reject);
    }).once("error", reject).end();
  });
}

describe("a link", () => {
  it("carries requests at the same time, large answers too, each whole", async () => {
    const { createServer: createHttp } = await import("node:http");
    const large = Buffer.alloc(3_000_000, "0123456789");
    const link = await linked(createHttp((incoming, response) => {
      response.end(incoming.url === "/large" ? large : incoming.url);
    }));
    const answers = await Promise.all([
      get(link.path, "/large", true),
      ...Array.from({ length: 20 }, (_, at) => get(link.path, `/${at}`)),
    ]);
    assert.ok(answers[0]?.equals(large));
    assert.deepEqual(answers.slice(1).map(String), Array.from({ length: 20 }, (_, at) => `/${at}`));
    await link.close();
  });
  it("breaks a connection off where the node's does", async () => {
    const link = await linked(createServer((socket) => {
      socket.once("data", () => socket.destroy());
    }));
    await assert.rejects(get(link.path, "/"));
    await link.close();
  });
});

describe("runHere()", () => {
  for (
    const target of [
      AGENT_TARGET,
      "run:",
      "run:[]",
      'run:{"args":["apply","-f","x"]}',
      'run:{"args":["install"]}',
      'run:{"args":["support"]}',
      'run:{"args":["support","-o","/etc/podstead/config.yaml"]}',
      'run:{"args":["support","-o","-","-o","/tmp/x"]}',
      'run:{"args":["support","-o - --timeout=1ms"]}',
      'run:{"args":["support","-o","-","--timeout=1ms -o x"]}',
      'run:{"args":["fleet","rollout","abort"]}',
      'run:{"args":["fleet"]}',
      'run:{"args":["services",1]}',
      'run:{"args":"services"}',
    ]
  ) {
    it(`runs nothing for ${target}`, () => assert.equal(runHere(target, "/none"), undefined));
  }
});

describe("readingEnd()", () => {
  it("gives what came, and the reason where it broke off", async () => {
    const { socket, output } = readingEnd();
    socket.write(Buffer.from("some"));
    socket.destroy(new Error("No journal here"));
    await assert.rejects(Array.fromAsync(output), /No journal here/);
    const older = readingEnd((why) => olderNode(why, "0.0.9"));
    // What a node said that knew of no commands.
    older.socket.destroy(new Error(`There is no "${runTarget(["doctor", "-o", "json"])}" here`));
    await assert.rejects(Array.fromAsync(older.output), {
      message: 'podstead 0.0.9 there cannot do "doctor" for others: update it',
    });
    const whole = readingEnd();
    whole.socket.end(Buffer.from("all"));
    assert.equal(Buffer.concat(await Array.fromAsync(whole.output)).toString(), "all");
  });
});
