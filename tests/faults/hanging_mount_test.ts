/** Drop-ins on a mount whose server is gone, on the executable: what waits for it cannot be killed. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { podYaml } from "../e2e/pod_yaml.ts";
import { eventually } from "../support/eventually.ts";
import { hangingMount, UNLESS_FUSE } from "../support/hanging_mount.ts";
import { runPodstead, TestNode } from "../support/node.ts";

/** A drop-in of one pod. */
const dropIn = (name: string, image = "app:1") =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\n` +
  `spec: {containers: [{name: c, image: example.org/${image}}]}\n`;

async function namesOf(node: TestNode): Promise<readonly string[]> {
  const list = await (await fetch(node.manifestUrl)).json();
  return list.items.map((pod: { metadata: { name: string } }) => pod.metadata.name).sort();
}

describe("A drop-in on a mount that hangs", { skip: UNLESS_FUSE }, () => {
  it("keeps its pods, holds up nothing else, and lets the agent stop and start", async () => {
    const node = await TestNode.create();
    const mount = await hangingMount();
    if (mount === undefined) {
      await node.close();
      process.stdout.write("SKIPPED: mounting is not allowed here\n");
      return;
    }
    try {
      for (const name of ["ant", "bee"]) {
        await writeFile(join(mount.source, `${name}.yaml`), dropIn(name));
      }
      node.writePods(podYaml("cat"), `  include: ["${mount.path}/*.yaml"]\n  replace: kubelet\n`);
      await node.startAgent();
      assert.deepEqual(await namesOf(node), ["ant", "bee", "cat"]);

      // Both have changed, so both are read; one read never ends.
      await writeFile(join(mount.source, "ant.yaml"), dropIn("ant", "app:2"));
      await writeFile(join(mount.source, "bee.yaml"), dropIn("bee", "app:2"));
      mount.hang("bee.yaml");
      node.writePods(
        podYaml("cat") + podYaml("dog"),
        `  include: ["${mount.path}/*.yaml"]\n  replace: kubelet\n`,
      );
      const reloaded = await node.podstead("reload");
      assert.equal(reloaded.code, 78, reloaded.stdout + reloaded.stderr);
      assert.match(reloaded.stdout + reloaded.stderr, /bee\.yaml/);
      assert.match(reloaded.stdout + reloaded.stderr, /did not answer/);
      assert.deepEqual(await namesOf(node), ["ant", "bee", "cat", "dog"]);

      await node.signalAgent("SIGTERM", true);
      await node.startAgent();
      assert.deepEqual(await namesOf(node), ["ant", "bee", "cat", "dog"]);

      // Its server is back.
      mount.hang("");
      await eventually(async () => {
        assert.equal((await node.podstead("reload")).code, 0);
      });
      assert.match(await (await fetch(node.manifestUrl)).text(), /"name":"bee".*app:2|app:2.*bee/);
      await node.signalAgent("SIGTERM", true);
    } finally {
      await mount[Symbol.asyncDispose]();
      await node.close();
    }
  });

  it("is named by validate, which gives it up, and reads the other files", async () => {
    const mount = await hangingMount();
    if (mount === undefined) {
      process.stdout.write("SKIPPED: mounting is not allowed here\n");
      return;
    }
    try {
      for (const name of ["ant", "bee"]) {
        await writeFile(join(mount.source, `${name}.yaml`), dropIn(name));
      }
      mount.hang("bee.yaml");
      const path = join(mount.path, "bee.yaml");
      const one = await runPodstead(["validate", path]);
      assert.equal(one.code, 78, one.stdout + one.stderr);
      assert.ok(`${one.stdout}${one.stderr}`.includes(`${path}: error: It cannot be read`));
      const all = await runPodstead(["validate", mount.path]);
      assert.equal(all.code, 78, all.stdout + all.stderr);
      assert.ok(`${all.stdout}${all.stderr}`.includes(`${path}: error: It cannot be read`));
      assert.match(all.stdout + all.stderr, /1 pod/);
      mount.hang("*");
      for (const args of [[mount.path], [join(mount.path, "cat.yaml")]]) {
        const { code, stdout, stderr } = await runPodstead(["validate", ...args]);
        assert.equal(code, 78, stdout + stderr);
        assert.ok(`${stdout}${stderr}`.includes(`${args[0]}: error: It cannot be read`));
      }
    } finally {
      mount.hang("");
      await mount[Symbol.asyncDispose]();
    }
  });
});
