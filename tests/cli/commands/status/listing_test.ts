/** What every listing does, on a made-up node: names, -n, -l, -o, --sort-by, -q. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { cli } from "../../../../mod/cli/mod.ts";
import { type FakeAgent, startFakeAgent } from "../../../support/fake_agent.ts";
import { podsWith, storyHandlers } from "../../../support/node_story.ts";
import { textWorld } from "../../../support/world.ts";

describe("listings", () => {
  let agent: FakeAgent;

  async function run(line: string | readonly string[]) {
    const world = textWorld();
    const words = typeof line === "string" ? line.split(" ") : line;
    const code = await cli([...words, "--socket", agent.socket], world);
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

  for (
    const [selector, wanted] of [
      ["app!=web", ["worker-1", "worker-2", "etcd", "kube-apiserver"]],
      ["app in (web,api)", ["nginx"]],
      ["app notin (web),tier!=control-plane", ["worker-1", "worker-2"]],
      ["tier", ["etcd", "kube-apiserver"]],
      ["!tier", ["worker-1", "worker-2", "nginx"]],
    ] as const
  ) {
    it(`chooses by "${selector}" in every listing of pods`, async () => {
      const pods = ["worker-1", "worker-2", "nginx", "etcd", "kube-apiserver"];
      for (const type of ["get pods -o name", "get sp -o name", "ps -o name", "stats -o name"]) {
        const { stdout } = await run([...type.split(" "), "-l", selector]);
        for (const pod of pods) {
          // Usage is of containers that run.
          const isShown = wanted.some((one) => one === pod) &&
            !(type.startsWith("stats") && pod.startsWith("worker"));
          assert.equal(new RegExp(`[/-]${pod}\\b`, "m").test(stdout), isShown, `${type}: ${pod}`);
        }
      }
      assert.equal((await run(["events", "-q", "-l", selector])).code, 0);
      assert.equal((await run(["images", "-q", "-l", selector])).code, 0);
      assert.equal((await run(["history", "-q", "-l", selector])).code, 0);
    });
  }

  /** Every listing that a made-up node has rows for, with its first column's words. */
  const LISTINGS: readonly (readonly [line: string, column: string, name: RegExp])[] = [
    ["get pods", "status", /^pod\/[\w-]+\/[\w-]+$/],
    ["get sp", "id", /^staticpod\/[\w-]+$/],
    ["get sps", "age", /^staticpodstatus\/[\w-]+\/[\w-]+$/],
    ["ps", "pid", /^pod\/[\w-]+\/[\w-]+$/],
    ["images", "size", /^image\/\S+$/],
    ["stats --interval 200ms", "memory", /^container\/[\w-]+\/[\w-]+:main$/],
    ["events", "pod", /^pod\/[\w-]+\/[\w-]+$/],
    ["history", "revision", /^revision\/\d$/],
  ];
  for (const [line, column, name] of LISTINGS) {
    it(`takes the flags of a listing for "${line}"`, async () => {
      const rows = await lines(line);
      assert.equal((await lines(`${line} --no-headers`)).length, rows.length - 1, "--no-headers");
      assert.equal((await lines(`${line} --sort-by ${column}`)).length, rows.length, "--sort-by");
      assert.equal((await lines(`${line} -A`)).length, rows.length, "-A");
      assert.ok((await lines(`${line} -owide`)).length >= rows.length, "-o wide");
      for (const text of await lines(`${line} -o name`)) assert.match(text, name);
      for (const text of await lines(`${line} -q`)) assert.match(text, /^\S+$/);
      const { stdout } = await run(`${line} -o custom-columns=K:.kind,M:.metadata.name`);
      assert.match(stdout, /^K +M\n/);
      assert.match((await run(`${line} -o yaml`)).stdout, /^apiVersion: podstead.dev\/v1\nkind: /m);
      const wrong = await run(`${line} --sort-by nothing`);
      assert.match(wrong.stderr, /There is no column "nothing" to sort by/);
      const ascending = await lines(`${line} --no-headers --sort-by ${column}`);
      const before = await lines(`${line} --no-headers`);
      assert.deepEqual(ascending.toSorted(), before.toSorted(), "the same rows");
      assert.ok((await lines(`${line} -n kube-system`)).length < rows.length + 1);
    });
  }

  it("puts what uses the most first", async () => {
    const cpu = (await lines("stats --interval 200ms --no-headers --sort-by cpu"))
      .map((row) => Number(row.split(/ {2,}/)[3]));
    assert.deepEqual(cpu, cpu.toSorted((a, b) => b - a));
    assert.ok(cpu.length > 1);
  });

  it("shows the revisions that changed pods of a namespace, or with a label", async () => {
    assert.deepEqual(await lines("history -q"), ["2", "1"]);
    assert.deepEqual(await lines("history -q -n kube-system"), ["1"]);
    assert.deepEqual(await lines("history -q -l tier=control-plane"), ["1"]);
    assert.deepEqual(await lines("history -q nginx"), ["2", "1"]);
    assert.deepEqual(await lines("history -q -n kube-system etcd"), ["1"]);
    assert.match((await run("history -n nothing")).stderr, /No kept revision changed such a pod/);
  });

  it("shows several by their names, and what is missing after what is there", async () => {
    assert.deepEqual(await names("get pods nginx etcd --no-headers"), [
      "default/nginx",
      "kube-system/etcd",
    ]);
    assert.deepEqual(await names("get pod/nginx pod/etcd --no-headers"), [
      "default/nginx",
      "kube-system/etcd",
    ]);
    assert.deepEqual(await lines("get pod/nginx sp/etcd -o name"), [
      "pod/default/nginx",
      "staticpod/kube-system-etcd",
    ]);
    assert.equal(
      JSON.parse((await run("get pods nginx etcd -o json")).stdout).kind,
      "PodStatusList",
    );
    const { code, stdout, stderr } = await run("get pods nginx nothing etcd -q");
    assert.deepEqual([code, stdout], [1, "default/nginx\nkube-system/etcd\n"]);
    assert.match(stderr, /There is no StaticPodStatus "nothing"/);
    const tables = await run("get pod/nothing sp/nginx");
    assert.deepEqual([tables.code, /default-nginx/.test(tables.stdout)], [1, true]);
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
