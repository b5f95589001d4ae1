/** What every listing does, on a made-up node: names, -n, -l, -o, --sort-by, -q. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { cli } from "../../../../mod/cli/mod.ts";
import { type FakeAgent, startFakeAgent } from "../../../support/fake_agent.ts";
import { podsWith, storyHandlers } from "../../../support/node_story.ts";
import { textWorld } from "../../../support/world.ts";

describe("listings", () => {
  let agent: FakeAgent;

  async function run(line: string) {
    const world = textWorld();
    const code = await cli([...line.split(" "), "--socket", agent.socket], world);
    return { code, ...world.written };
  }
  const lines = async (line: string) => (await run(line)).stdout.trimEnd().split("\n");
  const names = async (line: string) => (await lines(line)).map((row) => row.split(/ {2,}/)[0]);

  before(async () => {
    agent = await startFakeAgent(storyHandlers(podsWith(2)));
  });
  after(async () => {
    await agent[Symbol.asyncDispose]();
  });

  it("shows pods as kubectl does, the worst first", async () => {
    assert.deepEqual(await lines("get pods"), [
      "NAME                                  READY   STATUS             RESTARTS   AGE    IMAGE",
      "apps/worker-1                         0/1     CrashLoopBackOff   12         4d3h   registry.example.org/team/worker:2.0",
      "apps/worker-2                         0/1     ImagePullBackOff   0          4d3h   registry.example.org/team/worker:2.1",
      "default/nginx                         1/1     Running            0          4d3h   docker.io/library/nginx:1.27",
      "kube-system/etcd                      1/1     Running            0          4d3h   registry.k8s.io/etcd:v1.36.2",
      "kube-system/kube-apiserver            1/1     Running            0          4d3h   registry.k8s.io/kube-apiserver:v1.36.2",
      "kube-system/kube-controller-manager   1/1     Running            0          4d3h   registry.k8s.io/kube-controller-manager:v1.36.2",
      "kube-system/kube-scheduler            1/1     Running            0          4d3h   registry.k8s.io/kube-scheduler:v1.36.2",
    ]);
  });

  it("keeps to a namespace, and has a column for it with -A", async () => {
    assert.deepEqual(await names("get pods -n apps --no-headers"), ["worker-1", "worker-2"]);
    assert.deepEqual((await lines("get pods -A"))[1]?.split(/ {2,}/).slice(0, 2), [
      "apps",
      "worker-1",
    ]);
    assert.equal((await names("get pods -A --no-headers")).length, 7);
    assert.deepEqual(await names("get sp -n apps -q"), ["apps-worker-1", "apps-worker-2"]);
    const { stdout, stderr } = await run("get pods -n nothing --no-headers");
    assert.deepEqual([stdout, stderr], ["", "No static pod here\n"]);
  });

  it("chooses by labels, of which all must hold", async () => {
    assert.deepEqual(await names("get pods -l app=web --no-headers"), ["default/nginx"]);
    assert.deepEqual(await names("get sp -l app==web -q"), ["default-nginx"]);
    assert.equal((await run("get pods -l app=web,tier=control-plane -q")).stdout, "");
    assert.deepEqual(await names("events --no-headers -l app=web"), [
      (await names("events --no-headers -n default"))[0],
    ]);
    assert.deepEqual(await lines("ps -l app=web -q"), ["0".padStart(64, "7")]);
  });

  it("sorts by a column, or by a JSONPath", async () => {
    assert.equal((await names("get pods --sort-by restarts --no-headers")).at(-1), "apps/worker-1");
    assert.deepEqual(
      (await names("get pods --sort-by .metadata.name --no-headers")).slice(0, 2),
      ["kube-system/etcd", "kube-system/kube-apiserver"],
    );
    assert.equal((await names("get pods --sort-by=status --no-headers"))[0], "apps/worker-1");
    const { code, stderr } = await run("get pods --sort-by size");
    assert.equal(code, 64);
    assert.match(stderr, /no column "size" to sort by\n {2}Columns: name, ready, status, restarts/);
  });

  it("prints names that each command takes", async () => {
    const [first = ""] = await lines("get pods -o name");
    assert.equal(first, "pod/apps/worker-1");
    assert.deepEqual(await lines(`get ${first} -q`), ["apps/worker-1"]);
    assert.match((await run(`describe ${first}`)).stdout, /apps\/worker-1-node-1/);
  });

  for (
    const name of [
      "nginx",
      "default/nginx",
      "default-nginx",
      "nginx-node-1",
      "default/nginx-node-1",
    ]
  ) {
    for (const type of ["pods", "sp", "sps"]) {
      it(`finds one of ${type} by "${name}"`, async () => {
        const { metadata } = JSON.parse((await run(`get ${type} ${name} -ojson`)).stdout);
        assert.equal(metadata.name, "nginx");
        const slash = JSON.parse((await run(`get ${type}/${name} -ojson`)).stdout);
        assert.deepEqual(slash.metadata, metadata);
      });
    }
  }

  it("says which one may be meant where none is", async () => {
    const { code, stderr } = await run("get pods ngnix");
    assert.equal(code, 1);
    assert.match(stderr, /There is no StaticPodStatus "ngnix"\n {2}Did you mean "nginx"\?/);
  });

  it("shows several types, a table each or one list", async () => {
    const { stdout } = await run("get sp,sps -n default");
    assert.match(
      stdout,
      /StaticPod {3}default-nginx[^]*\n\n[^]*StaticPodStatus {3}default\/nginx-/,
    );
    const { kind, items } = JSON.parse((await run("get sp,sps -n default -o json")).stdout);
    assert.equal(kind, "List");
    assert.deepEqual(items.map((item: { kind: string }) => item.kind), [
      "StaticPod",
      "StaticPodStatus",
    ]);
  });

  it("gives data names where those of kubectl have them", async () => {
    const text = (line: string) => run(line).then(({ stdout }) => stdout);
    assert.equal(
      await text("get pods -n default -o jsonpath={.items[0].metadata.namespace}"),
      "default",
    );
    assert.equal(
      await text("get pods -n default --no-headers -o custom-columns=N:.metadata.name"),
      "nginx\n",
    );
  });

  it("keeps the columns of the documentation page", async () => {
    assert.equal(
      (await lines("get staticpods"))[0],
      "NODE         NAMESPACE   TYPE        ID                                    VERSION",
    );
    assert.match(
      (await lines("get staticpodstatus"))[0] ?? "",
      /^NODE +NAMESPACE +TYPE +ID +VERSION +READY$/,
    );
    assert.match(
      (await lines("containers -k"))[0] ?? "",
      /^NODE +NAMESPACE +ID +IMAGE +PID +STATUS$/,
    );
  });
});
