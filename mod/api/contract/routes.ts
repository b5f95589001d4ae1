/**
 * Every route of the admin API, in one map: from it come the server's handlers, the client's
 * methods, both typed, and the table in docs/admin-api.md.
 *
 * HTTP over the admin socket. What changes something is POST. Input of a GET is in its query,
 * of a POST a JSON body; a `:name` in a path is taken from the input in both. Answers are JSON,
 * lines of JSON (NDJSON) or frames ({@linkcode Frame}).
 */
import type { AgentInfo, CertificateEnd, FetchLogView } from "./agent.ts";
import type {
  ChangeOutcome,
  ChangeRequest,
  CompareQuery,
  PodName,
  PodRestart,
  RevisionFiles,
  RevisionQuery,
  RevisionView,
  TrialEnd,
  TrialView,
} from "./change.ts";
import type { Frame } from "./frames.ts";
import type { FleetMoved, FleetView } from "./fleet.ts";
import type { LogRequest } from "./logs.ts";
import type {
  ContainerReference,
  ExecRequest,
  ExecSession,
  ExecSessionRequest,
  FoundContainer,
  Inspection,
  InspectRequest,
  NodeImages,
  NodePods,
  NodeUsage,
  OtherContainers,
  PodsQuery,
  PullRequest,
  PullStep,
  StopRequest,
  UsageRequest,
  WireExecOutcome,
} from "./node.ts";
import type { Overview, PodEvent, PodReport, WaitProgress, WaitRequest } from "./pods.ts";
import type { ReloadOutcome, ReloadQuery } from "./reload.ts";
import type { ResourceEvent, ResourceList, ResourceType } from "./resources.ts";
import { API_VERSION } from "./version.ts";

/** How an answer is written. */
export type AnswerKind = "json" | "lines" | "frames";

/**
 * Who may use a route. `read`: the read socket answers it too, so it changes nothing and shows
 * no secret. `admin`: shows files or objects of the runtime whole, with their secrets; on the
 * admin socket only. `act`: changes something on the node; on the admin socket only, and who did
 * it is recorded.
 */
export type RouteAccess = "read" | "admin" | "act";

/** One route; its types say what is sent and what comes back. */
export interface Route<Input, Output, Kind extends AnswerKind = AnswerKind> {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly answer: Kind;
  readonly access: RouteAccess;
  /** How long a JSON answer may take, in milliseconds; undefined for as long as it takes. */
  readonly limitMs: number | undefined;
  /** What it is for, in one line. */
  readonly brief: string;
  /** There in types only. */
  readonly types?: readonly [input: Input, output: Output];
}

/** How long the agent may take for an answer that is not a stream, in milliseconds. */
const ANSWER_LIMIT_MS = 30_000;

/** Input of a route that takes none. */
export type NoInput = Readonly<Record<never, never>>;

/** One resource type, by name. */
export interface ResourceQuery {
  readonly type: ResourceType;
  /** Whether the values of Secrets are shown; on the admin socket only. */
  readonly showSecrets?: boolean;
}

/** Which pod is meant: `nginx`, `default/nginx`, `default-nginx`, with the node's name or without. */
export interface PodQuery {
  readonly pod: string;
}

/** Whose events; everything if no pod is named. */
export interface EventsQuery {
  readonly pod?: string;
  /** Whether later events follow. */
  readonly follow?: boolean;
}

/** Every route by the name of its handler and of its client method. */
export const ROUTES = {
  agent: get<NoInput, AgentInfo>("agent", "Who answers on the socket", "read"),
  fetches: get<NoInput, FetchLogView>(
    "fetches",
    "What is remembered of the kubelet's polls",
    "read",
  ),
  reload: post<ReloadQuery, ReloadOutcome>("reload", "Reads the config again and applies it"),
  plan: get<ReloadQuery, ReloadOutcome>(
    "plan",
    "What a reload would do now; changes nothing",
    "admin",
  ),
  change: patient<ChangeRequest, ChangeOutcome>(
    "change",
    "Changes the config's files and applies them, on trial where it is asked for",
  ),
  restart: post<PodName, PodRestart>(
    "restart",
    "Ends a pod and begins it again as another one, in the same version",
  ),
  trial: get<NoInput, TrialView>("trial", "The running trial, and how the last one ended", "read"),
  confirm: patient<NoInput, TrialEnd>("confirm", "Keeps the change that is on trial"),
  cancel: patient<NoInput, TrialEnd>("cancel", "Takes the change that is on trial back"),
  history: get<NoInput, readonly RevisionView[]>("history", "The revisions, newest first", "read"),
  revision: get<RevisionQuery, RevisionFiles>(
    "revision",
    "The files of a revision, or as they are now, with the pods that they declare",
    "admin",
  ),
  compare: get<CompareQuery, ReloadOutcome>(
    "compare",
    "What going from one revision to another does to each pod; changes nothing",
    "admin",
  ),
  certificates: get<NoInput, readonly CertificateEnd[]>(
    "certificates",
    "When each certificate of the control plane, and of the kubelet's client, ends",
    "read",
  ),
  fleet: get<NoInput, FleetView>("fleet", "How this node stands to its fleet", "read"),
  fleetLeave: patient<NoInput, FleetMoved>(
    "fleet-leave",
    "Takes the node out of its fleet; its pods stay",
  ),
  fleetJoin: post<NoInput, FleetMoved>("fleet-join", "Takes part in the fleet again"),
  resources: get<ResourceQuery, ResourceList>("resources/:type", "The resources of a type", "read"),
  watch: lines<ResourceQuery, ResourceEvent>(
    "watch/:type",
    "The same, and each change of them",
    "read",
  ),
  overview: get<NoInput, Overview>("overview", "The verdict on the node and its pods", "read"),
  describe: get<PodQuery, PodReport>("describe", "Everything about one pod", "read"),
  events: lines<EventsQuery, PodEvent>("events", "What happened to the pods, oldest first", "read"),
  wait: {
    ...lines<WaitRequest, WaitProgress>("wait", "Waits until pods are ready and stay so", "read"),
    method: "POST",
  },
  containers: get<PodsQuery, NodePods>("containers", "Every pod of the container runtime", "read"),
  find: get<ContainerReference, FoundContainer>("container", "The container that is meant", "read"),
  otherContainers: get<NoInput, OtherContainers>(
    "other-containers",
    "Containers of the runtime's other namespaces",
    "read",
  ),
  images: get<NoInput, NodeImages>("images", "The images of the node", "read"),
  inspect: get<InspectRequest, Inspection>(
    "inspect",
    "What the runtime says of one of its objects",
    "admin",
  ),
  usage: lines<UsageRequest, NodeUsage>("usage", "What containers use, once an interval", "read"),
  logs: {
    method: "POST",
    path: `/${API_VERSION}/logs`,
    answer: "frames",
    access: "read",
    limitMs: undefined,
    brief: "Logs of containers",
  } as Route<LogRequest, Frame, "frames">,
  stop: patient<StopRequest, NoInput>("stop", "Stops a container, and answers when it has stopped"),
  pull: {
    ...lines<PullRequest, PullStep>("pull", "Pulls an image", "act"),
    method: "POST",
  },
  exec: patient<ExecRequest, WireExecOutcome>("exec", "Runs a command in a container to its end"),
  execSession: patient<ExecSessionRequest, ExecSession>(
    "exec-session",
    "Opens a session in a container",
  ),
} as const;

/** A route's name: that of its handler and of the client's method. */
export type RouteName = keyof typeof ROUTES;

/** What a route takes. */
export type InputOf<Name extends RouteName> = (typeof ROUTES)[Name] extends
  Route<infer Input, unknown> ? Input : never;

/** What a route answers, or one item of its stream. */
export type OutputOf<Name extends RouteName> = (typeof ROUTES)[Name] extends
  Route<unknown, infer Output> ? Output : never;

/** The names of the routes that answer in one way. */
export type RoutesWith<Kind extends AnswerKind> = {
  [Name in RouteName]: (typeof ROUTES)[Name]["answer"] extends Kind ? Name : never;
}[RouteName];

function get<Input, Output>(
  path: string,
  brief: string,
  access: Exclude<RouteAccess, "act">,
): Route<Input, Output, "json"> {
  return { ...route(path, brief), access, method: "GET", answer: "json", limitMs: ANSWER_LIMIT_MS };
}

/** An action. */
function post<Input, Output>(path: string, brief: string): Route<Input, Output, "json"> {
  return { ...get<Input, Output>(path, brief, "admin"), method: "POST", access: "act" };
}

/** An action that takes as long as it takes. */
function patient<Input, Output>(path: string, brief: string): Route<Input, Output, "json"> {
  return { ...post<Input, Output>(path, brief), limitMs: undefined };
}

function lines<Input, Output>(
  path: string,
  brief: string,
  access: RouteAccess,
): Route<Input, Output, "lines"> {
  return { ...route(path, brief), access, method: "GET", answer: "lines", limitMs: undefined };
}

function route(path: string, brief: string) {
  return { path: `/${API_VERSION}/${path}`, brief };
}
