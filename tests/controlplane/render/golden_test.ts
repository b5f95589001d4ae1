import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { renderControlPlane } from "../../../mod/controlplane/mod.ts";
import { assertGolden, configOf, node } from "../support.ts";

const VERSIONS = ["v1.33.13", "v1.34.10", "v1.35.7", "v1.36.3", "v1.37.0"];

/** Every setting at once: external etcd, all config files, extra everything. */
const FULL = {
  clusterName: "edge",
  controlPlane: { endpoint: "https://api.example.com:6443", localAPIServerPort: 7443 },
  network: {
    dnsDomain: "edge.local",
    podSubnets: ["10.0.0.0/16", "fd00:1::/56"],
    serviceSubnets: ["10.1.0.0/16", "fd00:2::/112"],
  },
  externalEtcd: {
    endpoints: ["https://192.0.2.20:2379", "https://192.0.2.21:2379"],
    caFile: "/etc/etcd/ca.crt",
    certFile: "/etc/etcd/client.crt",
    keyFile: "/etc/etcd/client.key",
  },
  secretboxEncryptionSecret: "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
  aescbcEncryptionSecret: "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
  apiServer: {
    extraArgs: {
      "enable-admission-plugins": "AlwaysPullImages,NodeRestriction",
      "feature-gates": ["A=true", "B=false"],
      "service-account-issuer": ["https://new.example.com", "https://old.example.com"],
      "v": 2,
    },
    extraVolumes: [{ hostPath: "/etc/ssl/certs", mountPath: "/etc/ssl/certs", readonly: true }],
    env: { HTTPS_PROXY: "http://proxy:8080", PRICE: "5$" },
    resources: { requests: { cpu: 2, memory: "2Gi" }, limits: { memory: "4Gi" } },
    certSANs: ["k8s.example.com", "198.51.100.7"],
    admissionControl: [{
      name: "PodSecurity",
      configuration: {
        apiVersion: "pod-security.admission.config.k8s.io/v1",
        kind: "PodSecurityConfiguration",
        defaults: { enforce: "baseline", "enforce-version": "latest" },
      },
    }],
    auditPolicy: { rules: [{ level: "Metadata" }] },
    authorizationConfig: [{
      type: "Webhook",
      name: "webhook",
      webhook: { timeout: "3s", failurePolicy: "Deny" },
    }],
    authenticationConfig: {
      anonymous: { enabled: true, conditions: [{ path: "/livez" }, { path: "/readyz" }] },
    },
  },
  controllerManager: {
    extraArgs: { "controllers": "-bootstrapsigner", "bind-address": "0.0.0.0" },
    clientCertificate: "/etc/keys/cm.crt",
    clientKey: "/etc/keys/cm.key",
  },
  scheduler: {
    config: { profiles: [{ schedulerName: "default-scheduler", plugins: {} }] },
    extraArgs: { "v": "4" },
  },
};

describe("renderControlPlane() golden pods", () => {
  for (const kubernetesVersion of VERSIONS) {
    const minor = kubernetesVersion.split(".").slice(0, 2).join(".");
    const scenarios: Readonly<Record<string, Record<string, unknown>>> = {
      "non-root": { kubernetesVersion, etcd: {} },
      "root": { kubernetesVersion, etcd: {}, runAsNonRoot: false },
      "full": { ...FULL, kubernetesVersion },
      "full-root": { ...FULL, kubernetesVersion, runAsNonRoot: false },
    };
    for (const [name, cluster] of Object.entries(scenarios)) {
      it(`${minor} ${name}`, () => {
        const plan = renderControlPlane(configOf(cluster), node);
        assert.deepEqual(plan.problems, []);
        assertGolden(`${minor}-${name}.json`, plan);
      });
    }
  }

  it("IPv6 only", () => {
    const plan = renderControlPlane(
      configOf({
        etcd: {},
        network: { podSubnets: ["fd00:1::/56"], serviceSubnets: ["fd00:2::/112"] },
      }),
      { name: "cp-1", address: "2001:db8::10" },
    );
    assert.deepEqual(plan.problems, []);
    assertGolden("ipv6.json", plan);
  });
});
