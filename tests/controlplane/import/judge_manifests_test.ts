import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { judgeManifests } from "../../../mod/controlplane/mod.ts";

const pod = (name: string | undefined, spec: object = {}) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: name === undefined ? {} : { name, namespace: "kube-system" },
  spec: { containers: [{ name: "c", image: "i:1" }], ...spec },
});

describe("judgeManifests()", () => {
  const judge = (manifests: Readonly<Record<string, ReturnType<typeof pod>>>) => {
    const { taken, problems } = judgeManifests(
      Object.entries(manifests).map(([file, pod]) => ({ file, pod })),
      { nodeName: "node-1" },
    );
    return {
      taken: taken.map(({ file }) => file),
      problems: problems.map(({ file, code }) => `${file}: ${code}`),
      messages: problems.map(({ message }) => message).join("\n"),
    };
  };

  it("takes the pods that a kubelet takes", () => {
    assert.deepEqual(judge({ "a.yaml": pod("a"), "b": pod("b") }).taken, ["a.yaml", "b"]);
  });

  it("names further files with one pod, whatever their endings, and takes the first", () => {
    const { taken, problems, messages } = judge({
      "etcd.yaml": pod("etcd"),
      "etcd.yaml.mcdorig": pod("etcd", { hostNetwork: true }),
    });
    assert.deepEqual(taken, ["etcd.yaml"]);
    assert.deepEqual(problems, ["etcd.yaml.mcdorig: duplicate-manifest"]);
    assert.match(messages, /the kubelet runs that of "etcd\.yaml"/);
  });

  it("names the pods that a kubelet refuses; the next file with the name counts then", () => {
    const { taken, problems, messages } = judge({
      "1.yaml": pod("a", { serviceAccountName: "default" }),
      "2.yaml": pod("a"),
      "3.yaml": pod(undefined),
    });
    assert.deepEqual(taken, ["2.yaml"]);
    assert.deepEqual(problems, ["1.yaml: refused-manifest", "3.yaml: refused-manifest"]);
    assert.match(messages, /may not reference service accounts/);
    assert.match(messages, /metadata\.name: Required value/);
  });
});
