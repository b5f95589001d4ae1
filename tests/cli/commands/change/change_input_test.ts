/** What `apply` hands to the agent: each pod and object, and how it was written. */
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readChange } from "../../../../mod/cli/commands/change/change_input.ts";
import type { CliContext } from "../../../../mod/cli/shell/context.ts";
import { makeTempDir, type TempDir } from "../../../support/temp_dir.ts";
import { textWorld } from "../../../support/world.ts";

describe("readChange()", () => {
  let directory: TempDir;
  beforeEach(async () => {
    directory = await makeTempDir("given");
  });
  afterEach(() => directory.remove());

  const read = async (text: string) => {
    const path = join(directory.path, "given.yaml");
    writeFileSync(path, text);
    const context = { world: textWorld() } as unknown as CliContext; // nothing else is asked for
    const [operation] = await readChange(context, [path]);
    assert.ok(operation?.kind === "apply");
    return operation;
  };

  it("keeps of several documents how each was written", async () => {
    const { pods, objects } = await read(
      "kind: Pod # one\napiVersion: v1\nmetadata: {name: a}\n---\n# two\nmetadata: {name: b}\nkind: Pod\napiVersion: v1\n" +
        "---\n# three\nmetadata: {name: app}\nkind: ConfigMap\napiVersion: v1\n",
    );
    assert.deepEqual(pods.map(({ name, text }) => [name, text]), [
      ["a", "kind: Pod # one\napiVersion: v1\nmetadata: {name: a}\n"],
      ["b", "# two\nmetadata: {name: b}\nkind: Pod\napiVersion: v1\n"],
    ]);
    assert.deepEqual(objects?.map(({ text }) => text), [
      "# three\nmetadata: {name: app}\nkind: ConfigMap\napiVersion: v1\n",
    ]);
  });

  it("gives the pods of a PodList, which need no kind there, one", async () => {
    const { pods } = await read(
      "apiVersion: v1\nkind: PodList\nitems:\n  # one\n  - metadata: {name: a} # short\n" +
        "  - {metadata: {name: b}}\n  - apiVersion: v1\n    metadata: {name: c}\n",
    );
    assert.deepEqual(pods.map(({ pod, text }) => [pod.kind, pod.apiVersion, text?.trimEnd()]), [
      ["Pod", "v1", "# one\napiVersion: v1\nkind: Pod\nmetadata: {name: a} # short"],
      ["Pod", "v1", "{apiVersion: v1, kind: Pod, metadata: {name: b}}"],
      ["Pod", "v1", "kind: Pod\napiVersion: v1\nmetadata: {name: c}"],
    ]);
  });
});
