import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { formatContainer, PodsteadError } from "../../mod/core/mod.ts";
import {
  type ContainerView,
  type PodView,
  resolveContainer,
  resolvePod,
  type SelectOptions,
} from "../../mod/cri/mod.ts";

const NODE = "node-1";

function container(name: string, id: string, changes: Partial<ContainerView> = {}): ContainerView {
  return {
    id: id.padEnd(64, "0"),
    name,
    type: "container",
    attempt: 0,
    restartCount: 0,
    state: "CONTAINER_RUNNING",
    createdAt: "2026-01-01T00:00:00.000Z",
    image: "busybox",
    imageId: "sha256:1",
    labels: {},
    annotations: {},
    ...changes,
  };
}

function pod(name: string, containers: ContainerView[], changes: Partial<PodView> = {}): PodView {
  return {
    sandboxId: `5a${name}`,
    namespace: "default",
    name,
    uid: `uid-${name}`,
    attempt: 0,
    state: "SANDBOX_READY",
    createdAt: "2026-01-01T00:00:00.000Z",
    isStatic: true,
    labels: {},
    annotations: {},
    containers,
    ...changes,
  };
}

const PODS: readonly PodView[] = [
  pod("nginx-node-1", [
    container("nginx", "4183a7d7a771"),
    container("nginx", "aaaa1", {
      attempt: 1,
      createdAt: "2026-01-02T00:00:00.000Z",
    }),
  ]),
  pod("nginx-2-node-1", [container("nginx", "bbbb1")]),
  pod("web-node-1", [
    container("init", "cccc1", { type: "init" }),
    container("app", "cccc2"),
    container("sidecar", "cccc3"),
  ]),
  pod("one-node-1", [
    container("setup", "dddd1", { type: "init" }),
    container("main", "dddd2"),
  ]),
  pod("two-node-1", [container("a", "eeee1"), container("b", "eeee2")], {
    annotations: { "kubectl.kubernetes.io/default-container": "b" },
  }),
  pod("same", [container("x", "ffff1")], { isStatic: false }),
  pod("same", [container("x", "ffff2")], { isStatic: false, namespace: "kube-system" }),
  pod("changed-node-1", [container("c", "abab1")], {
    uid: "old",
    state: "SANDBOX_NOTREADY",
    sandboxId: "01d",
  }),
  pod("changed-node-1", [
    container("c", "abab2", { createdAt: "2026-01-03T00:00:00.000Z" }),
  ], { uid: "new", sandboxId: "0ew1", createdAt: "2026-01-03T00:00:00.000Z" }),
  pod("empty-node-1", []),
  pod("crashing-node-1", [container("c", "cdcd1", { attempt: 3, state: "CONTAINER_EXITED" })]),
];

/** reference, options, `pod:container:id` that is found. */
const FOUND: readonly (readonly [string, SelectOptions, string])[] = [
  ["default/nginx-node-1:nginx:4183a7d7a771", {}, "default/nginx-node-1:nginx:4183a7d7a771"],
  ["default/nginx-node-1:nginx:41", {}, "default/nginx-node-1:nginx:4183a7d7a771"],
  ["default/nginx-node-1:nginx", {}, "default/nginx-node-1:nginx:aaaa10000000"],
  ["default/nginx-node-1:ng", {}, "default/nginx-node-1:nginx:aaaa10000000"],
  ["default/nginx-node-1", {}, "default/nginx-node-1:nginx:aaaa10000000"],
  ["nginx-node-1", {}, "default/nginx-node-1:nginx:aaaa10000000"],
  ["nginx", { nodeName: NODE }, "default/nginx-node-1:nginx:aaaa10000000"],
  ["default/nginx", { nodeName: NODE }, "default/nginx-node-1:nginx:aaaa10000000"],
  ["default-nginx", { nodeName: NODE }, "default/nginx-node-1:nginx:aaaa10000000"],
  ["default-nginx-node-1", {}, "default/nginx-node-1:nginx:aaaa10000000"],
  ["nginx-2", {}, "default/nginx-2-node-1:nginx:bbbb10000000"],
  ["default-nginx-2", {}, "default/nginx-2-node-1:nginx:bbbb10000000"],
  ["nginx", { nodeName: NODE, previous: true }, "default/nginx-node-1:nginx:4183a7d7a771"],
  ["nginx", { nodeName: NODE, attempt: 0 }, "default/nginx-node-1:nginx:4183a7d7a771"],
  ["web:app", {}, "default/web-node-1:app:cccc20000000"],
  ["web", { container: "side" }, "default/web-node-1:sidecar:cccc30000000"],
  ["web:init", {}, "default/web-node-1:init:cccc10000000"],
  ["one", {}, "default/one-node-1:main:dddd20000000"],
  ["two", {}, "default/two-node-1:b:eeee20000000"],
  ["kube-system/same", {}, "kube-system/same:x:ffff20000000"],
  ["changed", {}, "default/changed-node-1:c:abab20000000"],
  ["changed", { previous: true }, "default/changed-node-1:c:abab10000000"],
  ["crashing", { previous: true }, "default/crashing-node-1:c:cdcd10000000"],
  ["changed:c:abab1", {}, "default/changed-node-1:c:abab10000000"],
  ["bbbb1", {}, "default/nginx-2-node-1:nginx:bbbb10000000"],
  ["0ew1", {}, "default/changed-node-1:c:abab20000000"],
];

/** reference, options, code, what message and hint say together. */
const REFUSED: readonly (readonly [string, SelectOptions, string, RegExp])[] = [
  ["nginx", {}, "ambiguous", /default\/nginx-node-1, default\/nginx-2-node-1/],
  ["same", {}, "ambiguous", /default\/same, kube-system\/same/],
  ["web", {}, "ambiguous", /init, app, sidecar.*web:init/],
  ["changed:c:abab", {}, "ambiguous", /changed-node-1:c:abab2.*changed-node-1:c:abab1/],
  ["cccc", {}, "ambiguous", /web-node-1:init:cccc1/],
  ["nginc", { nodeName: NODE }, "not-found", /No pod or container "nginc".*Did you mean "nginx"/],
  ["zzz", {}, "not-found", /podstead containers -k/],
  ["abc", {}, "not-found", /No pod/],
  ["web:ap2", {}, "not-found", /Did you mean "app"/],
  ["one:zzzzzz", {}, "not-found", /It has setup, main/],
  ["nginx-2:nginx:12", {}, "not-found", /There is default\/nginx-2-node-1:nginx:bbbb1/],
  ["nginx-2", { previous: true }, "not-found", /no earlier attempt/],
  ["nginx-2", { attempt: 7 }, "not-found", /no attempt 7.*There is attempt 0/],
  ["empty", {}, "not-found", /no container yet/],
  ["", {}, "usage", /does not name/],
  ["a:b:c:d", {}, "usage", /POD\[:CONTAINER\[:HASH\]\]/],
];

describe("resolveContainer()", () => {
  for (const [reference, options, expected] of FOUND) {
    it(`finds ${expected} by "${reference}" ${JSON.stringify(options)}`, () => {
      const selected = resolveContainer(PODS, reference, options);
      assert.equal(formatContainer(selected.pod, selected.container), expected);
    });
  }
  for (const [reference, options, code, text] of REFUSED) {
    it(`refuses "${reference}" ${JSON.stringify(options)} as ${code}`, () => {
      assert.throws(() => resolveContainer(PODS, reference, options), (error) => {
        assert.ok(error instanceof PodsteadError);
        assert.equal(error.code, code);
        assert.match(`${error.message}. ${error.hint}`, text);
        return true;
      });
    });
  }

  it("names at most ten candidates", () => {
    const many = Array.from({ length: 30 }, (_, index) => pod(`p${index}`, []));
    assert.throws(() => resolveContainer(many, "p"), /p9 and 20 more/);
  });
});

describe("resolvePod()", () => {
  it("gives the newest sandbox first", () => {
    assert.deepEqual(resolvePod(PODS, "changed").map(({ uid }) => uid), ["new", "old"]);
  });

  it("finds a pod without containers", () => {
    assert.equal(resolvePod(PODS, "empty")[0].name, "empty-node-1");
  });
});
