/**
 * ConfigMaps and Secrets in containers, as podstead gives them and as a kubelet with an API server
 * does: the same pods, compared with what was read of them there.
 */
import { after, before, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ContainerView, viewContainers } from "../support/container_view.ts";
import {
  marksIn,
  objectsFixture,
  readGolden,
  withoutExceptions,
} from "../support/kubelet_objects.ts";
import { eventually, runPodstead, TestNode } from "../support/node.ts";
import { describeWithContainerd } from "../support/with_containerd.ts";

/** As far as it matters here. */
interface ValidationReport {
  readonly pods: readonly { readonly id: string; readonly valid: boolean }[];
}

const golden = readGolden();
const ROWS = objectsFixture("rows.yaml");
/** The objects of one pod, in `rows.yaml`. */
const CHANGING = /^# Read before[^]*?(?=^apiVersion: v1\nkind: Pod$)/m;

describeWithContainerd("podstead, as a kubelet with an API server", (containerd) => {
  let node: TestNode;
  let views: ReadonlyMap<string, ContainerView>;
  const marks = marksIn(ROWS);
  const file = () => join(node.directory, "pods.d/rows.yaml");
  const compare = (view: ContainerView | undefined, expected: ContainerView | undefined) => {
    assert.ok(view && expected);
    assert.deepEqual(withoutExceptions(view, node.name), withoutExceptions(expected, ""));
  };

  before(async () => {
    node = await TestNode.create(containerd());
    node.kubeletVersion = "1.36";
    mkdirSync(join(node.directory, "pods.d"));
    node.writePods("[]\n", `  volumesDir: ${JSON.stringify(join(node.directory, "volumes"))}\n`);
    writeFileSync(file(), ROWS);
    await node.startAgent();
    await node.startKubelet(["--api-port", "0"]);
    views = await eventually("all containers run", () => {
      const found = viewContainers(marks);
      return Promise.resolve(found.size === marks.size ? found : undefined);
    }).catch(async (thrown) => {
      const { stdout } = await node.podstead("get", "staticpods", "-o", "wide");
      throw new Error(`${thrown.message}\n${stdout}${node.lastWords()}`, { cause: thrown });
    });
  });
  after(async () => await node?.close());

  for (const mark of marks) {
    it(`gives ${mark} its files, links, modes, owners, variables and words`, () => {
      compare(views.get(mark), golden.before[mark]);
    });
  }

  it("changes the files of a running container, and nothing else", async () => {
    writeFileSync(file(), ROWS.replace(CHANGING, () => `${objectsFixture("changes.yaml")}---\n`));
    const { code, stdout, stderr } = await node.podstead("reload");
    assert.equal(code, 0, stdout + stderr);
    compare(viewContainers(new Set(["change/c"])).get("change/c"), golden.after["change/c"]);
  });

  it("refuses the pods that a kubelet cannot start", async () => {
    const path = join(node.directory, "refused.yaml");
    writeFileSync(path, objectsFixture("refused.yaml"));
    const { stdout } = await runPodstead(["validate", path, "-o", "json"]);
    const { pods }: ValidationReport = JSON.parse(stdout);
    assert.deepEqual(
      pods.map(({ id, valid }) => [id, valid]),
      pods.map(({ id }) => [id, false]),
    );
    assert.deepEqual(
      pods.map(({ id }) => id.replace("default-", "")).sort(),
      Object.keys(golden.refused).sort(),
    );
  });
});
