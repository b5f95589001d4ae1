import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { AgentClient } from "../../mod/api/client/mod.ts";
import { createUiApp } from "../../mod/ui/app.tsx";
import { Door } from "../../mod/ui/door.ts";
import { SeenNode, type UiNode } from "../../mod/ui/node.ts";
import { UsageCurves } from "../../mod/ui/usage.ts";
import { FakeClock } from "../support/fake_clock.ts";

const PORT = 4321;
const ORIGIN = `http://127.0.0.1:${PORT}`;
const SECRET =
  "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData:\n  password: hunter2\n";

/** An agent at revision 5 that says what it is asked to change. */
function agentOf(more: Partial<Record<keyof AgentClient, unknown>> = {}) {
  const acted: [string, object][] = [];
  const agent = {
    async *events() {},
    history: () =>
      Promise.resolve([{ number: 5, current: true, at: "", trigger: "", result: "", pods: [] }]),
    trial: () => Promise.resolve({ running: { revision: 5, backTo: 4 } }),
    overview: () => Promise.resolve({ state: "well", links: [], causes: [], pods: [] }),
    change: (input: object) => {
      acted.push(["change", input]);
      return Promise.resolve({
        result: "dryRun" in input ? "planned" : "applied",
        files: [{ path: "/c.yaml", before: SECRET, after: SECRET.replace("hunter2", "hunter3") }],
        reload: { pods: [], problems: [] },
      });
    },
    confirm: () => Promise.resolve(acted.push(["confirm", {}])),
    cancel: () => Promise.resolve(acted.push(["cancel", {}])),
    ...more,
  };
  // Nothing else is asked of it.
  return { agent: agent as unknown as AgentClient, acted };
}

interface Scene {
  readonly nodes: readonly UiNode[];
  readonly clock: FakeClock;
  readonly read: string[];
}

function appOf({ nodes, clock, read }: Scene) {
  const closing = new AbortController().signal;
  const door = new Door(PORT);
  const app = createUiApp({
    nodes: nodes.map((node) => {
      const seen = new SeenNode(node, clock, closing);
      return { seen, curves: new UsageCurves(seen, clock) };
    }),
    rollouts: undefined,
    door,
    clock,
    closing,
    operationsOf: (text) => {
      read.push(text);
      return Promise.resolve([]);
    },
  });
  const ask = (path: string, init: RequestInit = {}) =>
    app.request(`${ORIGIN}${path}`, {
      ...init,
      headers: { Host: `127.0.0.1:${PORT}`, ...init.headers },
    });
  return { app, door, ask };
}

/** Pages of some nodes, for a browser that is signed in. */
async function scene(...nodes: readonly UiNode[]) {
  const clock = new FakeClock();
  const read: string[] = [];
  const { door, ask } = appOf({ nodes, clock, read });
  const entered = await ask(`/enter?token=${door.token}`);
  const cookie = entered.headers.get("Set-Cookie")?.split(";")[0] ?? "";
  const page = (path: string, init: RequestInit = {}) =>
    ask(path, { ...init, headers: { Cookie: cookie, ...init.headers } });
  const post = (path: string, values: Readonly<Record<string, string>>) => {
    const body = new URLSearchParams({ key: door.formKey, ...values }).toString();
    return page(path, {
      method: "POST",
      body,
      headers: {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Length": String(body.length),
      },
    });
  };
  return { clock, read, door, cookie, page, post };
}

function there(agent: AgentClient, name = "n", mayAct = true): UiNode {
  return { name, connect: () => Promise.resolve({ agent, mayAct }) };
}

/** What a form on a page sends back. */
function valuesOf(html: string): Record<string, string> {
  return Object.fromEntries(
    [...html.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name, value]) =>
      [name ?? "", value ?? ""] as const
    ),
  );
}

describe("the way in to the pages", () => {
  it("has a cookie of its own for each port, as browsers send theirs to all of an address", async () => {
    const { cookie } = await scene(there(agentOf().agent));
    assert.match(cookie, new RegExp(`^podstead_ui_${PORT}=`));
  });

  it("takes GET and POST alone, and uses the token up by neither another nor a wrong one", async () => {
    const { door, ask } = appOf({
      nodes: [there(agentOf().agent)],
      clock: new FakeClock(),
      read: [],
    });
    for (const method of ["HEAD", "OPTIONS", "PUT", "DELETE"]) {
      assert.equal((await ask(`/enter?token=${door.token}`, { method })).status, 405, method);
    }
    assert.equal(
      (await ask(`/enter?token=${door.token}`, { method: "POST" })).status,
      401,
    );
    assert.equal((await ask("/enter?token=wrong")).status, 401);
    assert.equal((await ask(`/enter?token=${door.token}`)).status, 302);
    assert.equal((await ask(`/enter?token=${door.token}`)).status, 401);
  });

  it("changes nothing by GET, and nothing for who may only look", async () => {
    const { agent, acted } = agentOf();
    const { page, post } = await scene(there(agent), there(agent, "reader", false));
    for (const act of ["apply", "confirm", "cancel", "rollback?revision=4"]) {
      assert.equal((await page(`/n/n/act/${act}`)).status, 200, act);
      assert.equal((await page(`/n/reader/act/${act}`)).status, 403, act);
    }
    for (const act of ["confirm", "cancel"]) {
      assert.equal((await post(`/n/reader/act/${act}`, { revision: "5" })).status, 403, act);
    }
    assert.deepEqual(acted.filter(([, input]) => !("dryRun" in input)), []);
  });

  it("finds nodes with odd names, and nothing above them", async () => {
    const name = "a/../b %2f<é";
    const { page } = await scene(there(agentOf().agent, name), there(agentOf().agent, "other"));
    const html = await (await page("/nodes")).text();
    const href = /href="(\/n\/a[^"]*)"/.exec(html)?.[1] ?? "";
    const answer = await page(href);
    assert.equal(answer.status, 200, href);
    assert.match(await answer.text(), /a\/..\/b %2f&lt;é/);
    for (const path of ["/n/..%2f..%2fetc", "/n/other/..%2f..%2fpasswd", "/n/other/pods/x"]) {
      assert.equal((await page(path)).status, 404, path);
    }
  });
});

describe("changes from the pages", () => {
  it("hides the values of Secrets in what is asked", async () => {
    const { agent } = agentOf();
    const { post } = await scene(there(agent));
    const html = await (await post("/n/n/act/apply", { yaml: "x" })).text();
    assert.match(html, /password: \(hidden, 7 bytes/);
    assert.doesNotMatch(html, /hunter/);
  });

  it("hides the values of Secrets in what a revision changed", async () => {
    const revision = { number: 4, current: false, at: "", trigger: "", result: "", pods: [] };
    const { agent } = agentOf({
      history: () => Promise.resolve([{ ...revision, number: 5 }, revision]),
      revision: ({ number }: { number: number }) =>
        Promise.resolve({
          files: [{ path: "/c", text: SECRET.replace("hunter2", `hunter${number}`) }],
        }),
    });
    const { page } = await scene(there(agent));
    const html = await (await page("/n/n/changes/5")).text();
    assert.match(html, /password: \(hidden, 7 bytes/);
    assert.doesNotMatch(html, /hunter/);
  });

  it("does what was asked to the revision for which it was asked, with its line ends", async () => {
    const { agent, acted } = agentOf();
    const { post, read } = await scene(there(agent));
    const yaml = "a: 1\r\nb: 2\r\n";
    const asked = await (await post("/n/n/act/apply", { yaml, trial: "yes" })).text();
    const values = valuesOf(asked);
    assert.equal(values["base"], "5");
    assert.equal((await post("/n/n/act/apply", values)).status, 303);
    assert.deepEqual(read, ["a: 1\nb: 2\n", "a: 1\nb: 2\n"]);
    assert.deepEqual(acted.map(([, input]) => (input as { ifRevision?: number }).ifRevision), [
      5,
      5,
    ]);
  });

  it("keeps or takes back the trial that was asked about, and no later one", async () => {
    let revision = 5;
    const { agent, acted } = agentOf({
      trial: () => Promise.resolve({ running: { revision, backTo: 4 } }),
    });
    const { page, post, clock } = await scene(there(agent));
    for (const act of ["confirm", "cancel"]) {
      const values = valuesOf(await (await page(`/n/n/act/${act}`)).text());
      revision += 1;
      assert.equal((await post(`/n/n/act/${act}`, values)).status, 404);
      assert.deepEqual(acted, []);
      await clock.advance(5_000);
    }
    const values = valuesOf(await (await page("/n/n/act/cancel")).text());
    assert.equal((await post("/n/n/act/cancel", values)).status, 303);
    assert.deepEqual(acted.map(([name]) => name), ["cancel"]);
  });

  it("shows at once what was just changed", async () => {
    let asked = 0;
    const { agent } = agentOf({
      trial: () => {
        asked += 1;
        return Promise.resolve({ running: { revision: 5, backTo: 4 } });
      },
    });
    const { page, post } = await scene(there(agent));
    await page("/n/n/changes");
    await page("/n/n/changes");
    assert.equal(asked, 1);
    await post("/n/n/act/confirm", { revision: "5" });
    asked = 0;
    await page("/n/n/changes");
    assert.equal(asked, 1);
  });
});

describe("the page of a control plane", () => {
  it("tells a component from a pod whose name begins like it", async () => {
    const pod = { ready: "True", state: "holds", text: "", reason: "", phase: "", restarts: 0 };
    const ids = ["kube-system/etcd-backup-n", "kube-system/etcd-n"];
    const { agent } = agentOf({
      overview: () => Promise.resolve({ pods: ids.map((id) => ({ ...pod, id })) }),
      certificates: () => Promise.resolve([]),
    });
    const { page } = await scene(there(agent));
    const html = await (await page("/n/n/control-plane")).text();
    assert.match(html, /href="\/n\/n\/pods\/kube-system\/etcd-n"/);
    assert.doesNotMatch(html, /etcd-backup/);
  });
});

describe("a node that does not answer", () => {
  const never = () => new Promise<never>(() => undefined);

  it("is a card among the others, and a sentence on its own page", async () => {
    const { page, clock } = await scene(
      there(agentOf().agent, "good"),
      { name: "gone", connect: never },
    );
    const cards = page("/nodes");
    await clock.advance(1_500);
    const html = await (await cards).text();
    assert.match(html, /1 of 2 nodes are well/);
    assert.match(html, /It has not answered yet/);
    const own = page("/n/gone/pods/default/web");
    await clock.advance(1_500);
    const answer = await own;
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /data-part.*It has not answered yet/);
  });

  it("is asked one question at a time, however long it takes", async () => {
    let asked = 0;
    const { agent } = agentOf({
      overview: () => {
        asked += 1;
        return never();
      },
    });
    const { page, clock } = await scene(there(agent));
    for (let times = 0; times < 3; times += 1) {
      const answer = page("/live/n/n");
      await clock.advance(1_500);
      assert.match(await (await answer).text(), /cannot be reached/);
    }
    assert.equal(asked, 1);
  });

  it("shows the control plane of an agent that knows no certificates", async () => {
    const { agent } = agentOf({ certificates: () => Promise.reject(new Error("no such route")) });
    const { page } = await scene(there(agent));
    const answer = await page("/n/n/control-plane");
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /no such route/);
  });
});
