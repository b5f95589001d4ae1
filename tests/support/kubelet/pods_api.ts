/**
 * The kubelet's local pods API, as 1.36 and 1.37 serve it
 * (facts on it: pkg/kubelet/apis/pods/server.go of 1.36, its documentation for 1.37).
 */
import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { GrpcCode, GrpcError } from "../../../mod/grpc/mod.ts";
import { createGrpcServer } from "../grpc_server.ts";
import { bytesField, numberField, podBytes } from "./pod_bytes.ts";

/** A pod as `/pods` has it; without a status while the kubelet has none for it. */
export interface ServedPod {
  readonly metadata: { readonly uid: string; readonly name: string; readonly namespace: string };
  readonly status?: object | undefined;
}

/** What is served. */
export interface PodsApiOptions {
  readonly socket: string;
  readonly pods: () => readonly ServedPod[];
  /** False while a source has not been seen and this version does not answer before. */
  readonly ready: () => boolean;
  /** Whether other clients use up all questions; never where left out. */
  readonly exhausted?: () => boolean;
}

/** How often statuses are compared for a watch, in milliseconds. */
const COMPARE_MS = 50;

/** Questions a second, and how many at once: `WithRateLimiter("pods", 100, 10)`; a watch counts not. */
const RATE = { perSecond: 100, burst: 10 };

const ADDED = 1;
const MODIFIED = 2;
const DELETED = 3;
const INITIAL_SYNC_COMPLETE = 4;

/** Serves it on its socket, in the place of one that an earlier kubelet left. */
export async function servePodsApi(options: PodsApiOptions): Promise<{ close(): Promise<void> }> {
  const { socket, pods } = options;
  await mkdir(dirname(socket), { recursive: true });
  await rm(socket, { force: true });
  const closing = new AbortController();
  const limit = new RateLimit();
  const check = () => {
    if (options.ready()) return;
    throw new GrpcError(GrpcCode.failedPrecondition, "pod sources are not ready");
  };
  const server = createGrpcServer([
    {
      path: "/v1alpha1.Pods/ListPods",
      *answer() {
        if (options.exhausted?.() === true) throw tooMany();
        limit.take();
        check();
        yield Buffer.concat(
          pods().toSorted((left, right) => left.metadata.uid < right.metadata.uid ? -1 : 1)
            .map((pod) => bytesField(1, podBytes(pod))),
        );
      },
    },
    {
      path: "/v1alpha1.Pods/WatchPods",
      async *answer(_, signal) {
        check();
        const stop = AbortSignal.any([signal, closing.signal]);
        const told = new Map<string, { readonly text: string; readonly pod: ServedPod }>();
        for (const pod of pods()) {
          if (pod.status === undefined) continue;
          told.set(pod.metadata.uid, { text: JSON.stringify(pod.status), pod });
          yield event(ADDED, podBytes(pod));
        }
        yield event(INITIAL_SYNC_COMPLETE);
        while (!stop.aborted) {
          yield* changes(told, pods());
          await new Promise((resolve) => setTimeout(resolve, COMPARE_MS));
        }
      },
    },
  ]);
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => {
    sessions.add(session);
    session.on("close", () => sessions.delete(session));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
  return {
    close: () =>
      new Promise((resolve) => {
        closing.abort();
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  };
}

/** What has changed in the statuses since they were told last. */
function* changes(
  told: Map<string, { readonly text: string; readonly pod: ServedPod }>,
  now: readonly ServedPod[],
): Generator<Uint8Array> {
  for (const pod of now) {
    if (pod.status === undefined) continue;
    const { uid } = pod.metadata;
    const text = JSON.stringify(pod.status);
    const before = told.get(uid);
    if (before?.text === text) continue;
    told.set(uid, { text, pod });
    yield event(before === undefined ? ADDED : MODIFIED, podBytes(pod));
  }
  const uids = new Set(now.map(({ metadata }) => metadata.uid));
  for (const [uid, { pod: { metadata: { name, namespace } } }] of told) {
    if (uids.has(uid)) continue;
    told.delete(uid);
    yield event(DELETED, podBytes({ metadata: { name, namespace, uid } }));
  }
}

function event(type: number, pod?: Uint8Array): Uint8Array {
  return Buffer.concat([numberField(1, type), ...pod === undefined ? [] : [bytesField(2, pod)]]);
}

function tooMany(): GrpcError {
  return new GrpcError(GrpcCode.resourceExhausted, "rejected by rate limit");
}

class RateLimit {
  #tokens = RATE.burst;
  #atMs = performance.now();

  /** @throws {GrpcError} when there were too many questions */
  take(): void {
    const nowMs = performance.now();
    const gained = (nowMs - this.#atMs) / 1000 * RATE.perSecond;
    this.#tokens = Math.min(RATE.burst, this.#tokens + gained);
    this.#atMs = nowMs;
    if (this.#tokens < 1) throw tooMany();
    this.#tokens -= 1;
  }
}
