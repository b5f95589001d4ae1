import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { JsonObject } from "../../mod/core/mod.ts";
import {
  objectSource,
  type Resolution,
  resolvePod,
  servedHash,
} from "../../mod/materialize/mod.ts";
import { type NodeObject, renderPod, stampPod } from "../../mod/pods/mod.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

const APP: NodeObject = {
  kind: "ConfigMap",
  namespace: "default",
  name: "app",
  immutable: false,
  text: { LEVEL: "debug", PRICE: "5$ $(HOME)", "app.conf": "a=1\n", "0bad": "x" },
  binary: { "logo.png": "iVBORw==" },
};
const DB: NodeObject = {
  kind: "Secret",
  namespace: "default",
  name: "db",
  immutable: false,
  type: "Opaque",
  text: {},
  binary: { password: base64("hunter2"), user: base64("app") },
};

const options = (objects: readonly NodeObject[] = [APP, DB]) => ({
  objects: objectSource(objects),
  nodeName: "node-1",
  volumesDirectory: "/run/podstead/volumes",
});

const podOf = (
  container: JsonObject,
  spec: JsonObject = {},
  metadata: JsonObject = {},
): JsonObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "web", ...metadata },
  spec: { containers: [{ name: "c", image: "i:1", ...container }], ...spec },
});

function resolve(pod: JsonObject, objects?: readonly NodeObject[]): Resolution {
  const resolution = resolvePod(pod, options(objects));
  assert.ok(resolution);
  return resolution;
}

const envOf = ({ pod }: Resolution) => {
  const { containers } = pod.spec as unknown as { containers: { env?: unknown[] }[] };
  return containers[0]?.env;
};

const filesOf = ({ volumes }: Resolution) =>
  volumes.flatMap(({ files }) =>
    files.map(({ path, data, mode }) => [path, Buffer.from(data, "base64").toString(), mode])
  );

const said = ({ errors }: Resolution) =>
  errors.map(({ field, type, detail }) => `${field}: ${type}: ${detail}`);

describe("resolvePod()", () => {
  it("leaves a pod without references alone", () => {
    const env = [{ name: "A", value: "$(B)" }, { name: "N", valueFrom: { fieldRef: {} } }];
    assert.equal(resolvePod(podOf({ env }), options()), undefined);
    const volumes = [{ name: "d", downwardAPI: {} }, { name: "e", emptyDir: {} }];
    assert.equal(resolvePod(podOf({}, { volumes }), options()), undefined);
  });

  it("puts the values of envFrom before env, the later one winning, and escapes each $", () => {
    const resolution = resolve(podOf({
      envFrom: [
        { prefix: "DB_", secretRef: { name: "db" } },
        { configMapRef: { name: "app" } },
        { configMapRef: { name: "gone", optional: true } },
      ],
      env: [
        { name: "OWN", value: "$(LEVEL)" },
        { name: "PASS", valueFrom: { secretKeyRef: { name: "db", key: "password" } } },
        { name: "NO", valueFrom: { configMapKeyRef: { name: "app", key: "no", optional: true } } },
      ],
    }));
    assert.deepEqual(envOf(resolution), [
      { name: "DB_password", value: "hunter2" },
      { name: "DB_user", value: "app" },
      { name: "LEVEL", value: "debug" },
      { name: "PRICE", value: "5$$ $$(HOME)" },
      { name: "app.conf", value: "a=1\n" },
      { name: "OWN", value: "$(LEVEL)" },
      { name: "PASS", value: "hunter2" },
    ]);
    assert.deepEqual(said(resolution), []);
    assert.deepEqual(resolution.warnings.map(({ rule }) => rule), [
      "env-name-skipped",
      "secret-in-env",
    ]);
    assert.deepEqual(resolution.objects, ["ConfigMap default/app", "Secret default/db"]);
    assert.deepEqual(
      resolution.originOf(["spec", "containers", 0, "env", 6, "value"]),
      ["spec", "containers", 0, "env", 1, "valueFrom", "secretKeyRef"],
    );
    assert.deepEqual(
      resolution.originOf(["spec", "containers", 0, "env", 5, "value"]),
      ["spec", "containers", 0, "env", 0, "value"],
    );
  });

  it("knows where containers mount other volumes in a volume", () => {
    const mounts = (...of: readonly (readonly [name: string, mountPath: string])[]) => {
      const volumeMounts = of.map(([name, mountPath]) => ({ name, mountPath }));
      const volumes = [{ name: "v", configMap: { name: "app" } }, { name: "e", emptyDir: {} }];
      return resolve(podOf({ volumeMounts }, { volumes })).volumes[0]?.mountPoints;
    };
    assert.equal(mounts(["v", "/v"], ["e", "/vv"], ["e", "/"]), undefined);
    assert.deepEqual(mounts(["e", "/v/b/"], ["e", "/v/a/x/y"], ["v", "/v/"], ["e", "/v/a/x"]), [
      "a/x",
      "b",
    ]);
    assert.deepEqual(mounts(["v", "v"], ["e", "/v/../../v/a"], ["v", "/w"], ["e", "/w/b"]), [
      "a",
      "b",
    ]);
    assert.equal(mounts(["v", "/v"], ["e", "/v/..data"], ["e", "/v/../x"]), undefined);
  });

  it("cleans the paths of files, as the kubelet does, and lets none out of its volume", () => {
    const at = (path: string) =>
      resolve(podOf({}, {
        volumes: [{ name: "v", configMap: { name: "app", items: [{ key: "LEVEL", path }] } }],
      }));
    for (
      const [path, clean] of [["./a", "a"], ["a//b", "a/b"], ["a/./b/", "a/b"], ["a/..b", "a/..b"]]
    ) {
      assert.deepEqual(filesOf(at(path!)).map(([one]) => one), [clean]);
    }
    for (const path of ["..", "../a", "a/../b", "..a", "/a", ".", "./", "./../a", "a\0b"]) {
      assert.deepEqual([filesOf(at(path)), at(path).errors.length], [[], 1], path);
    }
  });

  it("makes files of volumes, with the modes that are asked for", () => {
    const resolution = resolve(podOf({
      volumeMounts: [{ name: "all", mountPath: "/all" }, { name: "e", mountPath: "/e" }],
    }, {
      volumes: [
        { name: "all", configMap: { name: "app", defaultMode: 0o600 } },
        { name: "e", emptyDir: {} },
        {
          name: "some",
          secret: { secretName: "db", items: [{ key: "user", path: "a/b", mode: 0o400 }] },
        },
        { name: "none", secret: { secretName: "gone", optional: true } },
      ],
    }));
    assert.deepEqual(filesOf(resolution).map(([path, , mode]) => [path, mode]), [
      ["0bad", 0o600],
      ["LEVEL", 0o600],
      ["PRICE", 0o600],
      ["app.conf", 0o600],
      ["logo.png", 0o600],
      ["a/b", 0o400],
    ]);
    assert.deepEqual(resolution.volumes.map(({ directory }) => directory), [
      "/run/podstead/volumes/default/web/all",
      "/run/podstead/volumes/default/web/some",
      "/run/podstead/volumes/default/web/none",
    ]);
    assert.deepEqual(resolution.pod.spec, {
      containers: [{
        name: "c",
        image: "i:1",
        volumeMounts: [
          { name: "all", mountPath: "/all", readOnly: true },
          { name: "e", mountPath: "/e" },
        ],
      }],
      volumes: [
        {
          name: "all",
          hostPath: { path: "/run/podstead/volumes/default/web/all", type: "Directory" },
        },
        { name: "e", emptyDir: {} },
        {
          name: "some",
          hostPath: { path: "/run/podstead/volumes/default/web/some", type: "Directory" },
        },
        {
          name: "none",
          hostPath: { path: "/run/podstead/volumes/default/web/none", type: "Directory" },
        },
      ],
    });
  });

  it("lets the group of fsGroup read the files", () => {
    const resolution = resolve(podOf({}, {
      securityContext: { fsGroup: 2000 },
      volumes: [{ name: "v", secret: { secretName: "db", defaultMode: 0o400 } }],
    }));
    assert.equal(resolution.volumes[0]?.gid, 2000);
    assert.deepEqual(filesOf(resolution).map(([, , mode]) => mode), [0o440, 0o440]);
  });

  it("joins the sources of a projected volume, the later one winning", () => {
    const volumes = [{
      name: "v",
      projected: {
        sources: [
          { configMap: { name: "app", items: [{ key: "LEVEL", path: "x" }] } },
          { secret: { name: "db", items: [{ key: "user", path: "x" }] } },
          {
            downwardAPI: {
              items: [
                { path: "name", fieldRef: { fieldPath: "metadata.name" } },
                { path: "labels", fieldRef: { fieldPath: "metadata.labels" }, mode: 0o400 },
                { path: "one", fieldRef: { fieldPath: "metadata.labels['b']" } },
              ],
            },
          },
        ],
      },
    }];
    const resolution = resolve(podOf({}, { volumes }, { labels: { b: 'q"\n', a: "1" } }));
    assert.deepEqual(filesOf(resolution), [
      ["labels", 'a="1"\nb="q\\"\\n"', 0o400],
      ["name", "web-node-1", 0o644],
      ["one", 'q"\n', 0o644],
      ["x", "app", 0o644],
    ]);
    const uid = { path: "uid", fieldRef: { fieldPath: "metadata.uid" } };
    const unknown = [{
      name: "v",
      projected: { sources: [{ secret: { name: "db" } }, { downwardAPI: { items: [uid] } }] },
    }];
    assert.match(
      said(resolve(podOf({}, { volumes: unknown }))).join(),
      /not known before the pod runs/,
    );
  });

  it("names each reference that nothing resolves", () => {
    const resolution = resolve(podOf({
      env: [
        { name: "A", valueFrom: { configMapKeyRef: { name: "nope", key: "k" } } },
        { name: "B", valueFrom: { secretKeyRef: { name: "db", key: "nope" } } },
      ],
      envFrom: [{ secretRef: { name: "other" } }],
    }, {
      volumes: [{ name: "v", configMap: { name: "app", items: [{ key: "no", path: "p" }] } }],
    }));
    assert.deepEqual(said(resolution), [
      'spec.volumes[0].configMap.items[0].key: Not found: ConfigMap "default/app" has no key "no"',
      'spec.containers[0].envFrom[0].secretRef: Not found: Secret "default/other" is not declared on this node',
      'spec.containers[0].env[0].valueFrom.configMapKeyRef: Not found: ConfigMap "default/nope" is not declared on this node',
      'spec.containers[0].env[1].valueFrom.secretKeyRef: Not found: Secret "default/db" has no key "nope"',
    ]);
  });

  it("refuses values that no variable can carry", () => {
    const bytes = {
      ...DB,
      binary: { k: Buffer.from([0xff]).toString("base64"), l: base64("x".repeat(131_072)) },
    };
    const resolution = resolve(podOf({ envFrom: [{ secretRef: { name: "db" } }] }), [bytes]);
    assert.match(
      said(resolution).join("\n"),
      /"k" .* is not UTF-8\n.*"l" .* more than 131072 bytes/,
    );
  });

  it("changes the version with the values of an environment, and with files only where that is asked for", () => {
    const other = { ...APP, text: { ...APP.text, LEVEL: "info" } };
    const env = podOf({ envFrom: [{ configMapRef: { name: "app" } }] });
    assert.notEqual(resolve(env).hash, resolve(env, [other]).hash);
    const volumes = [{ name: "v", configMap: { name: "app" } }];
    const files = podOf({}, { volumes });
    assert.equal(resolve(files).hash, resolve(files, [other]).hash);
    const restarted = podOf({}, { volumes }, {
      annotations: { "podstead.dev/restart-on": "config" },
    });
    assert.notEqual(resolve(restarted).hash, resolve(restarted, [other]).hash);
    for (const pod of [env, files, restarted]) {
      assert.equal(servedHash(pod, resolve(pod).pod), resolve(pod).hash);
    }
    const wrong = podOf({}, { volumes }, { annotations: { "podstead.dev/restart-on": "all" } });
    assert.match(said(resolve(wrong)).join(), /supported values: "config"/);
  });

  it("refuses Secrets in the environment where an API server shows them, unless they are allowed", () => {
    const container = { envFrom: [{ secretRef: { name: "db" } }] };
    const withServer = { ...options(), hasApiServer: true };
    assert.equal(resolvePod(podOf(container), withServer)?.errors[0]?.type, "Forbidden");
    const annotations = { "podstead.dev/secret-env": "allow" };
    const allowed = resolvePod(podOf(container, {}, { annotations }), withServer);
    assert.deepEqual([allowed?.errors, allowed?.warnings], [[], []]);
  });

  it("serves the same bytes for ever", () => {
    const pod = podOf(
      {
        envFrom: [{ configMapRef: { name: "app" } }],
        env: [{ name: "P", valueFrom: { secretKeyRef: { name: "db", key: "password" } } }],
        volumeMounts: [{ name: "v", mountPath: "/v" }],
      },
      { volumes: [{ name: "v", secret: { secretName: "db" } }] },
      {
        annotations: { "podstead.dev/restart-on": "config" },
      },
    );
    const { pod: served, hash } = resolve(pod);
    assert.equal(new TextDecoder().decode(renderPod(stampPod(served, hash))), GOLDEN);
  });
});

/** Changing it restarts the pods of every node: do not. */
const GOLDEN =
  '{"apiVersion":"v1","kind":"Pod","metadata":{"annotations":{"podstead.dev/config-hash":"93244a0d505f959c","podstead.dev/restart-on":"config","podstead.dev/spec-hash":"7a8ad4a2ebde4031"},"name":"web"},"spec":{"containers":[{"env":[{"name":"LEVEL","value":"debug"},{"name":"PRICE","value":"5$$ $$(HOME)"},{"name":"app.conf","value":"a=1\\n"},{"name":"P","value":"hunter2"}],"image":"i:1","name":"c","volumeMounts":[{"mountPath":"/v","name":"v","readOnly":true}]}],"volumes":[{"hostPath":{"path":"/run/podstead/volumes/default/web/v","type":"Directory"},"name":"v"}]}}';
