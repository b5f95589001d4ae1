import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FileRefused, readRegularTextSync } from "../../mod/os/mod.ts";

describe("readRegularTextSync()", () => {
  it("reads a file, and refuses devices and what is too large", async () => {
    const directory = await mkdtemp(join(tmpdir(), "podstead-text-"));
    const file = join(directory, "ca.pem");
    await writeFile(file, "text");
    assert.equal(readRegularTextSync(file, 4), "text");
    assert.throws(() => readRegularTextSync(file, 3), FileRefused);
    assert.throws(() => readRegularTextSync("/dev/zero", 1024), FileRefused);
    await rm(directory, { recursive: true });
  });
});
