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

/** One request for the manifest. */
export interface Fetch {
  /** Unix milliseconds. */
  readonly atMs: number;
  /** 200 and 304 gave the list, everything else did not. */
  readonly status: number;
  /** The URL path that was asked for. */
  readonly path?: string | undefined;
  readonly userAgent: string;
}

/** What is remembered of the kubelet's polls. */
export interface FetchLogView {
  /** Since when podstead listens: silence before it says nothing. */
  readonly listeningSinceMs: number;
  /** The last one that got the list; absent if none has. */
  readonly lastGood?: Fetch | undefined;
  /** The last one that did not: 401, 404, 421, 503. */
  readonly lastRefused?: Fetch | undefined;
  /** The time between two good ones, as seen recently; absent before the second. */
  readonly intervalMs?: number | undefined;
}

/** When a certificate on the node ends. */
export interface CertificateEnd {
  readonly path: string;
  /** Unix milliseconds. */
  readonly endsMs: number;
}
