/** A subject that is not one command's. */
export interface HelpTopic {
  readonly name: string;
  readonly brief: string;
  readonly text: () => string | Promise<string>;
}

const STATIC_PODS = `STATIC PODS

A static pod is a pod that the kubelet runs because it was told to by its own node, not by
an API server. It is there before any control plane is (the control plane itself may be made
of static pods), it goes on when the API server is down, and no API check stands in its way.

What differs from other pods:
  - Its name on the node gets the node's name as a suffix: nginx becomes nginx-node-1.
  - It cannot refer to what lives in an API server: service accounts, secrets, config maps,
    persistent volume claims. Use hostPath, emptyDir, downwardAPI, image volumes, plain env.
  - Any change of it, be it an annotation, makes a new pod: the old one ends, the new one
    starts.
  - The API server, where there is one, shows a read-only copy: its mirror pod. Deleting
    that changes nothing.

How they get to the kubelet:
  1. You declare them in /etc/podstead/config.yaml (machine.pods) or in files below
     /etc/podstead/pods.d, and apply that: systemctl reload podstead.
  2. podstead judges each by the kubelet's own rules. A kubelet refuses a whole list if one
     pod in it is wrong; so a wrong one is left out, or stays as it last was, and you are told
     the field, the line and the column.
  3. The kubelet asks podstead's endpoint for the list every second (staticPodURL).
  4. The container runtime runs what the kubelet makes of it.

See each stage:
  podstead get staticpods -o wide     declared and served, or why not
  podstead get staticpodstatus        what became of each
  podstead containers -k              what the runtime has
  podstead logs -k POD                what it wrote
`;

const TROUBLESHOOTING = `TROUBLESHOOTING

A pod is not there. Follow it from where it is declared to where it runs:

  podstead validate /etc/podstead/config.yaml
      Is it right? Every mistake, with its line and what was wanted.
  podstead get configstatus
      Was the config applied? "partial" and "rejected" mean that something was refused.
  podstead get staticpods -o wide
      Is it served? Rejected: the kubelet would refuse it. Held: files that it needs are
      missing. Stopped: a person stopped it. "Rejected, serving revision N": its last good
      version is still served.
  podstead describe POD
      One page on why a pod does not run, with the likely cause and the next step.
  podstead doctor
      Is the node set up right? Each check comes with what to do.
  podstead logs kubelet --since 10m
      What the kubelet itself says.

The kubelet does not ask (podstead doctor says so, or the metric
podstead_kubelet_last_fetch_timestamp_seconds stands still):
  - It was not linked: podstead install, or podstead kubelet-config and its own config.
  - It asks with another token: after a change of the token file, podstead install gives it
    to the kubelet, and podstead reload to the agent.
  - It is down: systemctl status kubelet.

A changed pod stays away for 13 to 16 seconds: that is the kubelet's own way of replacing
a static pod. agent.replace: quick (the default) makes it about one second.

The agent does not answer (exit code 69):
  systemctl status podstead; journalctl -u podstead -n 30
  Pods go on without it. "podstead containers" and "podstead logs" work without it too, as root.

Permission denied (exit code 77): become root, or a member of the group podstead.

Exit codes: 0 done, 1 failed, 64 wrong usage, 69 agent or runtime unreachable,
77 not permitted, 78 wrong config.
`;

/** Every topic, in the order in which they are listed. */
export const HELP_TOPICS: readonly HelpTopic[] = [
  {
    name: "config",
    brief: "every setting of the config file",
    async text() {
      const { renderConfigDocs } = await import("../../../config/docs.ts");
      return renderConfigDocs().replace(/<!--.*?-->\n*/gs, "");
    },
  },
  {
    name: "static-pods",
    brief: "what static pods are and how they get to the kubelet",
    text: () => STATIC_PODS,
  },
  {
    name: "troubleshooting",
    brief: "a pod is not there, the kubelet does not ask, the agent does not answer",
    text: () => TROUBLESHOOTING,
  },
];
