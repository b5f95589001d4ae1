import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { join } from "node:path";
import { stat, writeFile } from "node:fs/promises";
import {
  credentialResponse,
  LoginBook,
  loginFileBeside,
  parseCredentialRequest,
  readLoginFile,
} from "../../mod/registry/mod.ts";
import { silentLogger } from "../../mod/os/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const V1 = "credentialprovider.kubelet.k8s.io/v1";

describe("parseCredentialRequest()", () => {
  it("reads the kubelet's request, with fields of a newer one", () => {
    const text = JSON.stringify({
      apiVersion: V1,
      kind: "CredentialProviderRequest",
      image: "reg.example/app",
      serviceAccountToken: "t",
    });
    assert.equal(parseCredentialRequest(text).image, "reg.example/app");
  });

  const wrong = [
    "",
    "{",
    "[]",
    '{"apiVersion":"v2","kind":"CredentialProviderRequest","image":"a"}',
    JSON.stringify({ apiVersion: V1, kind: "CredentialProviderResponse", image: "a" }),
    JSON.stringify({ apiVersion: V1, kind: "CredentialProviderRequest", image: "" }),
    JSON.stringify({ apiVersion: V1, kind: "CredentialProviderRequest", image: 1 }),
  ];
  for (const text of wrong) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseCredentialRequest(text), /not a CredentialProviderRequest/);
    });
  }
});

describe("credentialResponse()", () => {
  it("gives each pattern its first login, and leaves tokens out", () => {
    const login = (pattern: string, username: string) => ({
      pattern,
      from: "x",
      auth: { username, password: "p" },
    });
    const request = { apiVersion: V1, image: "reg.example/app" };
    const response = JSON.parse(credentialResponse(request, [
      login("reg.example", "a"),
      login("reg.example", "b"),
      login("reg.example/app", "c"),
      { pattern: "*.example", from: "x", auth: { identityToken: "t" } },
    ]));
    assert.deepEqual(response, {
      apiVersion: V1,
      kind: "CredentialProviderResponse",
      cacheKeyType: "Image",
      cacheDuration: "0s",
      auth: {
        "reg.example": { username: "a", password: "p" },
        "reg.example/app": { username: "c", password: "p" },
      },
    });
  });
});

describe("LoginBook", () => {
  it("leaves the logins beside the volumes, for root alone", async () => {
    await using temp = await makeTempDir("login-book");
    const pods = [{ from: "Secret a/b", config: "{}", images: ["nginx"] }];
    const settings = {
      volumesDir: join(temp.path, "volumes"),
      pull: { credentialsFile: "/etc/x.json" },
    };
    const book = new LoginBook(silentLogger);
    await book.take(pods, settings);
    const path = loginFileBeside(settings.volumesDir);
    assert.equal(path, join(temp.path, "registry-logins.json"));
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readLoginFile(path), { pods, credentialsFile: "/etc/x.json" });
    assert.deepEqual(book.sources(null), { pods, credentialsFile: null });
    await writeFile(path, '{"pods": 1}');
    await assert.rejects(readLoginFile(path), /not a file of the agent/);
    await book.take([], { ...settings, pull: { credentialsFile: null } });
    assert.equal(await readLoginFile(path), undefined, "without logins there is no file");
  });
});
