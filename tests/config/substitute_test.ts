import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { loadConfig } from "../../mod/config/mod.ts";
import type { JsonValue } from "../../mod/core/mod.ts";
import { makeTempDir } from "../support/temp_dir.ts";

const ENV = { SITE: "fra1", PRICE: "5$", SECRET: "not for pods" };

/** Loads a config with one drop-in. `FILES` in it becomes the directory that has `files`. */
async function load(
  dropIn: string,
  {
    settings = "substitute: true, substituteEnv: [SITE, PRICE, UNSET]",
    files = {},
  }: {
    readonly settings?: string;
    readonly files?: Readonly<Record<string, string | Uint8Array>>;
  } = {},
) {
  await using temp = await makeTempDir("substitute");
  await mkdir(join(temp.path, "pods.d"));
  const main = join(temp.path, "config.yaml");
  await writeFile(main, `agent: {node: {name: n1, address: 10.0.0.7}, ${settings}}\n`);
  await writeFile(join(temp.path, "pods.d/a.yaml"), dropIn.replaceAll("FILES", temp.path));
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(temp.path, name), content);
  }
  const loaded = await loadConfig(main, { hostname: "h", address: "10.0.0.1", env: () => ENV });
  const problems = loaded.problems.map((problem) =>
    `${problem.position?.line}:${problem.position?.column} ${problem.message}`
      .replaceAll(temp.path, "FILES")
  );
  return { ...loaded, problems, all: loaded.problems };
}

const pod = (fields: string) =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: c\n${fields}`;

function container(value: JsonValue | undefined) {
  return (value as { spec: { containers: [Record<string, JsonValue>] } }).spec.containers[0];
}

describe("loadConfig(), agent.substitute", () => {
  it("puts values into texts of pods, wherever they are", async () => {
    const { entries, problems } = await load(
      pod(
        "    image: reg.${env.SITE}.example/app:${file:FILES/tag}\n" +
          "    args: ['--node=${node.name}', '--ip=${node.address}:1', 'two ${node.name} ${node.name}']\n",
      ),
      { files: { tag: "1.2\n" } },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(container(entries[0]?.pod), {
      name: "c",
      image: "reg.fra1.example/app:1.2",
      args: ["--node=n1", "--ip=10.0.0.7:1", "two n1 n1"],
    });
  });

  it("leaves escapes, Kubernetes' variables and everything else with a dollar alone", async () => {
    const { entries, problems } = await load(pod(
      "    args: ['$${HOME} $(VAR) $$(VAR) $VAR $$ ${node.name}', '$$${node.name}', '$(A$${B})']\n",
    ));
    assert.deepEqual(problems, []);
    assert.deepEqual(container(entries[0]?.pod).args, [
      "${HOME} $(VAR) $$(VAR) $VAR $$ n1",
      "$${node.name}",
      "$(A${B})",
    ]);
  });

  it("never makes a value a variable of Kubernetes", async () => {
    const { entries } = await load(pod(
      "    workingDir: '/${env.PRICE}'\n    command: ['${env.PRICE}(A)']\n" +
        "    env: [{name: A, value: 'it costs ${env.PRICE}'}]\n" +
        "    livenessProbe: {exec: {command: ['${env.PRICE}']}}\n",
    ));
    assert.deepEqual(container(entries[0]?.pod), {
      name: "c",
      workingDir: "/5$",
      command: ["5$$(A)"],
      env: [{ name: "A", value: "it costs 5$$" }],
      livenessProbe: { exec: { command: ["5$"] } },
    });
  });

  it("goes into ConfigMaps and Secrets, and into names", async () => {
    const { entries, objects } = await load(
      "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: |\n    at ${node.name}\n" +
        "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: '${env.SITE}'}\n" +
        "---\napiVersion: v1\nkind: Pod\nmetadata: {name: 'p-${node.name}'}\nspec: {}\n",
    );
    const values = objects.map(({ entry }) => entry.pod as Record<string, JsonValue>);
    assert.deepEqual([values[0]?.data, values[1]?.stringData], [{ a: "at n1\n" }, { a: "fra1" }]);
    assert.deepEqual((entries[0]?.pod as Record<string, JsonValue>).metadata, { name: "p-n1" });
  });

  it("says what has no value at its place, and leaves that pod alone out", async () => {
    const { entries, problems, all, files } = await load(
      `${
        pod("    image: 'a:${node.nam}'\n    args:\n    - |\n      one\n      two ${env.SECRET}\n")
      }` +
        `    env: [{name: B, value: "\${env.UNSET} \${env.SITE"}]\n---\n` +
        "apiVersion: v1\nkind: Pod\nmetadata: {name: good}\nspec: {hostname: '${node.name}'}\n",
    );
    assert.deepEqual(problems, [
      '7:15 "${node.nam}" names nothing that is known',
      '11:11 The variable "SECRET" is not in agent.substituteEnv',
      '12:29 The variable "UNSET" is not set',
      '12:42 "${env.SITE" has no closing brace',
    ]);
    assert.match(all[0]?.hint ?? "", /write "\$\$\{node\.nam\}"/);
    assert.equal(all[0]?.sourceLine, "    image: 'a:${node.nam}'");
    assert.equal(entries.length, 1);
    assert.equal(files[1]?.state, "failed", "so that the pod keeps its last good version");
  });

  it("says why a file cannot be taken, and never quotes one", async () => {
    const { problems } = await load(
      pod(
        "    args: ['${file:etc/x}', '${file:FILES/none}', '${file:FILES/pods.d}', " +
          "'${file:FILES/binary}', '${file:FILES/nul}', '${file:FILES/large}']\n",
      ),
      { files: { binary: Uint8Array.of(0xff), nul: "a\0b", large: "x".repeat(70_000) } },
    );
    assert.deepEqual(problems.map((one) => one.replace(/^\S+ /, "")), [
      'The file "etc/x" cannot be taken: its path does not begin with /',
      'The file "FILES/none" cannot be taken: there is no such file',
      'The file "FILES/pods.d" cannot be taken: it is not a file',
      'The file "FILES/binary" cannot be taken: it is not UTF-8',
      'The file "FILES/nul" cannot be taken: it contains a NUL',
      'The file "FILES/large" cannot be taken: it has more than 65536 bytes',
    ]);
  });

  it("does not show the line of a Secret", async () => {
    const { all } = await load(
      "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {a: 'hunter2${x}'}\n",
    );
    assert.equal(all.length, 1);
    assert.doesNotMatch(JSON.stringify(all), /hunter2/);
  });

  it("changes nothing unless it is asked for", async () => {
    const text = pod("    args: ['${node.name} $${x} ${unknown}']\n");
    const { entries, problems } = await load(text, { settings: "hosts: []" });
    assert.deepEqual(problems, []);
    assert.deepEqual(container(entries[0]?.pod).args, ["${node.name} $${x} ${unknown}"]);
  });
});
