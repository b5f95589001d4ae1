/** The schema of `agent`, podstead's own settings: the only place of their defaults. */
import * as v from "valibot";
import {
  absolutePath,
  commandWord,
  duration,
  envName,
  featureGates,
  filePattern,
  fleetName,
  group,
  groupName,
  hostName,
  httpEndpoint,
  ipAddress,
  keyPrefix,
  kubeletVersion,
  labels,
  listOf,
  loopbackAddress,
  manifestPath,
  nodeName,
  oneOf,
  port,
  setting,
  socketPath,
  unixEndpoint,
} from "./leaf.ts";

const RESTART = { restart: true } as const;

const node = group({
  name: setting(
    v.optional(nodeName),
    "Name of this node, as the kubelet has it. Without it: the host name in lower case",
    RESTART,
  ),
  address: setting(
    v.optional(ipAddress),
    "Address of this node, for the NODE column. Without it: the first global unicast address",
    RESTART,
  ),
});

const manifest = group({
  address: setting(
    v.optional(loopbackAddress, "127.0.0.1"),
    "Loopback address on which the manifest endpoint listens",
    RESTART,
  ),
  port: setting(
    v.optional(port, 10261),
    "Port of the manifest endpoint",
    RESTART,
  ),
  path: setting(
    v.optional(manifestPath, "/manifests"),
    "Path of the manifest list",
    RESTART,
  ),
  tokenFile: setting(
    v.optional(absolutePath),
    "File with the bearer token that the kubelet must send (staticPodURLHeader). Without it: no token. Read again on every reload",
  ),
});

const runtime = group({
  endpoint: setting(
    v.optional(unixEndpoint, "unix:///run/containerd/containerd.sock"),
    "CRI socket of the container runtime",
    RESTART,
  ),
  timeout: setting(
    v.optional(duration, "5s"),
    "Longest wait for one answer of the runtime",
    RESTART,
  ),
});

const kubeletSettings = group({
  endpoint: setting(
    v.optional(httpEndpoint, "https://127.0.0.1:10250"),
    "The kubelet's own API, from which podstead reads what became of the pods where the kubelet has no local pods API (see podsDirectory)",
  ),
  clientCertificate: setting(
    v.optional(absolutePath),
    "PEM file of the certificate with which podstead shows itself to the kubelet. Needs clientKey. A control plane node that sets neither this nor tokenFile uses apiserver-kubelet-client of cluster.pkiDirectory",
  ),
  clientKey: setting(v.optional(absolutePath), "PEM file of the key of clientCertificate"),
  certificateAuthority: setting(
    v.optional(absolutePath),
    "PEM file of the authority (or the certificate itself) by which the kubelet is verified",
  ),
  tokenFile: setting(v.optional(absolutePath), "File with a bearer token for the kubelet"),
  version: setting(
    v.optional(kubeletVersion),
    "Version of the kubelet, such as 1.36, by whose rules pods are judged and changed. Without it: that of the kubelet that runs; needed where it is a part of another program, such as k3s",
  ),
  kubeconfig: setting(
    v.optional(absolutePath),
    "The kubelet's kubeconfig, with which podstead deletes the mirror pod of a pod that it has changed in place, so that the API server shows the new one. Without it: the kubelet's own --kubeconfig",
  ),
  podsDirectory: setting(
    v.optional(absolutePath, "/var/lib/kubelet/pods"),
    "Where the kubelet keeps the directories of its pods; tells when it is done with an old one. Beside it is the socket of its local pods API (pods-api/pods-api.sock, on by default from 1.37 on), from which podstead learns what becomes of the pods without a certificate",
  ),
  featureGates: setting(
    v.optional(featureGates, {}),
    "Feature gates of the kubelet by which pods are judged, such as PodLevelResources: false. They are read from the kubelet itself (its API, its command line, its config); those that are set here count before them",
  ),
  unknownFields: setting(
    v.optional(oneOf(["refuse", "allow"]), "refuse"),
    "What becomes of a pod with an unknown field where the kubelet is newer than all that podstead knows the rules of: refuse (it may be a new field, and with a wrong value in it the kubelet refuses every pod) or allow",
  ),
});

const kubelet = v.pipe(
  kubeletSettings,
  v.check(
    (value) => (value.clientCertificate === undefined) === (value.clientKey === undefined),
    "Expected clientCertificate and clientKey together, only one is given",
  ),
);

const admin = group({
  socket: setting(
    v.optional(socketPath, "/run/podstead/admin.sock"),
    "Unix socket on which the agent answers the podstead command",
    RESTART,
  ),
  group: setting(
    v.optional(groupName, "podstead"),
    "Group that may use the admin socket, besides root. If it does not exist: root only",
    RESTART,
  ),
  readGroup: setting(
    v.optional(groupName, "podstead-read"),
    "Group that may look and change nothing, over read.sock next to the admin socket. If it does not exist: there is none",
    RESTART,
  ),
});

const pull = group({
  timeout: setting(
    v.optional(duration, "5m"),
    "Longest time for pulling one image before its pod is replaced",
  ),
  credentialsFile: setting(
    v.optional(absolutePath),
    "Registry credentials in the format of ~/.docker/config.json; tried after the imagePullSecrets of pods and before those of /var/lib/kubelet/config.json",
  ),
});

const pki = group({
  renew: setting(
    v.optional(oneOf(["manual", "auto"]), "manual"),
    "auto: certificates of cluster.pkiDirectory and kubeconfigs are renewed 30 days before they end, as by `podstead pki renew`",
  ),
});

const fleetSettings = group({
  name: setting(
    v.optional(fleetName),
    "Name of the fleet that this node is a member of. Without it: none. Its pods go into the include file fleet-NAME.yaml; a pod that another file declares wins over the fleet's",
    RESTART,
  ),
  endpoints: setting(
    v.optional(listOf(httpEndpoint, "addresses of etcd, such as https://10.0.0.1:2379"), []),
    "Client addresses of etcd's members. Never the etcd of a control plane, unless every node of the fleet is a control plane node: who may write there is root over every Secret of the cluster",
    RESTART,
  ),
  certificateAuthority: setting(
    v.optional(absolutePath),
    "PEM file of the authority by which etcd is verified; https needs it",
    RESTART,
  ),
  clientCertificate: setting(
    v.optional(absolutePath),
    "PEM file of the certificate with which this node shows itself to etcd; its common name is etcd's user. Needs clientKey",
    RESTART,
  ),
  clientKey: setting(
    v.optional(absolutePath),
    "PEM file of the key of clientCertificate",
    RESTART,
  ),
  labels: setting(
    v.optional(labels, {}),
    "Labels by which a roll-out selects this node, such as role: web",
    RESTART,
  ),
  prefix: setting(
    v.optional(keyPrefix, "/podstead/v1"),
    "What the keys of all fleets begin with in etcd",
    RESTART,
  ),
});

const fleet = v.pipe(
  fleetSettings,
  v.check(
    ({ name, endpoints }) => name === undefined || endpoints.length > 0,
    "Expected endpoints, the addresses of etcd, where name is given",
  ),
  v.check(
    ({ clientCertificate, clientKey }) =>
      (clientCertificate === undefined) === (clientKey === undefined),
    "Expected clientCertificate and clientKey together, only one is given",
  ),
  v.check(
    ({ endpoints, certificateAuthority }) =>
      certificateAuthority !== undefined ||
      endpoints.every((endpoint) => !endpoint.startsWith("https:")),
    "Expected certificateAuthority where an endpoint begins with https",
  ),
);

/** A program that is found by its path: no search path decides what root runs. */
const command = v.pipe(
  listOf(commandWord, "words"),
  v.check(
    ([program = "/"]) => program.startsWith("/"),
    "Expected the absolute path of a program as the first word",
  ),
);

const log = group({
  level: setting(
    v.optional(oneOf(["debug", "info", "warn", "error"]), "info"),
    "The least important messages that are logged",
  ),
  format: setting(
    v.optional(oneOf(["json", "text"]), "json"),
    "Format of the log on stderr",
  ),
});

const metrics = group({
  containers: setting(
    v.optional(v.boolean(), false),
    "Whether CPU and memory of every container are metrics too; each scrape then asks the container runtime for them",
  ),
});

/** `agent`. */
export const agentSchema = group({
  node: setting(v.optional(node, {}), "Who this node is"),
  manifest: setting(v.optional(manifest, {}), "The endpoint from which the kubelet takes its pods"),
  hosts: setting(
    v.optional(listOf(hostName, "host names"), []),
    "Further host names under which the manifest endpoint may be asked (Host header)",
  ),
  runtime: setting(v.optional(runtime, {}), "The container runtime"),
  kubelet: setting(
    v.optional(kubelet, {}),
    "How the kubelet is asked for the state of the pods, and what it is judged to take",
  ),
  admin: setting(v.optional(admin, {}), "The agent's socket for the podstead command"),
  include: setting(
    v.optional(listOf(filePattern, "file patterns"), [
      "pods.d/*.yaml",
      "pods.d/*.yml",
      "pods.d/*.json",
    ]),
    "Further files with pods, relative to this file. Hidden files and editor backups are left out",
  ),
  stateDir: setting(
    v.optional(absolutePath, "/var/lib/podstead"),
    "Directory of what must survive a restart: the last good pods, their versions, the history",
    RESTART,
  ),
  volumesDir: setting(
    v.optional(absolutePath, "/run/podstead/volumes"),
    "Directory of the files that pods mount from ConfigMaps and Secrets; on a tmpfs, because Secrets are among them",
    RESTART,
  ),
  replace: setting(
    v.optional(oneOf(["in-place", "quick", "kubelet"]), "in-place"),
    "How a running pod is changed: in-place (labels cost nothing, another image restarts its container alone, everything else as with quick), quick (a new pod in two steps, a second or two down) or kubelet (a new pod in one step, 13 to 16 s down)",
  ),
  rollback: setting(
    v.optional(oneOf(["never", "control-plane", "on-failure"]), "control-plane"),
    "Which changes are a trial without being asked for: the files go back to what they were as soon as a changed pod cannot be pulled, does not start, crashes or is not ready within 5 minutes. control-plane: every change of a component of the control plane that was ready; on-failure: also every reload; never: none; see docs/changing.md",
  ),
  afterTimeout: setting(
    v.optional(duration, "5m"),
    "How long the annotation podstead.dev/after may hold back the start of a pod",
  ),
  pull: setting(
    v.optional(pull, {}),
    "Pulling the image of a changed pod before the old one stops",
  ),
  secrets: setting(
    v.optional(oneOf(["any", "sealed-only"]), "any"),
    "Which values Secrets may have: any, or sealed-only (a value that is not sealed with age is refused; see docs/secrets.md)",
  ),
  identityFile: setting(
    v.optional(absolutePath),
    "File with the age identity that opens sealed values of Secrets, readable by its owner only. Without it: the credential podstead-identity of the service, else /etc/podstead/identity",
  ),
  substitute: setting(
    v.optional(v.boolean(), false),
    "Whether ${node.name}, ${node.address}, ${env.NAME} and ${file:/PATH} in pods, ConfigMaps and Secrets are replaced by their values; see docs/objects.md",
  ),
  substituteEnv: setting(
    v.optional(listOf(envName, "names of variables"), []),
    "Which variables of the agent's environment ${env.NAME} may take",
  ),
  pki: setting(v.optional(pki, {}), "The certificates of a control plane"),
  allowUnknownFlags: setting(
    v.optional(v.boolean(), false),
    "Warn only, instead of refusing, if a control plane component's version has no such flag as in extraArgs; for your own components",
  ),
  fleet: setting(
    v.optional(fleet, {}),
    "The fleet that this node is a member of, over etcd; see docs/fleet.md",
  ),
  metrics: setting(v.optional(metrics, {}), "What the metrics tell"),
  onUnhealthy: setting(
    v.optional(command, []),
    "Program and arguments that are run, at most once a minute, when something is broken, when the causes change and when all is well again; the verdict is on its standard input, as JSON. It runs within the confinement of podstead's service",
  ),
  log: setting(v.optional(log, {}), "The agent's log"),
});
