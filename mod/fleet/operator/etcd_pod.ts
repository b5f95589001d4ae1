/** The static pod of one member of a fleet's etcd; pure. */
import type { JsonObject } from "../../core/mod.ts";

/** One member of the cluster. */
export interface EtcdMember {
  readonly name: string;
  readonly address: string;
}

/** What the members have in common. */
export interface EtcdPodOptions {
  readonly fleet: string;
  readonly image: string;
  readonly clientPort: number;
  readonly peerPort: number;
  readonly members: readonly EtcdMember[];
}

/** Where a member has its certificates and its data, on its node and in its container. */
export const ETCD_PKI = "/etc/podstead/fleet-etcd";
/** See `ETCD_PKI`. */
export const ETCD_DATA = "/var/lib/podstead-etcd";

/** The address at which clients reach a member. */
export function clientUrl({ address }: EtcdMember, port: number): string {
  return `https://${address.includes(":") ? `[${address}]` : address}:${port}`;
}

/**
 * The pod of one member. Its history is compacted by itself; clients and other members must show a
 * certificate of the fleet's authority. The source of the flags is etcd 3.4 and later.
 */
export function etcdPod(member: EtcdMember, options: EtcdPodOptions): JsonObject {
  const { fleet, image, clientPort, peerPort, members } = options;
  const client = clientUrl(member, clientPort);
  const peer = clientUrl(member, peerPort);
  const command = [
    "etcd",
    `--name=${member.name}`,
    `--data-dir=${ETCD_DATA}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=${
      members.map((one) => `${one.name}=${clientUrl(one, peerPort)}`).join(",")
    }`,
    "--initial-cluster-state=new",
    `--initial-cluster-token=podstead-${fleet}`,
    "--client-cert-auth=true",
    `--trusted-ca-file=${ETCD_PKI}/ca.crt`,
    `--cert-file=${ETCD_PKI}/server.crt`,
    `--key-file=${ETCD_PKI}/server.key`,
    "--peer-client-cert-auth=true",
    `--peer-trusted-ca-file=${ETCD_PKI}/ca.crt`,
    `--peer-cert-file=${ETCD_PKI}/peer.crt`,
    `--peer-key-file=${ETCD_PKI}/peer.key`,
    "--auto-compaction-mode=periodic",
    "--auto-compaction-retention=1h",
  ];
  const mount = (name: string, mountPath: string, readOnly: boolean) => ({
    name,
    mountPath,
    ...(readOnly ? { readOnly } : {}),
  });
  const port = clientPort;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `fleet-etcd-${fleet}`,
      namespace: "kube-system",
      labels: { "app.kubernetes.io/name": "etcd", "podstead.dev/fleet": fleet },
    },
    spec: {
      hostNetwork: true,
      priorityClassName: "system-node-critical",
      containers: [{
        name: "etcd",
        image,
        command,
        resources: { requests: { cpu: "50m", memory: "100Mi" } },
        // A member without a quorum must not be restarted for it: only that it listens is asked.
        livenessProbe: {
          tcpSocket: { port, host: member.address },
          initialDelaySeconds: 15,
          periodSeconds: 10,
          failureThreshold: 8,
        },
        volumeMounts: [mount("pki", ETCD_PKI, true), mount("data", ETCD_DATA, false)],
      }],
      volumes: [
        { name: "pki", hostPath: { path: ETCD_PKI, type: "Directory" } },
        { name: "data", hostPath: { path: ETCD_DATA, type: "DirectoryOrCreate" } },
      ],
    },
  };
}
