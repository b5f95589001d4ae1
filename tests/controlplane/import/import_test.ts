import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import * as v from "valibot";
import { clusterSchema } from "../../../mod/config/schema/control_plane/cluster.ts";
import { controlPlaneSchema } from "../../../mod/config/schema/control_plane/machine.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../mod/core/mod.ts";
import {
  type FolderFs,
  type FolderManifest,
  importManifests,
  type ImportResult,
  readManifestFolder,
  renderControlPlane,
} from "../../../mod/controlplane/mod.ts";
import { comparePods } from "../../../mod/controlplane/import/compare_pods.ts";
import { judge } from "../../../mod/pods/mod.ts";
import { fixtures, node } from "../support.ts";

const folderFs: FolderFs = {
  list: (directory) => Promise.resolve(readdirSync(directory)),
  read: (path) => Promise.resolve(readFileSync(path)),
};

async function readFolder(name: string): Promise<readonly FolderManifest[]> {
  const { manifests, problems } = await readManifestFolder(join(fixtures, name), folderFs);
  assert.deepEqual(problems, []);
  return manifests;
}

const importAll = (manifests: readonly FolderManifest[]) =>
  importManifests(manifests, {
    node,
    parseCluster: (settings) => v.parse(clusterSchema, settings),
  });

/** The pods that the imported config gives, by file of the manifest they come from. */
function serve(result: ImportResult): ReadonlyMap<string, JsonObject> {
  const { cluster, machine } = result.config as { cluster?: JsonObject; machine?: JsonObject };
  const plan = cluster === undefined ? undefined : renderControlPlane({
    cluster: v.parse(clusterSchema, cluster),
    controlPlane: v.parse(controlPlaneSchema, machine?.["controlPlane"] ?? {}),
    documents: [],
  }, node);
  assert.deepEqual(plan?.problems ?? [], []);
  const pods = [
    ...plan?.pods.map(({ pod }) => pod) ?? [],
    ...(machine?.["pods"] as readonly JsonObject[] | undefined) ?? [],
  ];
  return new Map(pods.map((pod) => [nameOf(pod), pod]));
}

function nameOf(pod: JsonObject): string {
  const metadata = pod["metadata"];
  return isJsonObject(metadata) ? String(metadata["name"]) : "";
}

/** Changes one flag of a component; undefined removes it. */
function withFlag(
  manifests: readonly FolderManifest[],
  name: string,
  flag: string,
  value: string | undefined,
): FolderManifest[] {
  return manifests.map((manifest) => {
    if (nameOf(manifest.pod) !== name) return manifest;
    const spec = manifest.pod["spec"] as JsonObject;
    const [container] = spec["containers"] as JsonObject[];
    const command = (container?.["command"] as string[])
      .filter((word) => !word.startsWith(`--${flag}=`))
      .concat(value === undefined ? [] : [`--${flag}=${value}`]);
    return {
      ...manifest,
      pod: { ...manifest.pod, spec: { ...spec, containers: [{ ...container, command }] } },
    };
  });
}

const asOf = (result: ImportResult) =>
  Object.fromEntries(result.pods.map(({ key, as }) => [key.replace("kube-system/", ""), as]));

describe("importManifests() of kubeadm's folder", () => {
  for (const folder of ["kubeadm-v1.33", "kubeadm-v1.36"]) {
    it(`gives pods that mean the same as those of ${folder}`, async () => {
      const manifests = await readFolder(folder);
      const result = importAll(manifests);
      assert.deepEqual(asOf(result), {
        "etcd": "settings",
        "kube-apiserver": "settings",
        "kube-controller-manager": "settings",
        "kube-scheduler": "settings",
      });
      const served = serve(result);
      assert.equal(served.size, manifests.length);
      for (const manifest of manifests) {
        const pod = served.get(nameOf(manifest.pod)) ?? {};
        assert.deepEqual(judge(pod, { nodeName: node.name }).errors, []);
        const accepted = result.pods.find(({ file }) => file === manifest.file)?.differences ?? [];
        // Every difference there is was seen, and has its reason.
        assert.deepEqual(
          comparePods(manifest.pod, pod).map(({ path }) => path),
          accepted.map(({ path }) => path),
        );
        for (const { path, before, after, accepted: why } of accepted) {
          assert.notEqual(why, "");
          const text = (value: JsonValue | undefined) => value === undefined ? "–" : String(value);
          if (folder === "kubeadm-v1.36") {
            process.stdout.write(
              `    ${nameOf(pod)} ${path}: ${text(before)} → ${text(after)}: ${why}\n`,
            );
          }
        }
      }
    });
  }

  it("writes only what differs from the defaults", async () => {
    const { config } = importAll(await readFolder("kubeadm-v1.36"));
    const { apiServer, controllerManager, ...rest } = config["cluster"] as JsonObject;
    assert.deepEqual(rest, {
      kubernetesVersion: "v1.36.2",
      advertiseAddress: "192.0.2.10",
      runAsNonRoot: false,
      scheduler: { resources: { requests: { cpu: "100m" } } },
      etcd: {
        image: "registry.k8s.io/etcd:3.6.6-0",
        resources: { requests: { cpu: "100m", memory: "100Mi" } },
        dataDirectory: "/var/lib/etcd",
      },
    });
    for (const section of [apiServer, controllerManager]) {
      assert.deepEqual(Object.keys(section as JsonObject), ["resources", "extraVolumes"]);
    }
  });

  it("keeps an etcd member of another name as a pod", async () => {
    const manifests = await readFolder("kubeadm-v1.36");
    const result = importManifests(manifests, {
      node: { ...node, name: "other" },
      parseCluster: (settings) => v.parse(clusterSchema, settings),
    });
    const etcd = result.pods.find(({ key }) => key === "kube-system/etcd");
    assert.equal(etcd?.reason, 'its member is named "cp-1", this node "other"');
    assert.equal(asOf(result)["kube-apiserver"], "settings");
  });

  it("is accepted by the schema as the config that it is", async () => {
    const { config } = importAll(await readFolder("kubeadm-v1.33"));
    assert.doesNotThrow(() => v.parse(clusterSchema, config["cluster"]));
  });

  it("carries over flags, one each, also those of comma lists", async () => {
    let manifests = await readFolder("kubeadm-v1.36");
    manifests = withFlag(
      manifests,
      "kube-apiserver",
      "enable-admission-plugins",
      "NodeRestriction,X",
    );
    manifests = withFlag(manifests, "kube-apiserver", "v", "4");
    manifests = withFlag(manifests, "kube-controller-manager", "cluster-cidr", undefined);
    manifests = withFlag(manifests, "kube-controller-manager", "allocate-node-cidrs", undefined);
    manifests = withFlag(
      manifests,
      "kube-controller-manager",
      "service-cluster-ip-range",
      undefined,
    );
    const result = importAll(manifests);
    assert.ok(result.pods.every(({ as }) => as === "settings"), JSON.stringify(result.pods));
    const cluster = result.config["cluster"] as JsonObject;
    assert.deepEqual((cluster["apiServer"] as JsonObject)["extraArgs"], {
      "enable-admission-plugins": "X",
      "v": "4",
    });
    assert.deepEqual((cluster["network"] as JsonObject)["podSubnets"], []);
  });

  it("recognises an etcd that runs elsewhere", async () => {
    const manifests = (await readFolder("kubeadm-v1.36"))
      .filter((manifest) => nameOf(manifest.pod) !== "etcd");
    const result = importAll(
      withFlag(
        manifests,
        "kube-apiserver",
        "etcd-servers",
        "https://10.0.0.1:2379,https://10.0.0.2:2379",
      ),
    );
    assert.ok(result.pods.every(({ as }) => as === "settings"), JSON.stringify(result.pods));
    assert.deepEqual((result.config["cluster"] as JsonObject)["externalEtcd"], {
      endpoints: ["https://10.0.0.1:2379", "https://10.0.0.2:2379"],
      caFile: "/etc/kubernetes/pki/etcd/ca.crt",
      certFile: "/etc/kubernetes/pki/apiserver-etcd-client.crt",
      keyFile: "/etc/kubernetes/pki/apiserver-etcd-client.key",
    });
  });

  it("keeps as a pod what settings cannot say, with the reason, and the rest as settings", async () => {
    const manifests = withFlag(
      await readFolder("kubeadm-v1.36"),
      "kube-scheduler",
      "kubeconfig",
      undefined,
    );
    const result = importAll(manifests);
    const scheduler = result.pods.find(({ key }) => key === "kube-system/kube-scheduler");
    assert.equal(scheduler?.as, "pod");
    assert.match(scheduler.reason ?? "", /settings cannot say .*--kubeconfig/);
    assert.deepEqual(asOf(result)["kube-apiserver"], "settings");
    assert.deepEqual((result.config["machine"] as JsonObject)["controlPlane"], {
      scheduler: { disabled: true },
    });
    assert.deepEqual(
      serve(result).get("kube-scheduler"),
      manifests.find(({ pod }) => nameOf(pod) === "kube-scheduler")?.pod,
    );
  });

  it("keeps everything as pods when the API server must be one", async () => {
    const manifests = withFlag(
      await readFolder("kubeadm-v1.36"),
      "kube-apiserver",
      "tls-cert-file",
      "/elsewhere/tls.crt",
    );
    const result = importAll(manifests);
    assert.ok(result.pods.every(({ as }) => as === "pod"));
    assert.equal("cluster" in result.config, false);
    assert.equal(serve(result).size, 4);
    const reason = (name: string) =>
      result.pods.find(({ key }) => key === `kube-system/${name}`)?.reason;
    assert.match(reason("kube-apiserver") ?? "", /tls-cert-file/);
    assert.equal(reason("etcd"), "kube-apiserver is not among the settings");
  });

  it("takes other pods over as they are", async () => {
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "haproxy", namespace: "kube-system" },
      spec: { containers: [{ name: "haproxy", image: "haproxy" }] },
    };
    const result = importAll([...await readFolder("kubeadm-v1.36"), { file: "x.yaml", pod }]);
    assert.deepEqual(result.pods.at(-1), {
      file: "x.yaml",
      key: "kube-system/haproxy",
      as: "pod",
      differences: [],
    });
    assert.deepEqual((result.config["machine"] as JsonObject)["pods"], [pod]);
  });

  it("gives a config without settings for a folder without a control plane", () => {
    assert.deepEqual(importAll([]), { config: {}, pods: [] });
  });
});

describe("readManifestFolder()", () => {
  const folder = (files: Record<string, string>): FolderFs => ({
    list: () => Promise.resolve(Object.keys(files)),
    read: (path) => Promise.resolve(new TextEncoder().encode(files[path.split("/").at(-1)!] ?? "")),
  });

  it("leaves out dot files, as the kubelet does, and names what is no pod", async () => {
    const result = await readManifestFolder(
      "/m",
      folder({
        ".hidden.yaml": "kind: Pod",
        "b.yaml": "kind: Pod\nmetadata: {name: b}\nstatus: {}\n",
        "a.json": '{"kind":"Pod","metadata":{"name":"a"}}',
        "broken.yaml": "a: [",
        "config.yaml": "kind: ConfigMap\n",
        "two.yaml": "kind: Pod\n---\nkind: Pod\n",
      }),
    );
    assert.deepEqual(result.manifests, [
      { file: "/m/a.json", pod: { kind: "Pod", metadata: { name: "a" } } },
      { file: "/m/b.yaml", pod: { kind: "Pod", metadata: { name: "b" } } },
    ]);
    assert.deepEqual(result.problems.map(({ file }) => file), [
      "/m/broken.yaml",
      "/m/config.yaml",
      "/m/two.yaml",
    ]);
  });

  it("names what cannot be read, and reads on", async () => {
    const files = folder({ "a.yaml": "kind: Pod\nmetadata: {name: a}\n", "pipe.yaml": "" });
    const result = await readManifestFolder("/m", {
      ...files,
      read: (path) =>
        path.endsWith("pipe.yaml") ? Promise.reject(new Error("it is a pipe")) : files.read(path),
    });
    assert.equal(result.manifests.length, 1);
    assert.deepEqual(result.problems.map(({ file, message }) => [file, message]), [
      ["/m/pipe.yaml", "It cannot be read: it is a pipe"],
    ]);
  });
});
