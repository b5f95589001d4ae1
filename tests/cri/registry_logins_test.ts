import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findLogin } from "../../mod/cri/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const IMAGE = "reg.example:5000/team/app:1";

function config(registry: string, user: string): string {
  const auth = btoa(`${user}:pa:ss`);
  return JSON.stringify({ auths: { [registry]: { auth } } });
}

describe("findLogin()", () => {
  async function login(own: string | undefined, kubelet: string | undefined) {
    await using temp = await makeTempDir("login");
    const file = async (name: string, text: string | undefined) => {
      const path = join(temp.path, name);
      if (text !== undefined) await writeFile(path, text);
      return path;
    };
    const ownFile = own === undefined ? null : await file("own.json", own);
    const found = await findLogin(IMAGE, ownFile, await file("kubelet.json", kubelet));
    return found &&
      `${found.auth.username}:${found.auth.password} of ${found.file.split("/").at(-1)}`;
  }

  it("takes podstead's own file first, then the kubelet's", async () => {
    const own = config("reg.example:5000", "own");
    const kubelet = config("reg.example:5000", "kubelet");
    assert.equal(await login(own, kubelet), "own:pa:ss of own.json");
    assert.equal(await login(undefined, kubelet), "kubelet:pa:ss of kubelet.json");
    assert.equal(
      await login(config("other.example", "own"), kubelet),
      "kubelet:pa:ss of kubelet.json",
    );
  });

  it("has none where neither has one, or the kubelet's file is of no use", async () => {
    assert.equal(await login(undefined, undefined), undefined);
    assert.equal(await login(undefined, "not JSON"), undefined);
    assert.equal(await login(undefined, config("other.example", "x")), undefined);
  });

  it("says that podstead's own file cannot be read", async () => {
    await assert.rejects(findLogin(IMAGE, "/nonexistent/x.json"), {
      message: /Cannot read the registry credentials "\/nonexistent\/x\.json"/,
      hint: /agent\.pull\.credentialsFile/,
    });
  });
});
