import type { JsonObject, JsonValue } from "../core/mod.ts";
import {
  ContainerStatusSchema,
  PodSandboxStatusSchema,
  RuntimeService,
  RuntimeStatusSchema,
} from "./gen/runtime.ts";
import type { CallOptions, Runtime } from "./runtime.ts";
import { messageToJson, type MessageType } from "../grpc/mod.ts";

/** Everything that the runtime says about one thing: `status` by CRI, `info` its own. */
export interface Inspection extends JsonObject {
  readonly status: JsonValue;
  readonly info: JsonObject;
}

/** Everything about a container. @throws {PodsteadError} as `Runtime.call`. */
export async function inspectContainer(
  runtime: Runtime,
  containerId: string,
  options?: CallOptions,
): Promise<Inspection> {
  const { status, info } = await runtime.call(RuntimeService.method.containerStatus, {
    containerId,
    verbose: true,
  }, options);
  return inspection(ContainerStatusSchema, status, info);
}

/** Everything about a sandbox, its IP addresses among it. @throws {PodsteadError} as `Runtime.call`. */
export async function inspectSandbox(
  runtime: Runtime,
  podSandboxId: string,
  options?: CallOptions,
): Promise<Inspection> {
  const { status, info } = await runtime.call(RuntimeService.method.podSandboxStatus, {
    podSandboxId,
    verbose: true,
  }, options);
  return inspection(PodSandboxStatusSchema, status, info);
}

/** Everything about the runtime itself: its conditions and its configuration. */
export async function inspectRuntime(
  runtime: Runtime,
  options?: CallOptions,
): Promise<Inspection> {
  const { status, info } = await runtime.call(
    RuntimeService.method.status,
    { verbose: true },
    options,
  );
  return inspection(RuntimeStatusSchema, status, info);
}

function inspection<T>(
  type: MessageType<T>,
  status: T | undefined,
  info: Readonly<Record<string, string>>,
): Inspection {
  return {
    status: status === undefined ? null : messageToJson(type, status),
    info: Object.fromEntries(Object.entries(info).map(([key, text]) => [key, parsed(text)])),
  };
}

/** containerd writes most of its own information as JSON in a text. */
function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
