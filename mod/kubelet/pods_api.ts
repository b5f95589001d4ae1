/** The kubelet's local pods API: its pods and their state over a unix socket, by root alone. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { errorText, formatDuration } from "../core/mod.ts";
import {
  decodeMessage,
  encodeMessage,
  GrpcClient,
  GrpcCode,
  GrpcError,
  unixTarget,
} from "../grpc/mod.ts";
import { KubeletFailure } from "./failure.ts";
import { EventType, Pods } from "./gen/pods_api.ts";
import { PodSchema } from "./gen/pods_api_pod.ts";
import { podOfMessage } from "./pods_api_view.ts";
import type { KubeletPod } from "./pod_view.ts";

/**
 * Where a kubelet serves it: next to the directory of its pods.
 *
 * Source: kubernetes 1.36 pkg/kubelet/apis/pods/constants.go.
 */
export function podsApiSocket(podsDirectory: string): string {
  return join(dirname(podsDirectory), "pods-api/pods-api.sock");
}

/**
 * What a watch tells. A kubelet says nothing of a pod before it has a first
 * status for it, so a change only says that the list is worth another look.
 */
export type PodsApiNews = "synced" | "changed";

/** The pods API of this node's kubelet, which may not have one: it is there from 1.36 on. */
export interface PodsApi {
  /**
   * Every pod that the kubelet has taken in; undefined if it serves no pods API.
   *
   * @throws {KubeletFailure} `starting` or `timeout`, or the signal's reason
   */
  pods(options?: { readonly signal?: AbortSignal }): Promise<readonly KubeletPod[] | undefined>;
  /**
   * Tells each change of a static pod, after the first list is complete. There is no
   * resuming: after an end, watch again and list.
   *
   * @throws {GrpcError} if the stream breaks or there is no pods API
   */
  watch(signal: AbortSignal): AsyncIterable<PodsApiNews>;
  /** Whether its socket exists; a kubelet that is gone leaves it behind. */
  exists(): boolean;
  /** Ends the connection. */
  close(): void;
}

/** How long a list may take, in milliseconds: it is read from the kubelet's memory. */
const TIMEOUT_MS = 2_000;

/**
 * Prepares a client; nothing is opened before the first question.
 *
 * @param socket asked each time, so that a changed setting is followed
 */
export function podsApi(socket: () => string): PodsApi {
  let open: { readonly path: string; readonly client: GrpcClient } | undefined;
  const client = (): GrpcClient => {
    const path = socket();
    if (open?.path !== path) {
      open?.client.close();
      open = { path, client: new GrpcClient(unixTarget(path)) };
    }
    return open.client;
  };
  const exists = () => existsSync(socket());
  const pathOf = ({ service, name }: { readonly service: string; readonly name: string }) =>
    `/${service}/${name}`;
  return {
    exists,
    async pods({ signal } = {}) {
      if (!exists()) return undefined;
      const { listPods } = Pods.method;
      try {
        const answer = await client().unary({
          path: pathOf(listPods),
          message: encodeMessage(listPods.input, {}),
          timeoutMs: TIMEOUT_MS,
          signal,
        });
        return decodeMessage(listPods.output, answer).pods
          .map((bytes) => podOfMessage(decodeMessage(PodSchema, bytes)));
      } catch (thrown) {
        signal?.throwIfAborted();
        const failure = failureOf(thrown, socket());
        if (failure === undefined) return undefined;
        throw failure;
      }
    },
    async *watch(signal) {
      const { watchPods } = Pods.method;
      const messages = client().stream({
        path: pathOf(watchPods),
        message: encodeMessage(watchPods.input, {}),
        timeoutMs: undefined,
        signal,
      });
      let synced = false;
      for await (const message of messages) {
        const { type, pod } = decodeMessage(watchPods.output, message);
        if (type === EventType.INITIAL_SYNC_COMPLETE) {
          synced = true;
          yield "synced";
        } else if (synced && (type === EventType.DELETED || isStatic(pod))) {
          yield "changed";
        }
      }
    },
    close() {
      open?.client.close();
      open = undefined;
    },
  };
}

/** What an API server's pods do is no business of podstead's; a deleted pod has no annotations. */
function isStatic(bytes: Uint8Array): boolean {
  const source = decodeMessage(PodSchema, bytes).metadata?.annotations[SOURCE_ANNOTATION];
  return source === "http" || source === "file";
}

const SOURCE_ANNOTATION = "kubernetes.io/config.source";

/** Undefined if the kubelet's other API should be asked instead. */
function failureOf(thrown: unknown, socket: string): KubeletFailure | undefined {
  const code = thrown instanceof GrpcError ? thrown.code : undefined;
  if (code === GrpcCode.failedPrecondition) {
    return new KubeletFailure(
      "starting",
      `The kubelet has not seen all sources of its pods since it started: ${errorText(thrown)}`,
      {
        cause: thrown,
        hint:
          "If it stays so, a source of it is away, its API server most likely: `podstead logs kubelet`",
      },
    );
  }
  if (code === GrpcCode.deadlineExceeded) {
    return new KubeletFailure(
      "timeout",
      `The kubelet did not answer at "${socket}" within ${formatDuration(TIMEOUT_MS)}`,
      { cause: thrown, hint: "It may hang or be busy. Check it with `systemctl status kubelet`" },
    );
  }
  // A socket that is left behind, no permission, a method by another name, too many questions.
  return undefined;
}
