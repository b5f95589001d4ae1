/** What each of the two sockets answers, and what is recorded of who acts. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { agentClient } from "../../mod/api/client/mod.ts";
import {
  type Access,
  isActing,
  isAllowed,
  type RouteName,
  ROUTES,
} from "../../mod/api/contract/mod.ts";
import { type Act, createAdminApp, type Handlers } from "../../mod/api/server/mod.ts";
import { appTransport, handlersWith } from "../support/admin_api.ts";

const NODE = "10.0.0.1";
const POD = {
  spec: {
    containers: [{ name: "c", env: [{ name: "PASSWORD", value: "s3cret" }] }],
    initContainers: [{ name: "i", env: [{ name: "FROM", valueFrom: { fieldRef: {} } }] }],
  },
};

const RELOAD = {
  result: "unchanged" as const,
  trigger: "request" as const,
  ...{ revision: 1, at: "t", durationMs: 1, pods: [], problems: [], needRestart: [] },
  served: { pods: 0, bytes: 0, etag: "" },
};

const HANDLERS: Partial<Handlers> = {
  change: () => Promise.resolve({ result: "unchanged", files: [], reload: RELOAD }),
  restart: (pod) => Promise.resolve({ ...pod, hash: "h", method: "quick" }),
  resources: () => ({
    apiVersion: "podstead.dev/v1",
    items: [{
      ...{ node: NODE, namespace: "k8s", type: "StaticPod", id: "default-web", version: 1 },
      ...{ created: "t", updated: "t", spec: POD },
    }],
  }),
  stop: ({ containerId }) => {
    if (containerId === "gone") throw new Error("no such container");
    return {};
  },
};

function clientOf(access: Access, handlers: Partial<Handlers> = HANDLERS) {
  const acts: Act[] = [];
  const app = createAdminApp(handlersWith(handlers), {
    ...{ version: "1", closing: new AbortController().signal, access },
    onAct: (act) => void acts.push(act),
  });
  const caller = { uid: () => Promise.resolve(1000), trust: () => undefined };
  return { app, acts, client: agentClient(appTransport(app, caller)) };
}

describe("createAdminApp()", () => {
  it("hides environment values on the read socket, and nowhere else", async () => {
    for (const [access, value] of [["read", "(hidden)"], ["admin", "s3cret"]] as const) {
      const list = await clientOf(access).client.resources({ type: "StaticPod" });
      const text = JSON.stringify(list);
      assert.ok(text.includes(`{"name":"PASSWORD","value":"${value}"}`), text);
      assert.equal(text.includes("s3cret"), access === "admin");
      assert.ok(text.includes("fieldRef"), text);
    }
  });

  it("hides what was meant as a variable's value, however it was declared", async () => {
    const declared: readonly (readonly [env: unknown, shown: unknown])[] = [
      ["PASSWORD=s3cret", "(hidden)"],
      [{ PASSWORD: "s3cret" }, { PASSWORD: "(hidden)" }],
      [["PASSWORD=s3cret"], ["PASSWORD=(hidden)"]],
      [[{ name: "PASSWORD=s3cret" }], [{ name: "PASSWORD=(hidden)" }]],
      [[{ name: "PASSWORD", value: ["s3cret"] }], [{ name: "PASSWORD", value: "(hidden)" }]],
      [[["s3cret"], "s3cret"], ["(hidden)", "(hidden)"]],
      [[{ PASSWORD: "s3cret" }], [{ PASSWORD: "(hidden)" }]],
      [null, null],
    ];
    for (const [env, shown] of declared) {
      const pod = { spec: { containers: [{ name: "c", env }] } };
      const { app } = clientOf("read", { describe: () => Promise.resolve({ pod } as never) });
      const answer = await app.request("/v1/describe?pod=web", { headers: { Host: "podstead" } });
      assert.deepEqual(await answer.json(), {
        pod: { spec: { containers: [{ name: "c", env: shown }] } },
      });
    }
    const httpHeaders = [{ name: "Authorization", value: "s3cret" }];
    const probe = { httpGet: { path: "/", httpHeaders } };
    const { app: probed } = clientOf("read", { describe: () => Promise.resolve(probe as never) });
    assert.doesNotMatch(
      await (await probed.request("/v1/describe?pod=web", { headers: { Host: "podstead" } }))
        .text(),
      /s3cret/,
    );
    const applied = { "kubectl.kubernetes.io/last-applied-configuration": "s3cret", "a": "b" };
    const { app } = clientOf("read", {
      describe: () => Promise.resolve({ metadata: { annotations: applied } } as never),
    });
    const answer = await app.request("/v1/describe?pod=web", { headers: { Host: "podstead" } });
    assert.deepEqual(await answer.json(), { metadata: { annotations: { a: "b" } } });
  });

  it("shows on the read socket no line of a file that a problem quotes, and no Secret", async () => {
    const problem = { message: "wrong", sourceLine: "  password: s3cret" };
    const secret = { data: { password: "czNjcmV0" } };
    const item = { node: NODE, id: "x", version: 1, created: "t", updated: "t" };
    const app = (access: Access) =>
      createAdminApp(
        handlersWith({
          resources: ({ type, showSecrets = false }) => ({
            apiVersion: "podstead.dev/v1",
            items: [{
              ...{ ...item, type, spec: showSecrets ? secret : {} },
              status: { problems: [problem] },
            }],
          }),
        }),
        {
          ...{ version: "1", closing: new AbortController().signal, access },
          onAct: () => undefined,
        },
      );
    const caller = { uid: () => Promise.resolve(1000), trust: () => undefined };
    const ask = async (access: Access, showSecrets: boolean) => {
      const query = { type: "Secret" as const, ...(showSecrets ? { showSecrets } : {}) };
      return JSON.stringify(
        await agentClient(appTransport(app(access), caller)).resources(query),
      );
    };
    assert.match(await ask("admin", true), /czNjcmV0.*s3cret/);
    assert.doesNotMatch(await ask("read", false), /s3cret|czNjcmV0/);
    await assert.rejects(ask("read", true), /shows no values of Secrets/);
  });

  it("answers on the read socket no route that acts or shows files", async () => {
    const { app } = clientOf("read");
    const refused = (Object.keys(ROUTES) as RouteName[]).filter((name) => !isAllowed(name, "read"));
    assert.ok(refused.includes("exec") && refused.includes("inspect"), String(refused));
    for (const name of refused) {
      const { method, path } = ROUTES[name];
      const response = await app.request(path, { method, headers: { Host: "podstead" } });
      assert.equal(response.status, 403, name);
    }
  });

  it("knows of each route that is no GET whether it acts", () => {
    const posts = (Object.keys(ROUTES) as RouteName[])
      .filter((name) => ROUTES[name].method === "POST");
    assert.deepEqual(posts.filter((name) => !isActing(name)), ["wait", "logs"]);
    assert.deepEqual(posts.filter((name) => isActing(name) && isAllowed(name, "read")), []);
  });

  it("records who acts, on what, and whether it was done", async () => {
    const { client, acts } = clientOf("admin");
    await client.stop({ containerId: "0123456789abcdef" });
    await assert.rejects(client.stop({ containerId: "gone" }));
    await client.resources({ type: "StaticPod" });
    assert.deepEqual(acts, [
      { route: "stop", uid: 1000, subject: "0123456789ab", end: "done" },
      { route: "stop", uid: 1000, subject: "gone", end: "failed" },
    ]);
  });

  it("records a refused change as refused, by its answer", async () => {
    const { client, acts } = clientOf("admin", {
      ...HANDLERS,
      change: () => Promise.resolve({ result: "refused", files: [], reload: RELOAD }),
      reload: () => Promise.resolve({ ...RELOAD, result: "rejected" }),
    });
    await client.change({ trigger: "apply", operations: [] });
    await client.reload({});
    assert.deepEqual(acts.map(({ route, end }) => [route, end]), [
      ["change", "refused"],
      ["reload", "refused"],
    ]);
  });

  it("names what a change is about, and records no dry run", async () => {
    const { client, acts } = clientOf("admin");
    const pod = { namespace: "default", name: "web" };
    const object = { kind: "Secret", namespace: "default", name: "app" } as const;
    const change = {
      trigger: "apply",
      operations: [
        { kind: "set-image", pod, image: "nginx:2" },
        {
          kind: "apply",
          pods: [{ ...pod, name: "new", pod: {} }],
          objects: [{ ...object, object: {} }],
        },
        { kind: "write", file: "/etc/podstead/config.yaml", text: "s3cret" },
      ],
    } as const;
    await client.change({ ...change, dryRun: true });
    await client.change(change);
    await client.restart(pod);
    assert.deepEqual(acts.map(({ route, subject }) => [route, subject]), [
      [
        "change",
        "apply default/web, default/new, Secret default/app, /etc/podstead/config.yaml",
      ],
      ["restart", "default/web"],
    ]);
  });

  it("refuses a body that is too large", async () => {
    const { app } = clientOf("read");
    const response = await app.request(ROUTES.logs.path, {
      method: "POST",
      headers: { Host: "podstead" },
      body: "x".repeat(100_000),
    });
    assert.equal(response.status, 400);
    assert.match(await response.text(), /too large/);
  });
});
