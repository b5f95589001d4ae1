import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../mod/core/mod.ts";
import {
  objectSource,
  openPod,
  resolvePod,
  sealedInEntries,
  sealedInPod,
  servedHash,
  type Unseal,
  VolumeStore,
} from "../../mod/materialize/mod.ts";
import { parsePodFile } from "../../mod/config/mod.ts";
import { declareObjects, isSealed, type NodeObject } from "../../mod/pods/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");
const ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----\nYWJj\n-----END AGE ENCRYPTED FILE-----\n";
const SEALED = base64(ARMOR);

const secret = (binary: Readonly<Record<string, string>>, type = "Opaque"): NodeObject => ({
  kind: "Secret",
  namespace: "default",
  name: "db",
  immutable: false,
  type,
  text: {},
  binary,
});
const POD: JsonObject = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web" },
  spec: {
    containers: [{
      name: "c",
      image: "i:1",
      env: [{ name: "PW", valueFrom: { secretKeyRef: { name: "db", key: "pw" } } }],
      envFrom: [{ secretRef: { name: "db" } }],
    }],
    volumes: [{ name: "v", secret: { secretName: "db" } }],
  },
};
const opened = (text: string): Unseal => (sealed) => {
  assert.equal(sealed, SEALED);
  return { value: base64(text) };
};
const resolve = (unseal: Unseal | undefined, volumesDirectory = "/run/podstead/volumes") =>
  resolvePod(POD, {
    objects: objectSource([secret({ pw: SEALED, user: base64("app") })]),
    nodeName: "node-1",
    volumesDirectory,
    ...(unseal === undefined ? {} : { unseal }),
  }) ?? assert.fail("nothing was resolved");

describe("isSealed()", () => {
  it("tells armored texts from all others, damaged ones too", () => {
    assert.ok(isSealed(SEALED));
    assert.ok(isSealed(base64(ARMOR.slice(3))));
    assert.ok(isSealed(base64(` ${ARMOR}`)));
    for (const text of ["", "plain", "-----BEGIN CERTIFICATE-----", `${"x".repeat(100)}${ARMOR}`]) {
      assert.ok(!isSealed(base64(text)), text);
    }
  });
});

describe("resolvePod(), sealed values", () => {
  it("keeps them sealed, and tells where they are", () => {
    const resolution = resolve(opened("$ecret"));
    assert.deepEqual(resolution.errors, []);
    assert.deepEqual(resolution.sealed, [
      ["spec", "containers", 0, "env", 0, "value"],
      ["spec", "containers", 0, "env", 2, "value"],
    ]);
    assert.deepEqual(resolution.volumes[0]?.files, [
      { path: "pw", data: SEALED, mode: 0o644, sealed: true },
      { path: "user", data: base64("app"), mode: 0o644 },
    ]);
    assert.deepEqual(sealedInPod(resolution), [SEALED, SEALED, SEALED]);
    assert.equal(resolution.hash, servedHash(POD, resolution.pod));
  });

  it("has the same hash whether they can be opened or not, and says that they cannot", () => {
    const wrong = resolve(() => ({ fault: "it is damaged" }));
    assert.deepEqual(wrong.errors.map(({ field, detail }) => `${field}: ${detail}`), [
      'spec.volumes[0].secret: the value of "pw" in Secret "default/db" cannot be opened: it is damaged',
      'spec.containers[0].envFrom[0]: the value of "pw" in Secret "default/db" cannot be opened: it is damaged',
      'spec.containers[0].env[0].valueFrom.secretKeyRef: the value of "pw" in Secret "default/db" cannot be opened: it is damaged',
    ]);
    assert.equal(resolve(undefined).hash, resolve(opened("x")).hash);
  });

  it("judges what is inside as it judges plain values", () => {
    for (
      const [text, detail] of [["a\0b", /contains a NUL/], ["x".repeat(200_000), /131072/]] as const
    ) {
      assert.ok(resolve(opened(text)).errors.some((error) => detail.test(error.detail)));
    }
    const binary = resolve(() => ({ value: Buffer.from([0xff]).toString("base64") }));
    assert.ok(binary.errors.some(({ detail }) => /is not UTF-8/.test(detail)));
  });
});

describe("openPod()", () => {
  it("puts the values in, with each $ doubled", () => {
    const result = openPod(resolve(undefined), opened("$ecret"));
    assert.ok("pod" in result);
    const [container] = (result.pod.spec as { containers: [{ env: unknown }] }).containers;
    assert.deepEqual(container.env, [
      { name: "pw", value: "$$ecret" },
      { name: "user", value: "app" },
      { name: "PW", value: "$$ecret" },
    ]);
    assert.deepEqual(openPod(resolve(undefined), () => ({ fault: "no" })), { fault: "no" });
  });

  it("leaves other pods as they are, sealed-looking text too", () => {
    const pod = { spec: { containers: [{ env: [{ name: "A", value: ARMOR }] }] } };
    assert.deepEqual(openPod({ pod }, () => assert.fail("it was opened")), { pod });
  });
});

describe("VolumeStore, sealed values", () => {
  it("writes them opened, and leaves the files that are there if it cannot", async () => {
    await using temp = await makeTempDir("sealed");
    const { volumes } = resolve(undefined, temp.path);
    const pods = [{ namespace: "default", name: "web", volumes }];
    const clock = { now: () => 0 };
    assert.equal((await new VolumeStore(clock, { unseal: opened("secret") }).write(pods)).size, 0);
    const file = join(temp.path, "default/web/v/pw");
    assert.equal(readFileSync(file, "utf8"), "secret");
    const failed = await new VolumeStore(clock, { unseal: () => ({ fault: "it is lost" }) }).write(
      pods,
    );
    assert.match(failed.get("default/web") ?? "", /value of "pw" cannot be opened: it is lost/);
    assert.equal(readFileSync(file, "utf8"), "secret");
  });
});

describe("sealed Secrets as documents", () => {
  const file = (text: string) => parsePodFile(text, "s.yaml").objects;
  const SECRET = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n`;

  it("are found under stringData and under data", () => {
    const block = ARMOR.replaceAll(/^(?=.)/gm, "    ");
    const objects = file(`${SECRET}stringData:\n  a: |\n${block}data: {b: ${SEALED}, c: eA==}\n`);
    assert.deepEqual(sealedInEntries(objects), [SEALED, SEALED]);
  });

  it("may be all that a node takes", () => {
    const objects = file(`${SECRET}stringData: {a: x}\ndata: {b: ${SEALED}, c: eA==}\n`);
    const { problems, refused } = declareObjects(objects, new Map(), { sealedOnly: true });
    assert.deepEqual(problems.map(({ code, path }) => [code, path.join(".")]), [
      ["plain-secret", "data.c"],
      ["plain-secret", "stringData.a"],
    ]);
    assert.deepEqual([...refused], ["Secret default/s"]);
    assert.deepEqual(declareObjects(objects).problems, []);
  });

  it("need no JSON inside to be of a type that promises it", () => {
    const type = "type: kubernetes.io/dockerconfigjson\n";
    const objects = file(`${SECRET}${type}data: {.dockerconfigjson: ${SEALED}}\n`);
    assert.deepEqual(declareObjects(objects).problems, []);
  });
});
