import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { JsonObject } from "../../mod/core/mod.ts";
import { judgeFully } from "../../mod/pods/judge.ts";
import type { Pod } from "../../mod/pods/types/mod.ts";

function held(spec: JsonObject, metadata: JsonObject = {}, kubeletVersion?: string): Pod {
  const { pod } = judgeFully({ metadata: { name: "web", ...metadata }, spec }, {
    nodeName: "Node-1",
    kubeletVersion,
  });
  assert(pod);
  return pod;
}

const container = (more: JsonObject = {}) => ({ name: "app", image: "app:1", ...more });

function containerOf(more: JsonObject, spec: JsonObject = {}) {
  const first = held({ containers: [container(more)], ...spec }).spec.containers[0];
  assert(first);
  return first;
}

function amounts(list: ReadonlyMap<string, { toString(): string }>): JsonObject {
  return Object.fromEntries([...list].map(([name, amount]) => [name, `${amount}`]));
}

describe("asStaticPod()", () => {
  it("names the pod after its node, in lower case", () => {
    const { metadata, spec, status } = held({ nodeName: "other" });
    assert.equal(metadata.name, "web-node-1");
    assert.equal(metadata.namespace, "default");
    assert.equal(spec.nodeName, "Node-1");
    assert.equal(status.phase, "Pending");
  });

  it("keeps a namespace and a uid, which becomes the annotation", () => {
    const { metadata } = held({}, { namespace: "edge", uid: "abc" });
    assert.equal(metadata.namespace, "edge");
    assert.equal(metadata.annotations.get("kubernetes.io/config.hash"), "abc");
  });
});

describe("withDefaults() of a pod", () => {
  it("fills in the policies", () => {
    const { spec } = held({});
    assert.equal(spec.dnsPolicy, "ClusterFirst");
    assert.equal(spec.restartPolicy, "Always");
    assert.equal(spec.terminationGracePeriodSeconds, 30);
    assert.equal(spec.schedulerName, "default-scheduler");
    assert.equal(spec.enableServiceLinks, true);
    assert.notEqual(spec.securityContext, undefined);
  });

  it("keeps what is there", () => {
    const { spec } = held({
      dnsPolicy: "Default",
      enableServiceLinks: false,
      schedulerName: "own",
    });
    assert.deepEqual(
      [spec.dnsPolicy, spec.enableServiceLinks, spec.schedulerName],
      ["Default", false, "own"],
    );
  });

  it("makes a negative grace period 1", () => {
    assert.equal(held({ terminationGracePeriodSeconds: -5 }).spec.terminationGracePeriodSeconds, 1);
    assert.equal(held({ terminationGracePeriodSeconds: 0 }).spec.terminationGracePeriodSeconds, 0);
  });

  it("takes the old name of the service account", () => {
    assert.equal(held({ serviceAccount: "old" }).spec.serviceAccountName, "old");
    const { spec } = held({ serviceAccount: "old", serviceAccountName: "new" });
    assert.deepEqual([spec.serviceAccount, spec.serviceAccountName], ["new", "new"]);
  });

  it("drops the annotations of init containers", () => {
    const { metadata } = held({}, {
      annotations: { "pod.beta.kubernetes.io/init-containers": "[]", kept: "a" },
    });
    assert.deepEqual([...metadata.annotations.keys()], ["kept", "kubernetes.io/config.hash"]);
  });
});

describe("withDefaults() of a container", () => {
  it("fills in policies and paths", () => {
    const app = containerOf({});
    assert.equal(app.imagePullPolicy, "IfNotPresent");
    assert.equal(app.terminationMessagePath, "/dev/termination-log");
    assert.equal(app.terminationMessagePolicy, "File");
    assert.equal(containerOf({ image: "app" }).imagePullPolicy, "Always");
  });

  it("requests what is limited, and rounds to thousandths", () => {
    const { resources } = containerOf({
      resources: { limits: { cpu: "1", memory: "1Gi" }, requests: { cpu: "1u" } },
    });
    assert.deepEqual(Object.keys(amounts(resources.requests)).sort(), ["cpu", "memory"]);
    assert.equal(resources.requests.get("cpu")?.milliValue(), 1n);
  });

  it("takes a port of the host for each on the host's network", () => {
    const ports = [{ containerPort: 80 }];
    assert.deepEqual(
      containerOf({ ports }).ports.map(({ hostPort, protocol }) => [hostPort, protocol]),
      [[0, "TCP"]],
    );
    assert.equal(containerOf({ ports }, { hostNetwork: true }).ports[0]?.hostPort, 80);
  });

  it("fills in probes and hooks", () => {
    const app = containerOf({
      livenessProbe: { httpGet: { port: 80 } },
      readinessProbe: { grpc: { port: 80 }, periodSeconds: 5 },
      lifecycle: { preStop: { httpGet: { port: 80, scheme: "HTTPS" } } },
    });
    const { timeoutSeconds, periodSeconds, successThreshold, failureThreshold, httpGet } = app
      .livenessProbe!;
    assert.deepEqual([timeoutSeconds, periodSeconds, successThreshold, failureThreshold], [
      1,
      10,
      1,
      3,
    ]);
    assert.deepEqual([httpGet?.path, httpGet?.scheme], ["/", "HTTP"]);
    assert.equal(app.readinessProbe?.grpc?.service, "");
    assert.equal(app.readinessProbe?.periodSeconds, 5);
    assert.deepEqual(
      [app.lifecycle?.preStop?.httpGet?.path, app.lifecycle?.preStop?.httpGet?.scheme],
      ["/", "HTTPS"],
    );
  });

  it("fills in the sources of variables", () => {
    const [field] = containerOf({
      env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }],
    }).env;
    assert.equal(field?.valueFrom?.fieldRef?.apiVersion, "v1");
  });
});

describe("withDefaults() of volumes", () => {
  const volumeOf = (source: JsonObject, kubeletVersion?: string) => {
    const [first] = held({ volumes: [{ name: "v", ...source }] }, {}, kubeletVersion).spec.volumes;
    assert(first);
    return first;
  };

  it("makes a volume without a source an empty directory", () => {
    assert.notEqual(volumeOf({}).emptyDir, undefined);
    assert.equal(volumeOf({ hostPath: { path: "/" } }).emptyDir, undefined);
  });

  it("fills in modes and versions", () => {
    assert.equal(volumeOf({ hostPath: { path: "/" } }).hostPath?.type, "");
    assert.equal(volumeOf({ secret: {} }).secret?.defaultMode, 0o644);
    assert.equal(volumeOf({ configMap: { defaultMode: 0 } }).configMap?.defaultMode, 0);
    const items = [{ path: "a", fieldRef: { fieldPath: "metadata.name" } }];
    const { downwardAPI } = volumeOf({ downwardAPI: { items } });
    assert.equal(downwardAPI?.defaultMode, 0o644);
    assert.equal(downwardAPI?.items[0]?.fieldRef?.apiVersion, "v1");
    const { projected } = volumeOf({
      projected: { sources: [{ serviceAccountToken: { path: "a" } }, { downwardAPI: { items } }] },
    });
    assert.equal(projected?.defaultMode, 0o644);
    assert.equal(projected?.sources[0]?.serviceAccountToken?.expirationSeconds, 3600);
    assert.equal(projected?.sources[1]?.downwardAPI?.items[0]?.fieldRef?.apiVersion, "v1");
  });

  it("fills in what storage systems need", () => {
    assert.equal(volumeOf({ iscsi: {} }).iscsi?.iscsiInterface, "default");
    const { rbd } = volumeOf({ rbd: { pool: "own" } });
    assert.deepEqual([rbd?.pool, rbd?.user, rbd?.keyring], ["own", "admin", "/etc/ceph/keyring"]);
    const { azureDisk } = volumeOf({ azureDisk: {} });
    assert.deepEqual(
      [azureDisk?.cachingMode, azureDisk?.fsType, azureDisk?.readOnly, azureDisk?.kind],
      ["ReadWrite", "ext4", false, "Shared"],
    );
    const { scaleIO } = volumeOf({ scaleIO: {} });
    assert.deepEqual([scaleIO?.storageMode, scaleIO?.fsType], ["ThinProvisioned", "xfs"]);
    const { ephemeral } = volumeOf({ ephemeral: { volumeClaimTemplate: {} } });
    assert.equal(ephemeral?.volumeClaimTemplate?.spec.volumeMode, "Filesystem");
  });

  it("pulls images by their tag, where image volumes are on", () => {
    assert.equal(volumeOf({ image: { reference: "a:latest" } }).image?.pullPolicy, "Always");
    assert.equal(volumeOf({ image: { reference: "a:1" } }).image?.pullPolicy, "IfNotPresent");
    assert.equal(volumeOf({ image: { reference: "a:1" } }, "1.34").image?.pullPolicy, "");
  });
});

describe("withDefaults() of pod-level resources", () => {
  const resourcesOf = (resources: JsonObject, containers: readonly JsonObject[]) => {
    const found = held({ resources, containers }).spec.resources;
    assert(found);
    return { requests: amounts(found.requests), limits: amounts(found.limits) };
  };

  it("requests what the containers request together", () => {
    const asking = [
      container({ resources: { requests: { cpu: "1" } } }),
      container({ resources: { requests: { cpu: "500m" } } }),
    ];
    const { requests } = resourcesOf({ limits: { cpu: "4", memory: "1Gi" } }, asking);
    assert.deepEqual(Object.keys(requests).sort(), ["cpu", "memory"]);
    const pod = held({ resources: { limits: { cpu: "4" } }, containers: asking });
    assert.equal(pod.spec.resources?.requests.get("cpu")?.milliValue(), 1500n);
  });

  it("counts a sidecar beside, and another init container before", () => {
    const asks = (cpu: string, more: JsonObject = {}) =>
      container({ resources: { requests: { cpu } }, ...more });
    const pod = held({
      resources: { limits: { cpu: "8" } },
      initContainers: [asks("1", { restartPolicy: "Always" }), asks("4")],
      containers: [asks("2")],
    });
    assert.equal(pod.spec.resources?.requests.get("cpu")?.milliValue(), 5000n);
  });

  it("limits huge pages to what the containers may have", () => {
    const limits = { "hugepages-2Mi": "4Mi" };
    const found = resourcesOf({ limits: { memory: "1Gi" } }, [
      container({ resources: { limits } }),
    ]);
    assert.equal(found.limits["hugepages-2Mi"], "4Mi");
  });
});
