import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { makeTempDir } from "../support/temp_dir.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

async function filesOf(directory: string): Promise<Record<string, string>> {
  const names = (await readdir(directory)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
  return Object.fromEntries(names.map((name, index) => [name, texts[index] ?? ""]));
}

describe("The generated codecs", () => {
  it("are what `deno task generate` makes of the .proto files", async () => {
    await using temp = await makeTempDir("gen");
    await promisify(execFile)(process.execPath, [
      ..."Deno" in globalThis ? ["run", "-A", "--no-check"] : [],
      "mod/grpc/proto/generate.ts",
      temp.path,
    ], { cwd: ROOT });
    for (const room of ["cri", "etcd", "kubelet"]) {
      const wanted = await filesOf(join(temp.path, room));
      const current = await filesOf(join(ROOT, "mod", room, "gen"));
      assert.deepEqual(Object.keys(current), Object.keys(wanted));
      for (const [name, text] of Object.entries(wanted)) {
        assert.ok(
          current[name] === text,
          `${room}/${name} is out of date: run \`deno task generate\``,
        );
      }
    }
  });
});
