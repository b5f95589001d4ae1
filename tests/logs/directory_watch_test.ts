import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "@std/testing/bdd";
import { DirectoryWatch } from "../../mod/logs/directory_watch.ts";
import { TempLog } from "./temp_log.ts";

describe("DirectoryWatch", () => {
  it("looks again soon where a directory cannot be watched", async () => {
    const watch = new DirectoryWatch("/nonexistent/podstead");
    assert.equal(watch.take().names, true);
    // Without the poll the test would wait for ten minutes.
    await watch.wait(600_000);
    assert.equal(watch.take().names, true);
    watch.close();
  });

  it("keeps what happens while nobody waits", async () => {
    await using log = await TempLog.create();
    const watch = new DirectoryWatch(log.directory);
    watch.take();
    await writeFile(log.path, "a");
    await watch.wait(600_000);
    await rename(log.path, join(log.directory, "1.log"));
    await watch.wait(600_000);
    assert.equal(watch.take().names, true);
    watch.close();
  });

  it("stops waiting when a signal aborts", async () => {
    await using log = await TempLog.create();
    const watch = new DirectoryWatch(log.directory);
    watch.take();
    const abort = new AbortController();
    const waiting = watch.wait(600_000, undefined, abort.signal);
    abort.abort();
    await waiting;
    watch.close();
  });
});
