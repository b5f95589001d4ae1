import type { JsonObject } from "../../mod/core/mod.ts";

/**
 * A valid static pod of the size that nodes have: a control plane component, a
 * load balancer with a sidecar, an agent on the host, a job; one in four each.
 */
export function realisticPod(seed: number): JsonObject {
  const make = KINDS[seed % KINDS.length]!;
  return make(`pod-${seed}`);
}

function pod(name: string, labels: JsonObject, spec: JsonObject): JsonObject {
  const metadata = { name, namespace: "kube-system", labels: { tier: "node", ...labels } };
  return { apiVersion: "v1", kind: "Pod", metadata, spec };
}

const httpsProbe = (path: string, port: number) => ({
  httpGet: { host: "127.0.0.1", path, port, scheme: "HTTPS" },
  initialDelaySeconds: 10,
  periodSeconds: 10,
  timeoutSeconds: 15,
  failureThreshold: 8,
});

function controlPlane(name: string): JsonObject {
  const directories = ["/etc/kubernetes/pki", "/etc/ssl/certs", "/etc/ca-certificates"];
  const volumes = directories.map((path, index) => ({
    name: `dir-${index}`,
    hostPath: { path, type: "DirectoryOrCreate" },
  }));
  const flags = Array.from({ length: 24 }, (_, index) => `--flag-${index}=value-${index}`);
  return pod(name, { component: name }, {
    priorityClassName: "system-node-critical",
    hostNetwork: true,
    securityContext: { seccompProfile: { type: "RuntimeDefault" }, runAsUser: 65534 },
    containers: [{
      name: "main",
      image: "registry.example/kube-apiserver:v1.36.2",
      command: ["kube-apiserver", ...flags],
      env: [
        { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
        {
          name: "GOMEMLIMIT",
          valueFrom: { resourceFieldRef: { resource: "limits.memory", divisor: "1" } },
        },
      ],
      ports: [{ name: "https", containerPort: 6443, hostPort: 6443, protocol: "TCP" }],
      resources: { requests: { cpu: "250m", memory: "512Mi" }, limits: { memory: "2Gi" } },
      livenessProbe: httpsProbe("/livez", 6443),
      readinessProbe: httpsProbe("/readyz", 6443),
      startupProbe: httpsProbe("/livez", 6443),
      volumeMounts: volumes.map(({ name }, index) => ({
        name,
        mountPath: directories[index]!,
        readOnly: true,
      })),
      securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
    }],
    volumes,
  });
}

function loadBalancer(name: string): JsonObject {
  return pod(name, { app: "balancer" }, {
    initContainers: [
      {
        name: "reloader",
        image: "registry.example/reloader@sha256:" + "0".repeat(64),
        restartPolicy: "Always",
        args: ["--watch", "/config"],
        volumeMounts: [{ name: "config", mountPath: "/config" }],
        resources: { requests: { cpu: "10m", memory: "16Mi" } },
      },
      {
        name: "render",
        image: "registry.example/render:2",
        volumeMounts: [{ name: "config", mountPath: "/config" }],
      },
    ],
    containers: [{
      name: "balancer",
      image: "registry.example/haproxy:3.1",
      ports: [
        { name: "http", containerPort: 8080, hostPort: 80 },
        { name: "stats", containerPort: 9000 },
      ],
      lifecycle: { preStop: { sleep: { seconds: 5 } } },
      livenessProbe: { tcpSocket: { port: "http" }, periodSeconds: 5 },
      readinessProbe: { httpGet: { path: "/ready", port: "stats" } },
      volumeMounts: [{ name: "config", mountPath: "/usr/local/etc/haproxy", readOnly: true }],
      resources: { limits: { cpu: "1", memory: "256Mi" } },
    }],
    tolerations: [{ operator: "Exists", effect: "NoSchedule" }],
    dnsPolicy: "None",
    dnsConfig: { nameservers: ["10.96.0.10"], searches: ["svc.cluster.local"] },
    hostAliases: [{ ip: "10.0.0.5", hostnames: ["registry.example"] }],
    volumes: [{ name: "config", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } }],
  });
}

function hostAgent(name: string): JsonObject {
  return pod(name, { app: "agent" }, {
    hostPID: true,
    hostNetwork: true,
    containers: [{
      name: "agent",
      image: "registry.example/agent:7.2.1",
      securityContext: { privileged: true },
      env: Array.from({ length: 12 }, (_, index) => ({
        name: `SETTING_${index}`,
        value: `value ${index}`,
      })),
      resources: { requests: { cpu: "50m", memory: "64Mi" } },
      volumeMounts: [
        { name: "root", mountPath: "/host", readOnly: true, mountPropagation: "HostToContainer" },
        { name: "info", mountPath: "/etc/podinfo" },
      ],
      livenessProbe: { exec: { command: ["agent", "health"] }, timeoutSeconds: 5 },
    }],
    volumes: [
      { name: "root", hostPath: { path: "/" } },
      {
        name: "info",
        downwardAPI: {
          items: [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" }, mode: 0o440 }],
        },
      },
    ],
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{
            matchExpressions: [{ key: "kubernetes.io/os", operator: "In", values: ["linux"] }],
          }],
        },
      },
    },
  });
}

function job(name: string): JsonObject {
  return pod(name, { app: "job" }, {
    restartPolicy: "OnFailure",
    activeDeadlineSeconds: 3600,
    terminationGracePeriodSeconds: 5,
    containers: [{
      name: "job",
      image: "registry.example/tools:1",
      command: ["sh", "-c"],
      args: ["set -eu; while sleep 60; do date; done"],
      workingDir: "/work",
      volumeMounts: [{ name: "work", mountPath: "/work", subPath: "data" }],
    }],
    securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 },
    volumes: [{ name: "work", hostPath: { path: "/var/lib/job", type: "DirectoryOrCreate" } }],
  });
}

const KINDS = [controlPlane, loadBalancer, hostAgent, job];
