/**
 * The manifest endpoint: what the kubelet polls, and what tells others that it works.
 *
 * `GET`/`HEAD` on one path give the pod list; every doubt is an error status,
 * because the kubelet keeps its pods on any error and removes them all on an
 * empty 200 (kubelet: pkg/kubelet/config/http.go).
 */
import { createHash, timingSafeEqual } from "node:crypto";
import { type Context, Hono, type MiddlewareHandler } from "hono";
import type { CallerEnv } from "./server.ts";

/** The list as it is served: rendered once for each change. */
export interface ServedManifest {
  readonly bytes: Uint8Array;
  /** Strong and quoted, as HTTP wants it. */
  readonly etag: string;
}

/** One answered request for the manifest, or one that was refused before it got there. */
export interface ManifestFetch {
  readonly method: string;
  /** As asked for: a refused request may be for another one than the list's. */
  readonly path: string;
  readonly status: number;
  /** The list that was current; undefined while there was none. */
  readonly etag: string | undefined;
  /** `Go-http-client/1.1` for a kubelet; empty if the client names none. */
  readonly userAgent: string;
  /** Whether it is a kubelet's poll: the caller brought the token, or is one of `trustedUids`. */
  readonly byKubelet: boolean;
}

/** What the endpoint needs of the agent; each function is asked on every request. */
export interface ManifestDeps {
  /** The URL path of the list, such as `/manifests`. */
  readonly path: string;
  /** Host names that a request may name, without port, in lower case. */
  readonly hosts: () => ReadonlySet<string>;
  /** The bearer token that a request must bring; undefined when none is wanted. */
  readonly token: () => string | undefined;
  /** Users whose word is a kubelet's where no token is wanted: root's, and the agent's own. */
  readonly trustedUids: ReadonlySet<number>;
  /** The current list; undefined until the first one is loaded. */
  readonly manifest: () => ServedManifest | undefined;
  /** Called for each request for the list, and each one refused for its host, method or path. */
  readonly onFetch: (fetch: ManifestFetch) => void;
  /**
   * Until when an answer to a kubelet is better held, because a new list is only
   * a moment away; undefined to answer at once.
   */
  readonly hold?: () => Promise<void> | undefined;
  /** Resolves as soon as it is known which token is wanted; without it, that is known. */
  readonly tokenKnown?: () => Promise<void>;
  /** Why the agent is not ready to serve; undefined when it is. */
  readonly notReady: () => string | undefined;
  /** Pods that are on their way, as lines of text; undefined when none is. */
  readonly underWay?: () => string | undefined;
  /** The verdict on the whole node, for `/readyz?full`; without it, that is `/readyz`. */
  readonly full?: () => Promise<{ readonly ok: boolean; readonly text: string }>;
  /** Metrics in the Prometheus text format, with their content type. */
  readonly metrics: () => Promise<RenderedMetrics>;
  readonly monotonicMs: () => number;
}

/** As a scraper gets them. */
export interface RenderedMetrics {
  readonly contentType: string;
  readonly text: string;
}

interface ManifestEnv extends CallerEnv {
  readonly Variables: { byKubelet: boolean };
}

/** Builds the endpoint; it holds no state of its own. */
export function createManifestApp(deps: ManifestDeps): Hono<ManifestEnv> {
  const app = new Hono<ManifestEnv>();
  app.use(reportFetches(deps));
  app.use(requireHost(deps.hosts));
  app.use(requireRead());
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", async (c) => {
    const reason = deps.notReady();
    if (reason !== undefined) return c.text(`${reason}\n`, 503);
    if (deps.full !== undefined && c.req.query("full") !== undefined) {
      const { ok, text } = await deps.full();
      return c.text(text, ok ? 200 : 503);
    }
    const underWay = deps.underWay?.();
    return c.text(underWay === undefined ? "ok\n" : `ok\n${underWay}\n`);
  });
  const metrics = atMostEvery(METRICS_MS, async () => {
    const { contentType, text } = await deps.metrics();
    const bytes = new TextEncoder().encode(text);
    const headers = { "Content-Type": contentType, "Content-Length": String(bytes.byteLength) };
    return { bytes, headers };
  }, deps.monotonicMs);
  app.get("/metrics", async (c) => {
    const { bytes, headers } = await metrics();
    return c.body(bytes, 200, headers);
  });
  app.get(deps.path, async (c) => {
    if (c.get("byKubelet")) await deps.hold?.();
    return answerManifest(c, deps);
  });
  app.notFound((c) => c.text(`Nothing is at this path; the pods are at ${deps.path}\n`, 404));
  return app;
}

function answerManifest(c: Context<ManifestEnv>, deps: ManifestDeps): Response {
  if (!hasToken(c, deps)) {
    return c.text("A bearer token is required, as agent.manifest.tokenFile holds it\n", 401, {
      "WWW-Authenticate": 'Bearer realm="podstead"',
    });
  }
  // Only a poller needs its connection again, and only who shows a right may keep it.
  if (c.get("byKubelet") || deps.token() !== undefined) c.env?.caller?.trust();
  const manifest = deps.manifest();
  if (manifest === undefined) return c.text("No pods are loaded yet\n", 503);
  const headers = { "ETag": manifest.etag, "Cache-Control": "no-cache" };
  if (matchesEtag(c.req.header("If-None-Match"), manifest.etag)) {
    return c.body(null, 304, headers);
  }
  return c.body(manifest.bytes as Uint8Array<ArrayBuffer>, 200, {
    ...headers,
    "Content-Type": "application/json",
    "Content-Length": String(manifest.bytes.byteLength),
  });
}

/** Rendering takes milliseconds, and strangers may ask: no scraper asks more often than this. */
const METRICS_MS = 1_000;

/** The same, computed again only when the last result is old enough. */
function atMostEvery<T>(
  intervalMs: number,
  compute: () => Promise<T>,
  monotonicMs: () => number,
): () => Promise<T> {
  let last: { readonly atMs: number; readonly result: Promise<T> } | undefined;
  return () => {
    const nowMs = monotonicMs();
    if (last === undefined || nowMs - last.atMs >= intervalMs) {
      last = { atMs: nowMs, result: compute() };
    }
    return last.result;
  };
}

/** Paths that are asked for their own sake, by probes and scrapers. */
const SIDE_PATHS: ReadonlySet<string> = new Set(["/healthz", "/readyz", "/metrics"]);

/** Tells the agent who asked for the list, and who asked for it in a wrong way. */
function reportFetches(deps: ManifestDeps): MiddlewareHandler<ManifestEnv> {
  return async function reportFetch(c, next) {
    const { method, path } = c.req;
    if (SIDE_PATHS.has(path)) return await next();
    await deps.tokenKnown?.();
    c.set("byKubelet", await isKubelet(c, deps));
    await next();
    deps.onFetch({
      method,
      path,
      status: c.res.status,
      etag: deps.manifest()?.etag,
      userAgent: c.req.header("User-Agent") ?? "",
      byKubelet: c.get("byKubelet"),
    });
  };
}

/**
 * How Go's HTTP client names itself, and so every kubelet's poll. It proves
 * nothing, and only tells a kubelet from other programs with the same right.
 *
 * Source: kubelet pkg/kubelet/config/http.go sets no User-Agent of its own.
 */
const KUBELET_USER_AGENT = /^Go-http-client\//;

async function isKubelet(c: Context<ManifestEnv>, deps: ManifestDeps): Promise<boolean> {
  const looksLikeIt = c.req.method === "GET" &&
    KUBELET_USER_AGENT.test(c.req.header("User-Agent") ?? "");
  if (!looksLikeIt) return false;
  if (deps.token() !== undefined && hasToken(c, deps)) return true;
  const uid = await c.env?.caller?.uid();
  return uid !== undefined && deps.trustedUids.has(uid);
}

/** Whether the request brings the token, or none is wanted. */
function hasToken(c: Context<ManifestEnv>, deps: ManifestDeps): boolean {
  const token = deps.token();
  return token === undefined || isAuthorized(c.req.header("Authorization"), token);
}

/** Refuses a foreign Host, so that no web page can reach the node by DNS rebinding. */
function requireHost(hosts: () => ReadonlySet<string>): MiddlewareHandler {
  return async function checkHost(c, next) {
    const host = hostName(c.req.header("Host") ?? "");
    if (!hosts().has(host)) {
      return c.text(`Host "${host}" is not served here; add it to agent.manifest.hosts\n`, 421);
    }
    await next();
  };
}

/** Lets GET and HEAD through and nothing else. */
function requireRead(): MiddlewareHandler {
  return async function checkMethod(c, next) {
    if (c.req.method !== "GET" && c.req.method !== "HEAD") {
      return c.text("Only GET and HEAD are served\n", 405, { "Allow": "GET, HEAD" });
    }
    await next();
  };
}

/** The name in a Host header, without port and brackets, in lower case. */
export function hostName(header: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d*)?$/.exec(header);
  return (bracketed?.[1] ?? header.replace(/:\d*$/, "")).toLowerCase();
}

function isAuthorized(header: string | undefined, token: string): boolean {
  const given = /^Bearer +(.+)$/i.exec(header ?? "")?.[1];
  if (given === undefined) return false;
  // Hashing first makes the lengths equal, which the comparison needs.
  return timingSafeEqual(sha256(given), sha256(token));
}

function sha256(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}

/** RFC 9110 If-None-Match: a list of entity tags, weak comparison, or `*`. */
function matchesEtag(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  if (header.trim() === "*") return true;
  return header.split(",").some((candidate) => candidate.trim().replace(/^W\//, "") === etag);
}
