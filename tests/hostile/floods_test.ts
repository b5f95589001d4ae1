/**
 * An honest kubelet beside strangers who do their worst: its polls all succeed.
 *
 * `PODSTEAD_HOSTILE_SECONDS` says how long each flood lasts, `PODSTEAD_HOSTILE_FLOODS` which of
 * them, by their names with blanks between. The figures are printed: on a busy machine the times
 * are the machine's, the processor time for each connection is the agent's own.
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
const FLOODS = (process.env.PODSTEAD_HOSTILE_FLOODS ??
  "quiet idle slowloris pipelined unread metrics garbage admin").split(" ");
const POLL_EVERY_MS = 100;
/** A kubelet gives up after this; the figure that is aimed at is printed, see below. */
const POLL_LIMIT_MS = 10_000;
/** 200 MB is aimed at and printed beside; from here on (`MemoryHigh=`) the unit slows the agent down. */
const MEMORY_LIMIT_MB = 256;

const FLOOD = fileURLToPath(new URL("flood.ts", import.meta.url));

/** What the unit sets for the agent: figures of another engine would say nothing of a node's. */
function unitEnvironment(): Readonly<Record<string, string>> {
  const unit = readFileSync(new URL("../../packaging/podstead.service", import.meta.url), "utf8");
  const settings = [...unit.matchAll(/^Environment=(\w+)=(.*)$/gm)];
  return Object.fromEntries(settings.map(([, name = "", value = ""]) => [name, value]));
}

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

/** Processor time that a process has taken, in milliseconds; a tick of the kernel's clock is 10. */
function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /, "").split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function memoryMb(pid: number): number {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
  return pages * 4096 / 1e6;
}

describe("podstead serve, flooded", () => {
  let node: TestNode;
  /** What the polls alone take of the agent's processor in that time. */
  let quietMs = 0;
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
    node.agentEnv = unitEnvironment();
    await node.startAgent();
  });
  after(() => node.close());

  for (const kind of FLOODS) {
    it(`answers every poll beside "${kind}", and stays small`, async () => {
      const target = kind === "admin" ? `unix:${node.socket}` : `tcp:${node.port}`;
      const flood: ChildProcess = spawn(
        process.execPath,
        ["run", "-A", "--no-check", FLOOD, kind, target],
        { stdio: ["ignore", "pipe", "inherit"] },
      );
      let said = "";
      flood.stdout?.setEncoding("utf8").on("data", (text: string) => said += text);
      const ended = once(flood, "close");
      const cpuBefore = cpuMs(node.agentPid);
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
        flood.kill("SIGTERM");
        await ended;
      }
      const made = Number(said);
      const costMs = cpuMs(node.agentPid) - cpuBefore;
      if (kind === "quiet") quietMs = costMs;
      const results = await Promise.allSettled(polls);
      const failures = results.filter((result) => result.status === "rejected");
      const times = results.flatMap((result) => result.status === "fulfilled" ? [result.value] : [])
        .sort((left, right) => left - right);
      const at = (share: number) => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
      // deno-lint-ignore no-console -- the figures are asked for in the log of every run
      console.log(
        `${kind}: ${results.length} polls, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ` +
          `agent ${peakMb.toFixed(0)} MB; ${made} connections, ${costMs} ms of the agent's ` +
          `processor, ${made === 0 ? "–" : ((costMs - quietMs) / made).toFixed(2)} ms for each`,
      );
      assert.deepEqual(failures.map(({ reason }) => String(reason)), []);
      assert.ok(peakMb < MEMORY_LIMIT_MB, `${peakMb} MB`);
    });
  }
});
