/**
 * An honest kubelet beside strangers who do their worst: its polls all succeed.
 *
 * `PODSTEAD_HOSTILE_SECONDS` says how long each flood lasts.
 */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { TestNode } from "../support/node.ts";

const SECONDS = Number(process.env.PODSTEAD_HOSTILE_SECONDS ?? "6");
const POLL_EVERY_MS = 100;
/** A kubelet gives up after this; the figure that is aimed at is printed, see below. */
const POLL_LIMIT_MS = 10_000;
/** 200 MB is aimed at and printed beside; this is what the unit's `MemoryMax=` leaves room for. */
const MEMORY_LIMIT_MB = 384;

const FLOOD = fileURLToPath(new URL("flood.ts", import.meta.url));

/** One poll on a connection of its own, with the token. @returns how long it took */
function poll(port: number, token: string): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: "127.0.0.1",
      port,
      path: "/manifests",
      agent: false,
      headers: { "Authorization": `Bearer ${token}`, "User-Agent": "Go-http-client/1.1" },
      timeout: POLL_LIMIT_MS,
    }, (response) => {
      response.resume();
      response.once("error", reject);
      response.once("end", () => {
        if (response.statusCode === 200) resolve(performance.now() - startedMs);
        else reject(new Error(`The poll was answered with ${response.statusCode}`));
      });
    });
    outgoing.once("timeout", () => outgoing.destroy(new Error("The poll had no answer in time")));
    outgoing.once("error", reject);
    outgoing.end();
  });
}

function memoryMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return pages * 4096 / 1e6;
}

describe("podstead serve, flooded", () => {
  let node: TestNode;
  before(async () => {
    node = await TestNode.create();
    node.tokenFile = join(node.directory, "token");
    writeFileSync(node.tokenFile, "secret\n");
    node.writePods(
      Array.from(
        { length: 50 },
        (_, index) =>
          `- {apiVersion: v1, kind: Pod, metadata: {name: p${index}}, spec: {containers: [` +
          `{name: c, image: nginx}]}}`,
      ).join("\n"),
    );
    await node.startAgent();
  });
  after(() => node.close());

  for (
    const kind of ["idle", "slowloris", "pipelined", "unread", "metrics", "garbage", "admin"]
  ) {
    it(`answers every poll beside "${kind}", and stays small`, async () => {
      const target = kind === "admin" ? `unix:${node.socket}` : `tcp:${node.port}`;
      const flood: ChildProcess = spawn(
        process.execPath,
        ["run", "-A", "--no-check", FLOOD, kind, target],
        { stdio: ["ignore", "inherit", "inherit"] },
      );
      const ended = once(flood, "exit");
      const polls: Promise<number>[] = [];
      let peakMb = 0;
      try {
        const until = performance.now() + SECONDS * 1000;
        while (performance.now() < until) {
          polls.push(poll(node.port, "secret"));
          polls.at(-1)?.catch(() => undefined); // counted below
          peakMb = Math.max(peakMb, memoryMb(node.agentPid));
          await new Promise((resolve) => setTimeout(resolve, POLL_EVERY_MS));
        }
        assert.equal(flood.exitCode, null, "the flood went on to the end");
      } finally {
        flood.kill("SIGKILL");
        await ended;
      }
      const results = await Promise.allSettled(polls);
      const failures = results.filter((result) => result.status === "rejected");
      const times = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : [])
        .sort((left, right) => left - right);
      const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
      // deno-lint-ignore no-console -- the figures are asked for in the log of every run
      console.log(
        `${kind}: ${results.length} polls, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
          `agent ${peakMb.toFixed(0)} MB`,
      );
      assert.deepEqual(failures.map(({ reason }) => String(reason)), []);
      assert.ok(peakMb < MEMORY_LIMIT_MB, `${peakMb} MB`);
    });
  }
});
