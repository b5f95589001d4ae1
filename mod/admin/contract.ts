/**
 * What the agent and its client have agreed on: paths, bodies, errors. HTTP
 * over the admin socket; JSON, and NDJSON or raw bytes where it streams.
 */
import type { Resource, ResourceEvent } from "../agent/mod.ts";
import type { ErrorCode } from "../core/mod.ts";
import type { AwaitedPod } from "../verdict/mod.ts";

export type { AwaitedPod, CauseLine, Link, PodProgress } from "../verdict/mod.ts";

export type {
  ContainerPart,
  LogTail,
  Overview,
  PodReport,
  PodSummary,
  WaitProgress,
} from "../explain/mod.ts";
export type { FetchLogView, PodChange, PodEvent } from "../observe/mod.ts";
export type {
  PodOutcome,
  ReloadOutcome,
  ReportedPodIssue,
  Resource,
  ResourceType,
} from "../agent/mod.ts";

/** In every path; a change that an older client cannot read gets a new one. */
export const API_VERSION = "v1";

/** Every path of the API. */
export const PATHS = {
  agent: `/${API_VERSION}/agent`,
  /** POST; `?dryRun=true` changes nothing. */
  reload: `/${API_VERSION}/reload`,
  /** GET; `?watch=true` streams NDJSON. */
  resources: (type: string) => `/${API_VERSION}/resources/${type}`,
  containers: `/${API_VERSION}/containers`,
  logs: `/${API_VERSION}/logs`,
  /** GET; the verdict on the node and its pods, each explained where something is wrong. */
  overview: `/${API_VERSION}/overview`,
  /** GET `?pod=NAME`; everything about one pod. */
  describe: `/${API_VERSION}/describe`,
  /** GET; what is remembered of the kubelet's polls. */
  fetches: `/${API_VERSION}/fetches`,
  /** GET `?pod=NAME&follow=true`; NDJSON. */
  events: `/${API_VERSION}/events`,
  /** POST of a {@linkcode WaitRequest}; NDJSON of progress until the pods are ready. */
  wait: `/${API_VERSION}/wait`,
} as const;

/** Which pods are waited for. */
export interface WaitRequest {
  /** The pods of a change; empty for every pod that the node should run. */
  readonly pods: readonly AwaitedPod[];
  /** How long each must stay ready, in milliseconds. */
  readonly settleMs: number;
  readonly timeoutMs: number;
}

/** Who answers on the socket. */
export interface AgentInfo {
  readonly pid: number;
  readonly version: string;
  readonly node: { readonly name: string; readonly address: string };
  /** The container runtime that it reads. */
  readonly runtime: { readonly endpoint: string; readonly timeoutMs: number };
  /** The config file as the agent was told it. */
  readonly configPath: string;
  readonly manifestUrl: string;
  /** ISO 8601 */
  readonly startedAt: string;
}

/** The body of every answer that is not 2xx. */
export interface WireError {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly hint?: string;
  };
}

/** HTTP statuses for the error codes that cross the socket. */
export const STATUS_OF_ERROR: Readonly<Record<ErrorCode, 400 | 403 | 404 | 409 | 500 | 503>> = {
  "usage": 400,
  "config": 400,
  "permission": 403,
  "not-found": 404,
  "ambiguous": 409,
  "failed": 500,
  "agent-unreachable": 503,
  "runtime-unavailable": 503,
  "kubelet-unavailable": 503,
};

/** A resource as it crosses the socket: the agent's own shape, and the node it is on. */
export interface WireResource extends Resource {
  /** The node's address, as in the NODE column. */
  readonly node: string;
}

/** The answer to a list: one valid JSON document, whatever it holds. */
export interface WireList<Item> {
  readonly apiVersion: "podstead.dev/v1";
  readonly items: readonly Item[];
}

/** A line of the answer to a watch. */
export interface WireEvent {
  readonly event: ResourceEvent["event"];
  readonly resource: WireResource;
}

/** The last line of a stream that broke after it had begun. */
export interface WireStreamError extends WireError {
  readonly event: "error";
}
