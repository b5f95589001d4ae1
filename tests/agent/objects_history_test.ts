/** Random histories of ConfigMaps, Secrets and the pods that use them, through one agent. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import type { Agent } from "../../mod/agent/mod.ts";
import { judgeBody } from "../../mod/pods/mod.ts";
import { type AgentNode, makeAgentNode } from "../support/agent_node.ts";

/** Histories, each of up to {@linkcode STEPS} edits. */
const RUNS = 20;
const STEPS = 12;

const configMap = (data: string, more = "") =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: app}\n${more}data: {${data}}\n`;
const secret = (data: string) =>
  `apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {${data}}\n`;
const pod = (spec: string, annotations = "") =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: web, annotations: {${annotations}}}\nspec:\n` +
  `  containers: [{name: c, image: 'i:1'${spec}\n`;
const mounts = ", volumeMounts: [{name: v, mountPath: /v}]}]";

/** The texts that each file may have; an empty one is no file. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  "app.yaml": [
    ...[configMap("a: one"), configMap("a: two"), configMap("b: three"), configMap("a: one, b: x")],
    ...[configMap("a: one", "immutable: true\n"), configMap("a: two", "immutable: true\n")],
    ...[configMap("a: [1]"), "kind: [", ""],
  ],
  "db.yaml": [secret("pw: one"), secret("pw: two"), secret("other: x"), "data: {", ""],
  "web.yaml": [
    pod(`${mounts}\n  volumes: [{name: v, configMap: {name: app}}]`),
    pod(
      `${mounts}\n  volumes: [{name: v, secret: {secretName: db, items: [{key: pw, path: p/q}]}}]`,
    ),
    pod(
      `${mounts}\n  volumes: [{name: v, projected: {sources: [{configMap: {name: app}}, ` +
        `{secret: {name: db, optional: true}}]}}]`,
      "podstead.dev/restart-on: config",
    ),
    pod(", envFrom: [{configMapRef: {name: app}}, {secretRef: {name: db, optional: true}}]}]"),
    pod(", env: [{name: A, valueFrom: {secretKeyRef: {name: db, key: pw}}}]}]"),
    pod("}]"),
    "kind: Pod",
    "",
  ],
};

const edit = fc.constantFrom(...Object.keys(FILES)).chain((file) =>
  fc.record({
    file: fc.constant(file),
    text: fc.constantFrom(...FILES[file] ?? [""]),
    isRestart: fc.nat(6).map((number) => number === 0),
  })
);

/** What holds at every moment: the list is whole, and the files that it needs are there. */
async function check(agent: Agent, node: AgentNode): Promise<number> {
  const bytes = agent.manifest?.bytes ?? new Uint8Array();
  assert.deepEqual(judgeBody(bytes, { nodeName: "n", kubeletVersion: "1.37" }).errors, []);
  assert.doesNotMatch(new TextDecoder().decode(bytes), /"(configMap|secret)[A-Z"]/);
  for (const { volumes = [] } of agent.state.pods) {
    for (const { directory, files } of volumes) {
      const set = join(directory, "..data");
      const found = (await readdir(set, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile());
      assert.equal(found.length, files.length);
      for (const { path, data } of files) {
        assert.equal((await readFile(join(set, path))).toString("base64"), data);
      }
    }
  }
  const outside = (await readdir(node.path)).filter((name) =>
    !["config.yaml", "pods.d", "state", "volumes"].includes(name)
  );
  assert.deepEqual(outside, []);
  return agent.state.pods.length;
}

describe("an agent with random histories of objects", () => {
  it("serves at every step a list without references, and has its files", async () => {
    let served = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: STEPS }), async (edits) => {
        await using node = await makeAgentNode();
        for (const [file, [first = ""]] of Object.entries(FILES)) {
          await node.write(`pods.d/${file}`, first);
        }
        let agent = await node.start();
        await agent.reload("start");
        for (const { file, text, isRestart } of edits) {
          await node.write(`pods.d/${file}`, text);
          if (text === "") await node.remove(`pods.d/${file}`);
          if (isRestart) {
            await agent.close();
            agent = await node.start();
            await check(agent, node);
          }
          await agent.reload("signal", { allowRemovals: true });
          served += await check(agent, node);
        }
        await agent.close();
      }),
      { numRuns: RUNS },
    );
    assert.ok(served > RUNS, `only ${served} pods were served`);
  });
});
