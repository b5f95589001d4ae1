/**
 * The rooms of `mod/`, from the bottom to the top: what each is for, and what it may import
 * besides itself. The architecture test holds it, and docs/development.md shows it.
 */
export interface Room {
  readonly purpose: string;
  /** `*` for everything. */
  readonly imports: readonly string[];
}

export const LAYERS: Readonly<Record<string, Room>> = {
  core: {
    purpose: "errors, problems, clock, queue, JSON, units; no I/O, no presentation",
    imports: [],
  },
  text: { purpose: "colour, widths, tables, a problem with its line and caret", imports: ["core"] },
  yaml: { purpose: "text to values that know their place", imports: ["core"] },
  os: { purpose: "files, sockets, programs, log: what differs by machine", imports: ["core"] },
  registry: {
    purpose: "logins for image registries, as the kubelet finds and matches them",
    imports: ["core", "os"],
  },
  pods: {
    purpose: "the Pod: types, defaults, the kubelet's verdict, the served list; pure",
    imports: ["core", "yaml"],
  },
  secrets: {
    purpose: "values of Secrets that are sealed at rest: made, opened, kept in memory",
    imports: ["core", "os"],
  },
  materialize: {
    purpose: "what pods take from ConfigMaps and Secrets: as literals, and as files on the node",
    imports: ["core", "pods", "registry"],
  },
  workloads: {
    purpose: "Deployments, Services, claims, … as pods of one node; pure",
    imports: ["core", "pods", "yaml"],
  },
  identity: {
    purpose: "who a pod is to the kubelet: its UID, and which changes keep it; pure",
    imports: ["core", "pods"],
  },
  grpc: {
    purpose: "gRPC: a client, and a codec generated from .proto files",
    imports: ["core"],
  },
  etcd: {
    purpose: "etcd over gRPC: keys, transactions, watches, leases, users",
    imports: ["core", "grpc"],
  },
  cri: { purpose: "the container runtime, over gRPC", imports: ["core", "grpc", "registry"] },
  logs: { purpose: "log files: read, followed, merged", imports: ["core"] },
  services: { purpose: "systemd's units and journal", imports: ["core", "logs"] },
  kubelet: {
    purpose: "this node's kubelet: its API, and its unit, version and settings",
    imports: ["core", "grpc", "os", "yaml"],
  },
  controlplane: {
    purpose: "control plane pods from settings: render, prepare, import, access",
    imports: ["core", "os", "yaml", "pods"],
  },
  change: {
    purpose: "edits that keep a config's text, patches, diffs, and the revisions on disk",
    imports: ["core", "os", "yaml"],
  },
  pki: { purpose: "certificates of a control plane", imports: ["core", "controlplane"] },
  config: {
    purpose: "the node config and its drop-ins: schema, settings, declared pods",
    imports: ["core", "os", "yaml", "pods", "controlplane"],
  },
  "fleet/plan": {
    purpose: "the rule of a roll-out over nodes: batches, failures, who is next; pure",
    imports: ["core"],
  },
  "fleet/nodes": {
    purpose: "the nodes that people name: the file of them, and what -N means",
    imports: ["core", "os", "yaml", "change"],
  },
  "fleet/link": {
    purpose: "one connection to a node, over which all requests go: ssh with dial-stdio",
    imports: ["core", "os"],
  },
  "fleet/store": {
    purpose: "a fleet in etcd: its keys, its documents, the moves of a roll-out",
    imports: ["core", "etcd", "fleet/plan"],
  },
  "fleet/member": {
    purpose: "a node's part in its fleet: presence, turns, trials, who fell silent",
    imports: ["core", "etcd", "fleet/plan", "fleet/store", "os"],
  },
  "fleet/operator": {
    purpose: "what a person sees of a fleet, and does with it",
    imports: ["core", "etcd", "fleet/plan", "fleet/store"],
  },
  install: {
    purpose: "podstead on a node, and away from it",
    imports: ["core", "kubelet", "os", "yaml"],
  },
  status: {
    purpose: "each pod as one row, joined from every source; pure",
    imports: ["core", "pods", "cri", "kubelet", "identity"],
  },
  verdict: {
    purpose: "what may be said of the node and of a change; pure",
    imports: ["core", "status"],
  },
  doctor: {
    purpose: "checks of a whole node",
    imports: [
      ...["config", "controlplane", "core", "cri", "install", "kubelet", "materialize", "os"],
      ...["pki", "pods", "secrets", "status", "text", "yaml"],
    ],
  },
  bundle: {
    purpose: "what is handed on when help is asked for: gathered, without secrets, in one archive",
    imports: ["core", "pods", "yaml"],
  },
  rollout: {
    purpose: "how a pod comes to its next version: images, two steps, order",
    imports: ["core", "pods", "materialize", "cri", "kubelet", "os", "identity", "registry"],
  },
  agent: {
    purpose: "what is declared and what is served: reload, plan, state, resources",
    imports: [
      ...["core", "config", "controlplane", "identity", "materialize", "os", "pods"],
      ...["registry", "rollout"],
    ],
  },
  observe: {
    purpose: "what is seen over time: polls, status, events, how long changes take",
    imports: ["core", "agent", "config", "cri", "kubelet", "os", "status"],
  },
  explain: {
    purpose: "why a pod does not run: evidence, then rules",
    imports: ["core", "agent", "cri", "kubelet", "logs", "observe", "status", "verdict"],
  },
  transaction: {
    purpose: "changes of what is declared: planned, judged, written, tried, kept or taken back",
    imports: ["core", "agent", "change", "config", "os", "pods", "yaml"],
  },
  "api/contract": {
    purpose: "what agent and clients agreed on: routes and wire types",
    imports: ["core"],
  },
  node: {
    purpose: "what runs on the node, directly or through the agent",
    imports: ["core", "api/contract", "cri", "logs", "registry"],
  },
  "api/server": {
    purpose: "answers each route; maps the agent's inside to the contract",
    imports: ["core", "agent", "api/contract", "explain", "http", "node", "observe", "transaction"],
  },
  "api/client": {
    purpose: "a typed method for each route, over a transport",
    imports: ["core", "api/contract", "node"],
  },
  "fleet/drive": {
    purpose: "a roll-out that is driven from the operator's machine, and can be resumed",
    imports: ["core", "os", "fleet/nodes", "fleet/plan", "api/contract", "api/client"],
  },
  http: {
    purpose: "the endpoint that the kubelet polls, and servers whose connections are governed",
    imports: ["core"],
  },
  serve: { purpose: "puts the agent together and runs it", imports: ["*"] },
  ui: {
    purpose: "a page to look at: rendered from what agents say, for one browser",
    imports: ["core", "text", "change", "fleet/plan", "api/contract", "api/client"],
  },
  cli: {
    purpose: "the command line: shell, commands by topic, output",
    imports: [
      ...[
        "api/client",
        "api/contract",
        "bundle",
        "change",
        "config",
        "controlplane",
        "core",
        "cri",
        "doctor",
        "etcd",
        "fleet/drive",
        "fleet/link",
        "fleet/nodes",
        "fleet/operator",
        "fleet/plan",
        "fleet/store",
      ],
      ...["explain", "install", "kubelet", "logs", "materialize", "node", "os", "pki", "pods"],
      ...["registry", "secrets", "serve", "services", "status", "text", "ui", "workloads", "yaml"],
    ],
  },
};

/** Inner files that others may import, each for its reason. */
export const SIDE_DOORS: readonly string[] = [
  // All that a client needs of it: the rest takes longer to load than an answer takes to come.
  "os/runtime.ts",
  "os/local_get.ts",
  "os/executable.ts",
  // Looking at certificates without the library that issues them.
  "pki/look.ts",
  // What only the documentation needs stays out of what the agent loads.
  "config/docs.ts",
];

/** The room that a file of `mod/` is in; its top folder if it is in none of the table. */
export function roomOf(file: string): string {
  return Object.keys(LAYERS).filter((room) => file.startsWith(`${room}/`))
    .reduce((longest, room) => room.length > longest.length ? room : longest, "") ||
    (file.split("/")[0] ?? "");
}
