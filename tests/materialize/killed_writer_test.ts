import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { writeDirectory } from "../../mod/materialize/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const WRITER = fileURLToPath(new URL("./endless_writer.ts", import.meta.url));
/** The steps of one update; see `WriteStep`. */
const STEPS = 5;

/** The values of the files as a reader finds them, who goes through "..data" or the visible names. */
function valuesIn(directory: string): ReadonlySet<string> {
  const entries = readdirSync(directory, { recursive: true, withFileTypes: true });
  return new Set(
    entries.filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "utf8")),
  );
}

describe("writeDirectory() in a process that is killed", () => {
  for (let step = 0; step < 2 * STEPS; step++) {
    it(`leaves the old set or the new one, killed after step ${step + 1} of two updates`, async () => {
      await using temp = await makeTempDir("killed");
      const directory = join(temp.path, "volume");
      const writer = spawn(process.execPath, ["run", "-A", "--no-check", WRITER, directory], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(writer, "exit");
      let seen = 0;
      // The first update makes the directory: a reader has nothing of it yet.
      for await (const _ of createInterface({ input: writer.stdout })) {
        seen += 1;
        if (seen === STEPS + step + 1) writer.kill("SIGKILL");
      }
      await ended;
      const values = valuesIn(join(directory, "..data"));
      assert.equal(values.size, 1, [...values].join(", "));
      const files = [{ path: "a", data: Buffer.from("a").toString("base64"), mode: 0o600 }];
      await writeDirectory({ directory, files }, { nowMs: 0 });
      assert.deepEqual([...valuesIn(join(directory, "..data"))], ["a"]);
      const left = readdirSync(directory).filter((name) => !name.startsWith("..data"));
      assert.equal(left.filter((name) => name.startsWith("..")).length, 1);
      assert.deepEqual(left.filter((name) => !name.startsWith("..")), ["a"]);
    });
  }
});
