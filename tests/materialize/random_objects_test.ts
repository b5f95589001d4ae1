import { describe } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { lstat, readdir, readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { systemClock } from "../../mod/core/mod.ts";
import type { JsonObject } from "../../mod/core/mod.ts";
import { judgeResolved, objectSource, openPod, VolumeStore } from "../../mod/materialize/mod.ts";
import { declareObjects, judge, judgeBody, type ObjectEntry, podKey } from "../../mod/pods/mod.ts";
import { renderManifest, stampPod } from "../../mod/pods/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";
import { UNLESS_ROOT } from "../support/as_root.ts";
import { itUnless } from "../support/unless.ts";

const RUNS = 1_000;

/** Mostly what is right, so that many pods are served, and sometimes what is hostile. */
function mostly<T>(good: readonly T[], bad: readonly T[], weight = 30): fc.Arbitrary<T> {
  return fc.oneof(
    { weight, arbitrary: fc.constantFrom(...good) },
    { weight: 1, arbitrary: fc.constantFrom(...bad) },
  );
}

const name = mostly(["app", "db"], ["gone", "a.b"], 9);
const key = mostly(
  ["key", "a.conf", "0digit", "__proto__", "constructor"],
  ["..data", "..x", "..", ".", "a/b", "x y"],
);
const path = mostly(
  ["key", "dir/file", "dir/other", "deep/er/file", "a.conf"],
  ["../up", "/etc/passwd", "dir", "dir/../../up", "a//b", "./x", "..data/x", "dir/..x", "\0", ".."],
);
const optional = fc.option(mostly([true], [false], 4), { nil: undefined, freq: 5 });
const mode = fc.option(mostly([0, 0o400, 0o644, 0o777], [0o1000, -1]), { nil: undefined });
/** A sealed value, and what is in it. */
const SEALED = "-----BEGIN AGE ENCRYPTED FILE-----\nYWJj\n-----END AGE ENCRYPTED FILE-----\n";
const PLAIN = "canary $(A)";
const unseal = () => ({ value: Buffer.from(PLAIN).toString("base64") });
const value = fc.oneof(fc.string(), fc.constantFrom("$(A)", "$$", "ÿ", "aGk=", SEALED));
const values = fc.dictionary(key, value, { maxKeys: 4 });
const binaries = fc.dictionary(
  mostly(["bin", "bin2"], ["key"]),
  mostly(["aGk=", "", "/w=="], ["a====", "%"]),
  { maxKeys: 2 },
);

const object = fc.record({
  kind: fc.constantFrom("ConfigMap" as const, "Secret" as const),
  name,
  data: values,
  more: binaries,
});

const items = fc.array(
  fc.record({ key, path, mode }, { requiredKeys: ["key", "path"] }),
  { maxLength: 3 },
);
const configMap = fc.record({ name, items, optional, defaultMode: mode });
const secret = fc.record({ secretName: name, items, optional, defaultMode: mode });
const projected = fc.record({
  defaultMode: mode,
  sources: fc.array(
    fc.oneof(
      fc.record({ configMap: fc.record({ name, items, optional }) }),
      fc.record({ secret: fc.record({ name, items, optional }) }),
      fc.record({
        downwardAPI: fc.record({
          items: fc.array(fc.record({
            path,
            fieldRef: fc.record({
              fieldPath: fc.constantFrom("metadata.name", "metadata.uid", "metadata.labels"),
            }),
          })),
        }),
      }),
      fc.record({ serviceAccountToken: fc.record({ path }) }),
    ),
    { maxLength: 3 },
  ),
});
const volume = fc.oneof(
  { weight: 9, arbitrary: fc.record({ name: fc.constant("v"), configMap }) },
  { weight: 9, arbitrary: fc.record({ name: fc.constant("w"), secret }) },
  { weight: 3, arbitrary: fc.record({ name: mostly(["x"], ["../x", "X"]), projected }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant("y"), secret, configMap }) },
);
const reference = fc.record({ name, key, optional });
const env = fc.record({
  name: mostly(["A", "B"], ["0", ""]),
  valueFrom: fc.oneof(
    fc.record({ configMapKeyRef: reference }),
    fc.record({ secretKeyRef: reference }),
  ),
});
const envFrom = fc.oneof(
  fc.record({
    prefix: fc.constantFrom("", "P_", "="),
    configMapRef: fc.record({ name, optional }),
  }),
  fc.record({ secretRef: fc.record({ name, optional }) }),
);
const pod = fc.record({
  name: mostly(["web", "web.1"], ["../web", "W", ""]),
  namespace: mostly(["default"], ["..", "a/b", "kube-system"]),
  volumes: fc.uniqueArray(volume, { maxLength: 3, selector: (one) => one.name }),
  env: fc.array(env, { maxLength: 2 }),
  envFrom: fc.array(envFrom, { maxLength: 2 }),
  imagePullSecrets: fc.array(fc.record({ name }), { maxLength: 1 }),
});

const entry = (
  { kind, name, data, more }: typeof object extends fc.Arbitrary<infer T> ? T : never,
): ObjectEntry => ({
  kind,
  entry: {
    source: { file: "f", document: 0, index: 0, position: { line: 1, column: 1 } },
    pod: {
      kind,
      metadata: { name },
      ...(kind === "Secret" ? { stringData: data, data: more } : { data, binaryData: more }),
    },
    positionOf: () => ({ line: 1, column: 1 }),
    lineText: () => "",
  },
});

/** Everything below a directory, without following links. */
async function tree(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(
    () => [],
  );
  return entries.map((one) => join(one.parentPath, one.name));
}

describe("random pods and objects", () => {
  itUnless(
    UNLESS_ROOT,
    "never give a served pod with an unresolved reference, nor a file outside its directory",
    async () => {
      await using temp = await makeTempDir("random");
      const store = new VolumeStore(systemClock, { unseal });
      let served = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(object, { maxLength: 6 }), pod, async (entries, shape) => {
          const volumesDirectory = join(temp.path, "root", "volumes");
          const { namespace, name, volumes, env, envFrom, imagePullSecrets } = shape;
          const declared = JSON.parse(JSON.stringify({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name, namespace },
            spec: {
              volumes,
              imagePullSecrets,
              containers: [{
                name: "c",
                image: "i:1",
                env,
                envFrom,
                volumeMounts: volumes.map((one) => ({ name: one.name, mountPath: `/${one.name}` })),
              }],
            },
          })) as JsonObject; // without what is undefined
          const { objects } = declareObjects(entries.map(entry));
          const options = { nodeName: "node", kubeletVersion: "1.37" };
          const [resolved] = judgeResolved([declared], {
            objects: objectSource(objects.map(({ object }) => object)),
            nodeName: "node",
            volumesDirectory,
            unseal,
          }, (pods) => pods.map((one) => judge(one, options)));
          assert.ok(resolved);
          const key = podKey(declared);
          if (resolved.errors.length > 0 || key === undefined) return;
          served++;
          const opened = openPod(resolved, unseal);
          assert.ok("pod" in opened);
          const body = renderManifest([stampPod(opened.pod, resolved.hash)]);
          assert.deepEqual(judgeBody(body, options).errors, []);
          assert.doesNotMatch(
            JSON.stringify(opened.pod),
            /configMap|secret|"imagePullSecrets":\[\{/,
          );
          const kept = JSON.stringify([resolved.pod, resolved.volumes]);
          assert.ok(!kept.includes("canary") && !kept.includes(unseal().value), "it stays sealed");
          const isInEnv = resolved.sealed.length > 0;
          assert.equal(JSON.stringify(opened.pod).includes("canary $$(A)"), isInEnv);
          assert.deepEqual([...await store.write([{ ...key, volumes: resolved.volumes }])], []);
          for (const one of resolved.volumes) {
            for (const { path, sealed } of one.files) {
              const real = await realpath(join(one.directory, path));
              assert.ok(real.startsWith(`${one.directory}/..2`), real);
              assert.ok((await lstat(real)).isFile());
              if (sealed) assert.equal(await readFile(real, "utf8"), PLAIN);
            }
            assert.match(await readlink(join(one.directory, "..data")), /^\.\.2[^/]*$/);
          }
          const outside = (await tree(temp.path)).filter((file) =>
            file !== join(temp.path, "root") && !`${file}/`.startsWith(`${volumesDirectory}/`)
          );
          assert.deepEqual(outside, []);
          await store.sweep(volumesDirectory, new Map());
          assert.deepEqual(await tree(volumesDirectory), []);
        }),
        { numRuns: RUNS },
      );
      assert.ok(served > RUNS / 10, `only ${served} of ${RUNS} pods were served`);
    },
  );
});
