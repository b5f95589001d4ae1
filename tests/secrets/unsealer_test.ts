import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  makeKeyPair,
  openValue,
  readIdentities,
  recipientsOf,
  sealValue,
  unsealedFileBeside,
  Unsealer,
} from "../../mod/secrets/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const base64 = (text: string) => Buffer.from(text).toString("base64");

describe("sealValue() and openValue()", () => {
  it("give back any bytes, to each recipient", async () => {
    const [one, two] = [await makeKeyPair(), await makeKeyPair()];
    const value = Uint8Array.from({ length: 70_000 }, (_, at) => at % 256);
    const sealed = await sealValue(value, [one.recipient, two.recipient]);
    for (const { identity } of [one, two]) {
      assert.deepEqual(await openValue(sealed, [identity]), { value });
    }
    assert.deepEqual(await recipientsOf([one.identity]), [one.recipient]);
  });

  it("say what is wrong, and never show the identity", async () => {
    const [own, other] = [await makeKeyPair(), await makeKeyPair()];
    const sealed = await sealValue(bytes("x"), [own.recipient]);
    const faults = [
      await openValue(sealed, [other.identity]),
      await openValue(sealed.replace("\n", "\n "), [own.identity]),
      await openValue(sealed.slice(0, -20), [own.identity]),
      await openValue("-----BEGIN AGE ENCRYPTED FILE-----\n", [own.identity]),
      await openValue(sealed, ["AGE-SECRET-KEY-1NONSENSE"]),
    ].map((result) => "fault" in result ? result.fault : "opened");
    assert.match(faults[0] ?? "", /sealed for another recipient than this node's \(age1/);
    for (const fault of faults.slice(1)) assert.match(fault, /damaged/);
    for (const fault of faults) assert.doesNotMatch(fault, /AGE-SECRET/);
    await assert.rejects(sealValue(bytes("x"), ["ssh-ed25519 AAAA"]), /not an age recipient/);
  });
});

describe("readIdentities()", () => {
  it("takes the named file, else the credential, else the default", async () => {
    await using temp = await makeTempDir("identities");
    const { identity } = await makeKeyPair();
    const write = async (name: string, text: string, mode = 0o400) => {
      const path = join(temp.path, name);
      await rm(path, { force: true });
      await writeFile(path, text, { mode });
      await chmod(path, mode);
      return path;
    };
    const credential = await write("podstead-identity", `# made\n${identity}\r\n`, 0o440);
    const file = await write("own", identity);
    const places = { credentialsDirectory: temp.path, defaultFile: join(temp.path, "default") };
    assert.equal((await readIdentities({ ...places, file })).file, file);
    const found = await readIdentities({ ...places, file: null });
    assert.deepEqual(found, { file: credential, identities: [identity] });
    const without = { ...places, credentialsDirectory: undefined, file: null };
    await assert.rejects(readIdentities(without), /default" cannot be used: there is no such file/);
    for (
      const [text, mode, why] of [
        [identity, 0o440, /others than root may read/],
        ["# nothing\n", 0o400, /it is empty/],
        [`${identity}\nnonsense`, 0o400, /not an age identity/],
      ] as const
    ) {
      await assert.rejects(
        readIdentities({ ...places, file: await write("bad", text, mode) }),
        why,
      );
    }
  });
});

describe("Unsealer", () => {
  it("judges by the identity, and keeps what was opened for what is served", async () => {
    await using temp = await makeTempDir("unsealer");
    const { identity, recipient } = await makeKeyPair();
    const file = join(temp.path, "identity");
    await writeFile(file, identity, { mode: 0o400 });
    const sealed = base64(await sealValue(bytes("plain"), [recipient]));
    const foreign = base64(await sealValue(bytes("x"), [(await makeKeyPair()).recipient]));
    const places = { file, volumesDirectory: join(temp.path, "run/volumes") };
    const first = new Unsealer();
    assert.match(JSON.stringify(first.open(sealed)), /not opened yet/);
    assert.equal(await first.prepare([sealed, foreign], places), undefined);
    assert.deepEqual(first.check(sealed), { value: base64("plain") });
    assert.match(JSON.stringify(first.check(foreign)), /another recipient/);
    const kept = unsealedFileBeside(places.volumesDirectory);
    assert.equal((await stat(kept)).mode & 0o777, 0o600);
    assert.doesNotMatch(await readFile(kept, "utf8"), /AGE-SECRET/);

    await rm(file);
    const second = new Unsealer();
    await second.prepare([sealed], places);
    assert.deepEqual(second.open(sealed), { value: base64("plain") });
    assert.match(JSON.stringify(second.check(sealed)), /no such file/);

    await second.prepare([], places);
    await assert.rejects(stat(kept), { code: "ENOENT" });
    assert.match(JSON.stringify(second.open(sealed)), /not opened yet/);
  });

  it("takes a file that is no use for none", async () => {
    await using temp = await makeTempDir("unsealer");
    const { recipient } = await makeKeyPair();
    const places = { file: "/nonexistent", volumesDirectory: join(temp.path, "volumes") };
    await writeFile(unsealedFileBeside(places.volumesDirectory), "[1]");
    const unsealer = new Unsealer();
    const sealed = base64(await sealValue(bytes("plain"), [recipient]));
    await unsealer.prepare([sealed], places);
    assert.match(JSON.stringify(unsealer.open(sealed)), /no such file/);
  });
});
