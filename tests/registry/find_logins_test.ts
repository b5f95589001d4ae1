import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findLogins } from "../../mod/registry/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const IMAGE = "reg.example:5000/team/app:1";

function config(registry: string, user: string): string {
  const auth = btoa(`${user}:pa:ss`);
  return JSON.stringify({ auths: { [registry]: { auth } } });
}

describe("findLogins()", () => {
  async function login(own: string | undefined, kubelet: string | undefined) {
    await using temp = await makeTempDir("login");
    const file = async (name: string, text: string | undefined) => {
      const path = join(temp.path, name);
      if (text !== undefined) await writeFile(path, text);
      return path;
    };
    const ownFile = own === undefined ? null : await file("own.json", own);
    const kubeletFiles = [await file("kubelet.json", kubelet)];
    const [found] = await findLogins(IMAGE, { credentialsFile: ownFile, kubeletFiles });
    return found &&
      `${found.auth.username}:${found.auth.password} of ${found.from.split("/").at(-1)}`;
  }

  it("takes podstead's own file first, then the kubelet's", async () => {
    const own = config("reg.example:5000", "own");
    const kubelet = config("reg.example:5000", "kubelet");
    assert.equal(await login(own, kubelet), 'own:pa:ss of own.json"');
    assert.equal(await login(undefined, kubelet), 'kubelet:pa:ss of kubelet.json"');
    assert.equal(
      await login(config("other.example", "own"), kubelet),
      'kubelet:pa:ss of kubelet.json"',
    );
  });

  it("has none where neither has one, or the kubelet's file is of no use", async () => {
    assert.equal(await login(undefined, undefined), undefined);
    assert.equal(await login(undefined, "not JSON"), undefined);
    assert.equal(await login(undefined, config("other.example", "x")), undefined);
  });

  it("says that podstead's own file cannot be read", async () => {
    await assert.rejects(findLogins(IMAGE, { credentialsFile: "/nonexistent/x.json" }), {
      message: /Cannot read the registry credentials "\/nonexistent\/x\.json"/,
      hint: /agent\.pull\.credentialsFile/,
    });
  });

  it("takes the Secrets of the pods that use the image first, then those of other pods", async () => {
    const pods = [
      { from: "Secret a/other", config: config("reg.example:5000", "other"), images: ["nginx"] },
      { from: "Secret a/broken", config: "not JSON", images: [IMAGE] },
      { from: "Secret a/own", config: config("reg.example:5000", "own"), images: [IMAGE] },
    ];
    const found = await findLogins(IMAGE, { pods, credentialsFile: null, kubeletFiles: [] });
    assert.deepEqual(found.map(({ from }) => from), ["Secret a/own", "Secret a/other"]);
  });
});
