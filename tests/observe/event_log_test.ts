import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { EventLog, eventsNamed, eventsOf, type NewPodEvent } from "../../mod/observe/mod.ts";
import { systemClock } from "../../mod/core/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { ODD_FILES, putOddFile } from "../support/odd_file.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const START = Date.parse("2026-01-01T00:00:00Z");

function event(index: number, name = "web"): NewPodEvent {
  return {
    type: "restarted",
    namespace: "default",
    name,
    message: `number ${index}`,
    atMs: START + index * 1000,
  };
}

async function inTempDir(use: (directory: string) => Promise<void>): Promise<void> {
  const temporary = await makeTempDir("events");
  try {
    await use(temporary.path);
  } finally {
    await temporary.remove();
  }
}

function open(directory: string): Promise<EventLog> {
  return EventLog.open({ clock: systemClock, log: silentLogger, directory });
}

describe("EventLog", () => {
  it("record() keeps events over restarts, in the order in which they happened", async () => {
    await inTempDir(async (directory) => {
      const log = await open(directory);
      for (const index of [1, 3, 2]) log.record(event(index));
      await log.close();
      const again = await open(directory);
      again.record(event(4));
      assert.deepEqual(again.list().map(({ message }) => message), [
        "number 1",
        "number 2",
        "number 3",
        "number 4",
      ]);
      await again.close();
      assert.equal((await open(directory)).list().length, 4);
    });
  });

  for (const what of ODD_FILES) {
    it(`opens, closes and keeps events where a ${what} was at the place of its file`, async () => {
      await inTempDir(async (directory) => {
        putOddFile(join(directory, "events.ndjson"), what);
        const log = await open(directory);
        log.record(event(1));
        await log.close();
        // A directory is not replaced: something may be in it.
        assert.equal((await open(directory)).list().length, what === "directory" ? 0 : 1);
      });
    });
  }

  it("stays bounded in memory and on disk", async () => {
    await inTempDir(async (directory) => {
      const log = await open(directory);
      for (let round = 0; round < 7; round += 1) {
        for (let index = 0; index < 500; index += 1) log.record(event(round * 500 + index));
        await log.close();
      }
      assert.equal(log.list().length, 1000);
      assert.equal(log.list()[0]?.message, "number 2500");
      const lines = (await readFile(join(directory, "events.ndjson"), "utf8")).split("\n");
      assert.ok(lines.length - 1 <= 2000, `${lines.length}`);
      assert.equal((await open(directory)).list().at(-1)?.message, "number 3499");
    });
  });

  it("open() leaves out lines that a crash cut off, and mends the file", async () => {
    await inTempDir(async (directory) => {
      const log = await open(directory);
      log.record(event(1));
      await log.close();
      await appendFile(join(directory, "events.ndjson"), '{"at":"2026');
      const again = await open(directory);
      assert.equal(again.list().length, 1);
      again.record(event(2));
      await again.close();
      assert.deepEqual((await open(directory)).list().map(({ message }) => message), [
        "number 1",
        "number 2",
      ]);
    });
  });

  it("watch() gives what there is, then what comes, until it is aborted", async () => {
    await inTempDir(async (directory) => {
      const log = await open(directory);
      log.record(event(1));
      log.record(event(2, "other"));
      const stop = new AbortController();
      const seen: string[] = [];
      const filter = eventsOf({ namespace: "default", name: "web" });
      for await (const { message } of log.watch(filter, stop.signal)) {
        seen.push(message);
        if (message === "number 1") log.record(event(3));
        if (message === "number 3") stop.abort();
      }
      assert.deepEqual(seen, ["number 1", "number 3"]);
    });
  });
});

describe("eventsNamed()", () => {
  for (const name of ["web", "default/web", "default-web", "web-node-1", "default/web-node-1"]) {
    it(`finds default/web by ${name}`, () => {
      const { atMs: _, ...rest } = event(1);
      assert.ok(eventsNamed(name, "Node-1")({ at: "", ...rest }));
      assert.ok(!eventsNamed(name, "Node-1")({ at: "", ...rest, name: "we" }));
    });
  }
});
