import type { NodeFiles } from "../../mod/os/mod.ts";

/** A node's files as a table of path to text. */
export function memoryFiles(table: Readonly<Record<string, string>>): NodeFiles {
  return {
    text: (path) => Promise.resolve(table[path]),
    names: (directory) =>
      Promise.resolve(
        Object.keys(table)
          .filter((path) => path.startsWith(`${directory.replace(/\/$/, "")}/`))
          .map((path) => path.slice(directory.replace(/\/$/, "").length + 1))
          .filter((name) => !name.includes("/"))
          .sort(),
      ),
    status: () => Promise.resolve(undefined),
  };
}

/** Units and files as the packages and kubeadm put them on a node. */
export const KUBEADM_NODE: Readonly<Record<string, string>> = {
  "/usr/lib/systemd/system/kubelet.service": `[Unit]
Description=kubelet: The Kubernetes Node Agent
[Service]
ExecStart=/usr/bin/kubelet
Restart=always
[Install]
WantedBy=multi-user.target
`,
  "/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf": `# made by kubeadm
[Service]
Environment="KUBELET_KUBECONFIG_ARGS=--bootstrap-kubeconfig=/etc/kubernetes/bootstrap-kubelet.conf --kubeconfig=/etc/kubernetes/kubelet.conf"
Environment="KUBELET_CONFIG_ARGS=--config=/var/lib/kubelet/config.yaml"
EnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env
EnvironmentFile=-/etc/default/kubelet
ExecStart=
ExecStart=/usr/bin/kubelet $KUBELET_KUBECONFIG_ARGS $KUBELET_CONFIG_ARGS $KUBELET_KUBEADM_ARGS $KUBELET_EXTRA_ARGS
`,
  "/var/lib/kubelet/kubeadm-flags.env":
    `KUBELET_KUBEADM_ARGS="--container-runtime-endpoint=unix:///run/containerd/containerd.sock --hostname-override=Node1"\n`,
  "/var/lib/kubelet/config.yaml":
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /etc/kubernetes/manifests\nclusterDNS: [10.96.0.10]\n",
};

/** A kubelet and nothing else, with a config directory. */
export const KUBELET_ONLY_NODE: Readonly<Record<string, string>> = {
  "/etc/systemd/system/kubelet.service": `[Service]
ExecStart=/opt/kubelet \\
  --config /etc/kubernetes/kubelet.yaml \\
  --config-dir=/etc/kubernetes/kubelet.d/
`,
  "/etc/kubernetes/kubelet.yaml":
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nhttpCheckFrequency: 5s\nstaticPodPath: /a\n",
  "/etc/kubernetes/kubelet.d/10-a.conf":
    "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\nstaticPodPath: /b\n",
  "/etc/kubernetes/kubelet.d/20-b.yaml": "staticPodPath: /not-read\n",
};
