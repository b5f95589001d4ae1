/**
 * Words of kubectl, crictl, podman, docker, talosctl and systemctl, and what they become here.
 * A word that is a command of podstead never gets this far.
 */

/** What happens to a word of another tool. */
export type Habit =
  & { readonly words: readonly string[] }
  & (
    | {
      /** The command line that is meant. */
      readonly runs: string;
      /** Only if something follows: `describe pod` alone is about a pod of that name. */
      readonly withArgument?: true;
    }
    /** What to do instead; the end of a sentence. */
    | { readonly says: string }
  );

const DECLARE = "declare the pod in a file: podstead apply -f FILE, or podstead add FILE";
const NOT_ON_A_NODE = "it needs an API server, and a node's static pods do not; see: kubectl";

/** The table of habits; of two that fit a line, the one with more words wins. */
export const HABITS: readonly Habit[] = [
  // Looking at pods and containers.
  { words: ["ps", "container", "container ls", "container list"], runs: "containers -k" },
  { words: ["pods", "pod", "po", "pod ps", "pod ls", "pod list", "ls"], runs: "get pods" },
  { words: ["list"], runs: "get pods" },
  { words: ["sp", "staticpods"], runs: "get staticpods" },
  { words: ["sps", "staticpodstatus"], runs: "get staticpodstatus" },
  {
    words: ["describe pod", "describe pods", "describe po", "describe sp", "describe sps"],
    runs: "describe",
    withArgument: true,
  },
  { words: ["pod inspect", "pod describe"], runs: "describe" },
  { words: ["pod logs"], runs: "logs -k" },
  { words: ["pod stats", "statsp", "top pods", "top pod", "top po"], runs: "stats" },
  { words: ["cgroups"], runs: "stats" },
  { words: ["top nodes", "top node"], runs: "stats --sort-by cpu" },
  { words: ["inspectp"], runs: "inspect --sandbox" },
  { words: ["show"], runs: "describe", withArgument: true },
  { words: ["get containers", "get container"], runs: "containers -k" },
  { words: ["get images", "get image"], runs: "images" },
  { words: ["secret", "secret ls", "secret list"], runs: "get secrets" },
  { words: ["configmap", "configmaps", "cm"], runs: "get configmaps" },
  { words: ["status"], runs: "describe", withArgument: true },
  { words: ["status", "cluster-info", "verdict"], runs: "overview" },
  { words: ["is-active", "is-failed", "healthcheck", "check", "uptime", "node"], runs: "health" },
  { words: ["info"], runs: "doctor" },
  { words: ["cluster-info dump", "sosreport", "must-gather", "bugreport"], runs: "support" },
  { words: ["get events", "get event", "get ev"], runs: "events" },
  { words: ["image", "image ls", "image list", "img"], runs: "images" },
  { words: ["image pull"], runs: "pull" },
  { words: ["service", "list-units"], runs: "services" },
  { words: ["journalctl", "journal"], runs: "logs" },
  { words: ["tail"], runs: "logs -f", withArgument: true },
  { words: ["dashboard"], runs: "top" },
  { words: ["edit pod", "edit pods", "edit po", "edit sp"], runs: "edit", withArgument: true },
  { words: ["patch pod", "patch pods", "patch po", "patch sp"], runs: "patch", withArgument: true },
  { words: ["daemon-reload", "reload-or-restart"], runs: "reload" },
  { words: ["lint"], runs: "validate" },
  { words: ["-v", "-V", "--version"], runs: "version" },

  // Making and removing.
  { words: ["delete", "rm", "rmp", "destroy"], says: removal() },
  { words: ["pod rm", "container rm"], says: removal() },
  { words: ["stopp", "pod stop", "pause"], runs: "stop" },
  { words: ["pod start", "unpause"], runs: "start" },
  { words: ["kill"], says: "podstead restart POD ends a container and has it start again" },
  { words: ["create", "run", "runp", "kube play", "play kube", "compose", "up"], says: DECLARE },
  { words: ["replace", "apply-config", "kustomize", "deploy", "kube"], says: DECLARE },
  { words: ["secret create", "create secret", "create configmap"], says: objects() },
  { words: ["kube down", "compose down", "down"], says: removal() },
  {
    words: ["generate", "kube generate", "export"],
    says: "a pod as it is declared: podstead get sp POD -o jsonpath='{.spec}'",
  },
  { words: ["rollout restart"], says: "a pod as a new one: podstead restart POD" },
  {
    words: ["rollout undo", "undo"],
    says: "what an earlier revision had: podstead history, then podstead rollback REVISION",
  },
  {
    words: ["update", "set env", "set resources", "rename"],
    says: "change the pod: podstead edit POD, or podstead patch POD -p PATCH",
  },
  { words: ["mask"], says: "keep a pod from running: podstead stop POD" },
  {
    words: ["scale", "autoscale", "get deployments", "get deployment", "get deploy"],
    says: "a node runs one of each static pod; for another one, declare it under a second name",
  },
  { words: ["get daemonsets", "get daemonset", "get ds"], says: NOT_ON_A_NODE },
  { words: ["get replicasets", "get rs", "get statefulsets", "get sts"], says: NOT_ON_A_NODE },
  { words: ["get jobs", "get job", "get cronjobs", "get cj"], says: NOT_ON_A_NODE },
  { words: ["get pvc", "get pv", "get sc", "get sa", "get crd", "get hpa"], says: NOT_ON_A_NODE },
  {
    words: ["get endpoints", "get ep", "get netpol", "get quota", "get role", "get leases"],
    says: NOT_ON_A_NODE,
  },
  { words: ["describe deploy", "describe deployment", "describe ds"], says: NOT_ON_A_NODE },
  { words: ["describe svc", "describe service", "describe ing"], says: services() },
  { words: ["describe node", "describe nodes", "describe no"], says: nodes() },
  { words: ["get services", "get service", "get svc", "get ingress", "get ing"], says: services() },
  { words: ["expose", "port-forward", "port"], says: services() },
  {
    words: ["get namespaces", "get namespace", "get ns"],
    says: "a namespace is only a part of a pod's name here: podstead get pods -A",
  },
  { words: ["get nodes", "get node", "get no"], says: nodes() },
  { words: ["label", "annotate"], says: "change them in its file: podstead patch POD -p PATCH" },
  {
    words: ["rmi", "image rm", "prune", "system prune", "image prune"],
    says: "the kubelet removes unused images by itself",
  },
  {
    words: ["build", "push", "tag", "save", "commit", "search", "manifest", "load"],
    says: "podstead makes no images; it pulls them: podstead pull IMAGE",
  },
  {
    words: ["login", "logout"],
    says: "a registry's login is in agent.pull.credentialsFile; see: podstead pull --help",
  },

  // Being in a container.
  {
    words: ["attach"],
    says: "podstead logs -f POD shows what it writes, podstead exec -it POD -- sh is a shell in it",
  },
  {
    words: ["debug", "shell", "sh", "bash", "ssh", "enter"],
    says: "a shell in a container: podstead exec -it POD -- sh",
  },
  {
    words: ["cp", "copy", "cat", "read"],
    says: "a file of a container: podstead exec POD -- cat FILE > COPY",
  },
  { words: ["wait"], says: "podstead health --wait=DURATION POD" },
  { words: ["inspecti", "image inspect"], says: "podstead images NAME -o yaml" },

  // The API server's own.
  { words: ["cordon", "uncordon", "drain", "taint", "auth", "proxy"], says: NOT_ON_A_NODE },
  { words: ["certificate", "plugin", "alpha", "convert", "whoami"], says: NOT_ON_A_NODE },
  { words: ["options"], says: "the commands and options: podstead help" },
  { words: ["api-resources", "api-versions"], says: "the types are in: podstead get --help" },
  { words: ["config", "settings"], says: "the node config: podstead help config" },

  // The node itself.
  { words: ["dmesg"], says: "the kernel's log: journalctl -k" },
  { words: ["processes"], says: "the node's processes: ps aux" },
  { words: ["netstat"], says: "the node's sockets: ss -tulpn" },
  { words: ["memory"], says: "the node's memory: free -m; that of pods: podstead stats" },
  { words: ["mounts", "disks", "usage", "df", "imagefsinfo"], says: "the node's disks: df -h" },
  { words: ["get mounts", "get disks", "system df"], says: "the node's disks: df -h" },
  {
    words: ["volume", "volume ls", "volumes"],
    says: "the volumes of a pod: podstead inspect POD -o jsonpath='{.status.mounts}'",
  },
  {
    words: ["get links", "get addresses", "get routes", "network", "network ls", "interfaces"],
    says: "the node's network: ip address, ip route",
  },
  { words: ["pcap"], says: "the node's packets: tcpdump" },
  { words: ["get members"], says: "etcd's members: podstead exec etcd -- etcdctl member list" },
  { words: ["time"], says: "the node's clock: timedatectl" },
  { words: ["reboot", "shutdown", "poweroff"], says: "the node is systemd's: systemctl reboot" },
  { words: ["reset", "wipe"], says: "podstead leaves a node with: podstead uninstall" },
  { words: ["upgrade"], says: "replace the executable and restart the agent; no pod restarts" },
  {
    words: ["is-enabled", "list-timers", "list-dependencies", "unmask"],
    says: "units are systemd's: systemctl; those that pods depend on: podstead services",
  },
  { words: ["enable", "disable"], says: "the agent's unit: systemctl enable podstead" },
  {
    words: ["bootstrap", "gen", "init"],
    says: "a control plane begins with its certificates: podstead pki init",
  },
  { words: ["kubeconfig"], says: "podstead pki kubeconfig" },
  { words: ["rotate-ca", "certs"], says: "podstead pki check and podstead pki renew" },
  {
    words: ["members", "etcd"],
    says: "etcd's members: podstead exec etcd -- etcdctl member list",
  },
  {
    words: ["machineconfig", "mc", "get machineconfig", "get mc"],
    says: "the node config is /etc/podstead/config.yaml: podstead edit",
  },
];

function objects(): string {
  return "declare it next to the pod and add the file: podstead add FILE; see: podstead help config";
}

function nodes(): string {
  return "the verdict on this node: podstead health; the nodes of -N: podstead nodes list";
}

function removal(): string {
  return "podstead remove POD takes a pod out of the config, podstead stop POD keeps it there";
}

function services(): string {
  return "a static pod is reached by hostPort, hostNetwork or its own address " +
    "(podstead inspect POD --sandbox); the node's own services: podstead services";
}

/** A habit and how many words of the line it takes. */
export interface FoundHabit {
  readonly habit: Habit;
  readonly length: number;
}

/**
 * The habit that a command line begins with.
 *
 * @param isCommand whether a word is a command of podstead, which always wins over one word
 */
export function findHabit(
  line: readonly string[],
  isCommand: (word: string) => boolean,
): FoundHabit | undefined {
  for (const length of [2, 1]) {
    if (line.length < length) continue;
    // `get deploy/web` is about what `get deploy web` is about.
    const words = line.slice(0, length).join(" ").replace(/ (\w+)\/.*$/, " $1");
    if (length === 1 && isCommand(words)) return undefined;
    const habit = HABITS.find((one) =>
      one.words.includes(words) &&
      !("withArgument" in one && !line.slice(length).some((word) => !word.startsWith("-")))
    );
    if (habit !== undefined) return { habit, length };
  }
  return undefined;
}
