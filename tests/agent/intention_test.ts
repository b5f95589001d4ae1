/** What becomes of a served pod when its source changes: the table of docs/config.md. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, rename, rm, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AgentNode, makeAgentNode } from "../support/agent_node.ts";

const pod = (name: string, image = "i:1") =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n` +
  `spec: {containers: [{name: c, image: '${image}'}]}\n`;
const item = (name: string) =>
  `    - {apiVersion: v1, kind: Pod, metadata: {name: ${name}}, ` +
  "spec: {containers: [{name: c, image: 'i:1'}]}}\n";
const CONFIG = `agent: {}\nmachine:\n  pods:\n${item("own")}`;
const LIST = "apiVersion: v1\nkind: PodList\nitems:\n";

/** A node that serves `own` from its config, `web` and `db` from one drop-in, `listed` from a list. */
async function servingNode() {
  const node = await makeAgentNode();
  await node.write("config.yaml", CONFIG);
  await node.write("pods.d/two.yaml", `${pod("web")}---\n${pod("db")}`);
  await node.write("pods.d/list.yaml", `${LIST}${item("listed").replace(/^ {4}/, "")}`);
  return node;
}

type Edit = (node: AgentNode) => Promise<unknown>;

/** Edits the files of a serving node and reloads it, then restarts it. */
async function after(edit: Edit, allowRemovals = false) {
  await using node = await servingNode();
  const agent = await node.start();
  await agent.reload("start");
  await edit(node);
  const outcome = await agent.reloadSettled("request", { allowRemovals });
  await agent.close();
  const restarted = await node.start();
  const again = await restarted.reloadSettled("start");
  await restarted.close();
  const names = (pods: readonly { readonly name: string; readonly state?: string }[]) =>
    pods.filter(({ state }) => state !== undefined).map(({ name }) => name).sort();
  return {
    result: outcome.result,
    served: names(outcome.pods),
    reasons: outcome.pods.flatMap(({ name, reason }) =>
      reason === undefined ? [] : [
        `${name}: ${reason}`,
      ]
    ),
    restarted: { result: again.result, served: names(again.pods) },
  };
}

const ALL = ["db", "listed", "own", "web"];

describe("A pod that is taken out of a healthy source", () => {
  const cases: readonly (readonly [string, Edit, readonly string[], RegExp])[] = [
    [
      "a file that was deleted",
      (node) => node.remove("pods.d/list.yaml"),
      ["db", "own", "web"],
      /listed: its file ".*list\.yaml" is gone/,
    ],
    [
      "a document that was taken out",
      (node) => node.write("pods.d/two.yaml", pod("web")),
      ["listed", "own", "web"],
      /db: its file ".*two\.yaml" has it no more/,
    ],
    [
      "an item that was taken out",
      (node) => node.write("config.yaml", "machine: {pods: []}\n"),
      ["db", "listed", "web"],
      /own: its file ".*config\.yaml" has it no more/,
    ],
    [
      "an explicit empty list of items",
      (node) => node.write("pods.d/list.yaml", "apiVersion: v1\nkind: PodList\nitems: []\n"),
      ["db", "own", "web"],
      /listed: its file/,
    ],
    [
      "a file that was put out of use by its name",
      (node) =>
        rename(join(node.path, "pods.d/list.yaml"), join(node.path, "pods.d/list.yaml.off")),
      ["db", "own", "web"],
      /listed: its file/,
    ],
  ];
  for (const [what, edit, served, reason] of cases) {
    it(`leaves the list after ${what}`, async () => {
      const found = await after(edit);
      assert.equal(found.result, "applied");
      assert.deepEqual(found.served, served);
      assert.match(found.reasons.join("\n"), reason);
      assert.deepEqual(found.restarted, { result: "unchanged", served });
    });
  }

  it("stays where it moves to another file", async () => {
    const found = await after(async (node) => {
      await rename(join(node.path, "pods.d/two.yaml"), join(node.path, "pods.d/other.yml"));
    });
    assert.equal(found.result, "unchanged");
    assert.deepEqual(found.served, ALL);
  });
});

describe("A pod that may only be out of sight", () => {
  const directory = (node: AgentNode) => join(node.path, "pods.d");
  const cases: readonly (readonly [string, Edit, RegExp])[] = [
    [
      "a directory that was renamed",
      (node) => rename(directory(node), `${directory(node)}.old`),
      /directory ".*pods\.d" is gone/,
    ],
    [
      "a directory that became a link to nowhere",
      async (node) => {
        await node.remove("pods.d");
        await symlink("/nowhere/at/all", directory(node));
      },
      /link that leads nowhere/,
    ],
    [
      "a directory that became a file",
      async (node) => {
        await node.remove("pods.d");
        await node.write("pods.d", "text");
      },
      /is no directory now/,
    ],
    [
      "another, empty directory in its place",
      async (node) => {
        await rename(directory(node), `${directory(node)}.old`);
        await mkdir(directory(node));
      },
      /is another one than before/,
    ],
    ["a file of nothing but comments", (node) => node.write("pods.d/two.yaml", "# off\n"), /two/],
    [
      "nothing but a document that is ignored",
      (node) => node.write("pods.d/two.yaml", "apiVersion: v1alpha1\nkind: LinkConfig\nname: a\n"),
      /only documents that podstead ignores/,
    ],
    ["an empty document", (node) => node.write("pods.d/two.yaml", "---\n"), /no document/],
    ["a null document", (node) => node.write("pods.d/two.yaml", "null\n"), /no document/],
    ["a list without items", (node) => node.write("pods.d/list.yaml", LIST), /no items/],
    [
      "a config whose list of pods is gone",
      (node) => node.write("config.yaml", "agent: {}\n"),
      /no machine\.pods/,
    ],
    [
      "a config whose list of pods is null",
      (node) => node.write("config.yaml", "machine:\n  pods:\n"),
      /no machine\.pods/,
    ],
    [
      "an include that does not name the file any more",
      (node) =>
        node.write(
          "config.yaml",
          CONFIG.replace("agent: {}", "agent: {include: ['podz.d/*.yaml']}"),
        ),
      /still there, but is not read any more/,
    ],
    [
      "a link to a file that is gone",
      async (node) => {
        await rm(join(directory(node), "two.yaml"));
        await symlink("gone.yaml", join(directory(node), "two.yaml"));
      },
      /two\.yaml" cannot be used/,
    ],
  ];
  for (const [what, edit, reason] of cases) {
    it(`is kept after ${what}, also over a restart`, async () => {
      const found = await after(edit);
      assert.equal(found.result, "partial");
      assert.deepEqual(found.served, ALL);
      assert.match(found.reasons.join("\n"), reason);
      assert.deepEqual(found.restarted, { result: "partial", served: ALL });
    });

    it(`goes when its removal is meant, after ${what}`, async () => {
      const found = await after(edit, true);
      assert.ok(found.served.length < ALL.length, found.served.join());
      assert.deepEqual(found.restarted.served, found.served);
    });
  }

  it("comes back as it was when its source does", async () => {
    await using node = await servingNode();
    const agent = await node.start();
    await agent.reload("start");
    await rename(directory(node), `${directory(node)}.old`);
    assert.equal((await agent.reloadSettled("signal")).result, "partial");
    await rename(`${directory(node)}.old`, directory(node));
    const back = await agent.reloadSettled("signal");
    assert.equal(back.result, "unchanged");
    assert.deepEqual(new Set(back.pods.map(({ state }) => state)), new Set(["Served"]));
    await agent.close();
  });
});

describe("A pod that leaves its file while another one is broken", () => {
  const web = pod("web");
  const moves: readonly (readonly [string, string])[] = [
    ["a syntax error", `${web}]`],
    ["a mistyped kind", web.replace("kind: Pod", "kind: Pdo")],
    ["a mistyped name key", web.replace("name: web", "nmae: web")],
    ["an invalid name", web.replace("name: web", "name: We_b")],
    ["another object's kind", web.replace("kind: Pod", "kind: Secret")],
  ];
  for (const [what, text] of moves) {
    it(`is kept if it may have moved there, with ${what}, until that is fixed`, async () => {
      await using node = await makeAgentNode();
      await node.write("pods.d/web.yaml", web);
      const agent = await node.start();
      await agent.reload("start");
      await node.remove("pods.d/web.yaml");
      await node.write("pods.d/moved.yaml", text);
      const first = await agent.reloadSettled("request");
      await agent.close();
      const restarted = await node.start();
      for (const outcome of [first, await restarted.reloadSettled("start")]) {
        assert.equal(outcome.result, "partial");
        const { state, reason } = outcome.pods.find(({ name }) => name === "web") ?? {};
        assert.equal(state, "Kept");
        assert.match(reason ?? "", /web\.yaml" is gone, but the file ".*moved\.yaml"/);
      }
      await node.write("pods.d/moved.yaml", web);
      assert.equal((await restarted.reloadSettled("request")).result, "unchanged");
      await restarted.close();
    });
  }

  it("is taken in its new version from the file that has it, although a broken one names it", async () => {
    await using node = await servingNode();
    const agent = await node.start();
    await agent.reload("start");
    await node.remove("pods.d/two.yaml");
    await node.write("pods.d/moved.yaml", `${pod("web", "i:2")}---\n${pod("db")}`);
    await node.write("pods.d/broken.yaml", "web: [");
    const { pods } = await agent.reloadSettled("request");
    assert.equal(pods.find(({ name }) => name === "web")?.change, "changed");
    await agent.close();
  });

  it("goes if the broken file does not name it", async () => {
    const found = await after(async (node) => {
      await node.write("pods.d/broken.yaml", "kind: [");
      await node.remove("pods.d/list.yaml");
    });
    assert.deepEqual(found.served, ["db", "own", "web"]);
  });

  it("goes if a file without a name, or out of reach, was there before", async () => {
    await using node = await servingNode();
    await node.write("pods.d/unnamed.yaml", pod("x").replace("name: x", "name:"));
    await symlink("/nowhere/at/all", join(node.path, "pods.d/away.yaml"));
    const agent = await node.start();
    await agent.reload("start");
    await node.remove("pods.d/list.yaml");
    const { pods } = await agent.reloadSettled("request");
    assert.equal(pods.find(({ name }) => name === "listed")?.change, "removed");
    await agent.close();
  });

  it("is kept if a file came that is out of reach", async () => {
    const found = await after(async (node) => {
      await symlink("/nowhere/at/all", join(node.path, "pods.d/away.yaml"));
      await node.remove("pods.d/list.yaml");
    });
    assert.deepEqual(found.served, ALL);
    assert.deepEqual(found.restarted, { result: "partial", served: ALL });
  });

  it("is kept in a directory that is another one, with less than half of the files", async () => {
    await using node = await servingNode();
    await node.write("pods.d/third.yaml", pod("third"));
    await node.write("new/third.yaml", pod("third"));
    const agent = await node.start();
    await agent.reload("start");
    await node.remove("pods.d");
    await rename(join(node.path, "new"), join(node.path, "pods.d"));
    const { result, pods } = await agent.reloadSettled("request");
    assert.equal(result, "partial");
    assert.equal(pods.filter(({ state }) => state === "Kept").length, 3);
    await agent.close();
  });
});

describe("A source that changed a moment ago", () => {
  it("gives what is new at once, and is looked at again for what it lacks", async () => {
    await using node = await servingNode();
    const agent = await node.start();
    await agent.reload("start");
    // A writer that pauses in the middle of the file.
    await node.write("pods.d/two.yaml", pod("web", "i:2"));
    const first = await agent.reload("signal");
    assert.deepEqual(
      first.pods.filter(({ name }) => name === "web" || name === "db")
        .map(({ name, change, reasonCode }) => [name, change, reasonCode]),
      [["db", "unchanged", "source-changing"], ["web", "changed", undefined]],
    );
    assert.equal(first.result, "applied");
    await node.write("pods.d/two.yaml", `${pod("web", "i:2")}---\n${pod("db")}`);
    const settled = await agent.reloadSettled("request");
    assert.equal(settled.result, "unchanged");
    assert.equal(agent.manifest?.pods, 4);
    await agent.close();
  });

  it("is looked at again by itself, and tells what both looks changed", async () => {
    await using node = await servingNode();
    const agent = await node.start();
    await agent.reload("start");
    await node.write("pods.d/two.yaml", pod("web", "i:2"));
    const outcome = await agent.reloadSettled("request");
    assert.equal(outcome.result, "applied");
    assert.deepEqual(
      outcome.pods.filter(({ change }) => change !== "unchanged").map(({ name, change }) => [
        name,
        change,
      ]),
      [["db", "removed"], ["web", "changed"]],
    );
    await agent.close();
  });

  it("waits no longer for a file whose times are old", async () => {
    await using node = await servingNode();
    const agent = await node.start();
    await agent.reload("start");
    await writeFile(join(node.path, "pods.d/two.yaml"), pod("web"));
    await utimes(join(node.path, "pods.d/two.yaml"), 1_000_000, 1_000_000);
    const outcome = await agent.reload("signal");
    assert.equal(outcome.lookAgainMs, undefined);
    assert.equal(outcome.pods.find(({ name }) => name === "db")?.change, "removed");
    await agent.close();
  });
});

describe("A copy of a served pod", () => {
  const copies: readonly (readonly [string, Edit])[] = [
    ["before it", (node) => node.write("pods.d/a-backup.yaml", pod("web", "i:old"))],
    ["after it", (node) => node.write("pods.d/z-backup.yaml", pod("web", "i:old"))],
    [
      "before it, while its own file is broken",
      async (node) => {
        await node.write("pods.d/a-backup.yaml", pod("web", "i:old"));
        await node.write("pods.d/two.yaml", "kind: [");
      },
    ],
  ];
  for (const [where, edit] of copies) {
    it(`does not take its place from a file that sorts ${where}`, async () => {
      await using node = await servingNode();
      const agent = await node.start();
      await agent.reload("start");
      const before = new TextDecoder().decode(agent.manifest?.bytes);
      await edit(node);
      const outcome = await agent.reloadSettled("request");
      assert.equal(outcome.result, "partial");
      assert.equal(new TextDecoder().decode(agent.manifest?.bytes), before);
      const problem = outcome.problems.find(({ code }) => code === "duplicate-pod");
      assert.match(problem?.file ?? "", /backup\.yaml$/);
      assert.match(problem?.related?.file ?? "", /two\.yaml$/);
      await agent.close();
    });
  }
});
