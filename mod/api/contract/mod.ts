/**
 * What the agent and its clients have agreed on: routes, wire types, errors. Nothing of the
 * agent's inside is here: what changes there does not change what crosses the socket.
 */
export { type Access, isActing, isAllowed } from "./access.ts";
export type { AgentInfo, CertificateEnd, Fetch, FetchLogView } from "./agent.ts";
export type {
  ChangedFile,
  ChangeOperation,
  ChangeOutcome,
  ChangeRequest,
  CompareQuery,
  PodName,
  PodRestart,
  RevisionFiles,
  RevisionQuery,
  RevisionView,
  RunningTrial,
  TrialEnd,
  TrialView,
} from "./change.ts";
export type { TrialRequest } from "./trial.ts";
export { STATUS_OF_ERROR, type WireError, type WireStreamError } from "./errors.ts";
export { dataFrame, errorFrame, type Frame, noticeFrame, readFrames } from "./frames.ts";
export type { FleetMoved, FleetView } from "./fleet.ts";
export type { LogRequest, LogSelection } from "./logs.ts";
export type {
  ContainerReference,
  ContainerStatusView,
  ContainerUsage,
  ContainerView,
  ExecRequest,
  ExecSession,
  ExecSessionRequest,
  FoundContainer,
  ImageView,
  Inspection,
  InspectRequest,
  NamespacedContainer,
  NodeImages,
  NodePods,
  NodeUsage,
  OtherContainers,
  PodsQuery,
  PodView,
  PullProgress,
  PullRequest,
  PullStep,
  StopRequest,
  UsageRequest,
  WireExecOutcome,
} from "./node.ts";
export type {
  AwaitedPod,
  CauseLine,
  ContainerPart,
  Declared,
  Delivery,
  Drift,
  Explanation,
  KubeletPart,
  Link,
  LinkCause,
  LogTail,
  Overview,
  PodChange,
  PodEvent,
  PodProgress,
  PodReport,
  PodSummary,
  Ready,
  SandboxPart,
  WaitProgress,
  WaitRequest,
} from "./pods.ts";
export type {
  ObjectOutcome,
  PodOutcome,
  PodState,
  ReloadOutcome,
  ReloadQuery,
  ReloadResult,
  ReportedPodIssue,
} from "./reload.ts";
export {
  type Resource,
  RESOURCE_TYPES,
  type ResourceEvent,
  type ResourceList,
  type ResourceType,
} from "./resources.ts";
export {
  type AnswerKind,
  type EventsQuery,
  type InputOf,
  type NoInput,
  type OutputOf,
  type PodQuery,
  type ResourceQuery,
  type Route,
  type RouteName,
  ROUTES,
  type RoutesWith,
} from "./routes.ts";
export { API_VERSION, VERSION_HEADER } from "./version.ts";
