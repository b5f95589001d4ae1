import { LAYOUT, NEW_NODE_PORT } from "./layout.ts";

/**
 * The config of a fresh node: no pods, every common setting as a comment. The
 * token file is set, so that no other user of the node reads the pods.
 */
export const EXAMPLE_CONFIG =
  `# The static pods of this node. After a change: podstead validate ${LAYOUT.config}
# and then: systemctl reload podstead. More: podstead help config
machine:
  pods: []
  # pods:
  #   - apiVersion: v1
  #     kind: Pod
  #     metadata:
  #       name: nginx
  #     spec:
  #       containers:
  #         - name: nginx
  #           image: docker.io/library/nginx:1.27
  #
  # Pods may also be files of their own: ${LAYOUT.podsDirectory}/*.yaml

agent:
  manifest:
    # Below 1024, so that only root can take it.
    port: ${NEW_NODE_PORT}
    # What the kubelet must show to read the pods; "podstead kubelet-config" tells it.
    tokenFile: ${LAYOUT.token}
  # runtime:
  #   endpoint: unix:///run/containerd/containerd.sock
  # kubelet:
  #   # To read what the kubelet itself says of the pods: how to trust it, and for a kubelet that
  #   # asks who is there, a certificate that it knows (kubeadm control planes have this one).
  #   certificateAuthority: /var/lib/kubelet/pki/kubelet.crt
  #   clientCertificate: /etc/kubernetes/pki/apiserver-kubelet-client.crt
  #   clientKey: /etc/kubernetes/pki/apiserver-kubelet-client.key
  # admin:
  #   group: ${LAYOUT.group}   # its members may use podstead without root
`;
