import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bootId } from "../../mod/os/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const ID = "0123456789abcdef0123456789abcdef";
const DASHED = "01234567-89ab-cdef-0123-456789abcdef";

describe("bootId()", () => {
  it("reads the kernel's, else what the unit passes, else nothing", async () => {
    await using directory = await makeTempDir("boot");
    const path = join(directory.path, "boot_id");
    const env = { PODSTEAD_BOOT_ID: "f".repeat(32) };
    assert.equal(await bootId({}, path), undefined);
    assert.equal(await bootId({ PODSTEAD_BOOT_ID: "%b" }, path), undefined);
    assert.equal(await bootId(env, path), "f".repeat(32));
    await writeFile(path, `${DASHED}\n`);
    assert.equal(await bootId(env, path), ID);
  });
});
