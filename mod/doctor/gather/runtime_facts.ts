import type { Settings } from "../../config/mod.ts";
import { isJsonObject, type JsonObject, valueAt } from "../../core/mod.ts";
import {
  connectRuntime,
  findImage,
  inspectRuntime,
  type Runtime,
  RuntimeService,
} from "../../cri/mod.ts";
import type { RuntimeFacts } from "../facts.ts";
import { ASK_TIMEOUT_MS } from "./asked.ts";

/** Asks the container runtime. @throws {PodsteadError} if it does not answer */
export async function askRuntime(settings: Settings): Promise<RuntimeFacts> {
  const runtime = connectRuntime({ ...settings.runtime, timeoutMs: ASK_TIMEOUT_MS });
  try {
    const version = await runtime.call(RuntimeService.method.version, {});
    const { status, info } = await inspectRuntime(runtime);
    const conditions = isJsonObject(status) && Array.isArray(status["conditions"])
      ? status["conditions"].filter((one) => isJsonObject(one))
      : [];
    const condition = (type: string) => conditions.find((one) => one["type"] === type);
    const unmet = conditions.find((one) => one["status"] !== true);
    return {
      name: `${version.runtimeName} ${version.runtimeVersion.replace(/^v/, "")}`,
      ready: condition("RuntimeReady")?.["status"] === true,
      networkReady: condition("NetworkReady")?.["status"] === true,
      message: String(unmet?.["message"] || unmet?.["reason"] || ""),
      cgroupDriver: cgroupDriverOf(info),
      sandboxImage: await sandboxImageOf(info, runtime),
    };
  } finally {
    runtime.close();
  }
}

/** containerd tells its CRI plugin's configuration in the verbose status. */
function configOf(info: JsonObject): JsonObject {
  return isJsonObject(info["config"]) ? info["config"] : {};
}

function cgroupDriverOf(info: JsonObject): RuntimeFacts["cgroupDriver"] {
  const name = valueAt(configOf(info), ["containerd", "defaultRuntimeName"]) ?? "runc";
  const path = ["containerd", "runtimes", String(name), "options", "SystemdCgroup"];
  const option = valueAt(configOf(info), path);
  const known = Object.keys(configOf(info)).length > 0;
  return option === true ? "systemd" : known ? "cgroupfs" : undefined;
}

async function sandboxImageOf(
  info: JsonObject,
  runtime: Runtime,
): Promise<RuntimeFacts["sandboxImage"]> {
  const name = configOf(info)["sandboxImage"];
  if (typeof name !== "string" || name === "") return undefined;
  return { name, present: await findImage(runtime, name) !== undefined };
}
