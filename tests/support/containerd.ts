/**
 * A private, real containerd for tests and the demo: its own root, state,
 * socket and runc directory under one temporary directory, with the images of
 * `images.ts` in it. Needs root, and nothing of the machine's own containerd.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { openSync, readFileSync, statfsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { connectRuntime, ImageService, type Runtime, RuntimeService } from "../../mod/cri/mod.ts";
import { errorText } from "../../mod/core/mod.ts";
import { cleanUpAfter, cleanUpStale, OWNER_FILE, ownerText } from "./containerd_cleanup.ts";
import { buildImageArchive, type ImageRecipe, PAUSE_IMAGE, TEST_IMAGES } from "./images.ts";
import { findProgram, isStaticElf } from "./programs.ts";
import { makeTempDir } from "./temp_dir.ts";
import { inNamespace } from "./test_network.ts";

/** A running private containerd. */
export interface TestContainerd extends AsyncDisposable {
  /** For `connectRuntime`. */
  readonly endpoint: string;
  /** The path of the socket. */
  readonly socket: string;
  /** Everything of it is below this directory. */
  readonly directory: string;
  /** A client of it, closed by `cleanUp`. */
  readonly runtime: Runtime;
  /** The process ID of the daemon; undefined while it is stopped. */
  readonly pid: number | undefined;
  /** Starts the daemon again after `stop` or `kill`, on the same root and state. */
  start(): Promise<void>;
  /** Ends the daemon; containers keep running, as on a node. */
  stop(): Promise<void>;
  /** Ends the daemon without warning; containers keep running. */
  kill(): Promise<void>;
  /** `stop`, then `start`. */
  restart(): Promise<void>;
  /** Builds and imports further images. */
  importImages(recipes: readonly ImageRecipe[]): Promise<void>;
  /** Its log so far, for a failed test. */
  log(): string;
  /** Ends every container and the daemon, unmounts and removes everything. */
  cleanUp(): Promise<void>;
}

/** Settings of {@linkcode startContainerd}. */
export interface ContainerdOptions {
  /** {@linkcode TEST_IMAGES} where it is left out. */
  readonly images?: readonly ImageRecipe[];
  /** The network namespace that it runs in, and so do its pods on the host's network. */
  readonly namespace?: string | undefined;
  /** Switches CRI off, as some distributions ship it. */
  readonly withoutCri?: boolean;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;
const POLL_MS = 10;

const run = promisify(execFile);

/**
 * Why {@linkcode startContainerd} cannot work here, with what to install, for
 * the `skip` option of a test; undefined where it can.
 */
export function skipReason(): string | undefined {
  if (process.platform !== "linux") return "real containerd needs Linux";
  if (process.getuid?.() !== 0) return "real containerd needs root: run the tests as root";
  const missing = Object.entries(
    { containerd: "containerd", ctr: "containerd", runc: "runc", busybox: "busybox-static" },
  ).filter(([program]) => findProgram(program) === undefined);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map(([, name]) => name))].join(" ");
    return `${
      missing.map(([program]) => program).join(", ")
    } not found: apt-get install ${packages}`;
  }
  const busybox = findProgram("busybox");
  if (busybox !== undefined && !isStaticElf(busybox)) {
    return `"${busybox}" is not statically linked: apt-get install busybox-static`;
  }
  return undefined;
}

/**
 * Starts a private containerd and imports the images; takes about half a second.
 * What earlier runs left behind after a crash is removed first.
 *
 * @throws {Error} where it does not come up, with the end of its log.
 */
export async function startContainerd(options: ContainerdOptions = {}): Promise<TestContainerd> {
  const reason = skipReason();
  if (reason !== undefined) throw new Error(reason);
  await cleanUpStale();

  const temp = await makeTempDir("containerd");
  const directory = temp.path;
  await writeFile(join(directory, OWNER_FILE), ownerText());
  const socket = join(directory, "containerd.sock");
  const logFile = join(directory, "containerd.log");
  const configFile = join(directory, "config.toml");
  await writeFile(configFile, configText(directory, socket, options));

  const endpoint = `unix://${socket}`;
  const runtime = connectRuntime({ endpoint });
  let daemon: ChildProcess | undefined;

  const log = () => {
    try {
      return readFileSync(logFile, "utf8");
    } catch {
      return ""; // not started yet
    }
  };

  const start = async () => {
    const output = openSync(logFile, "a");
    // Its own session: an interrupt of the test run must not reach it, we end it.
    const program = findProgram("containerd") ?? "containerd";
    const [command, ...args] = inNamespace(options.namespace, [program, "--config", configFile]);
    const child = spawn(command, args, {
      stdio: ["ignore", output, output],
      detached: true,
      env: { ...process.env, PATH: searchPath() },
    });
    child.unref();
    daemon = child;
    const probe = connectRuntime({ endpoint, timeoutMs: 1000 });
    try {
      await waitUntil(async () => {
        if (child.exitCode !== null) throw new Error("containerd ended");
        if (options.withoutCri) await run("ctr", ["-a", socket, "version"]);
        else await probe.call(RuntimeService.method.version, {});
      });
    } catch (error) {
      throw new Error(`containerd did not start: ${errorText(error)}\n${log().slice(-3000)}`, {
        cause: error,
      });
    } finally {
      probe.close();
    }
  };

  const end = async (signal: "SIGTERM" | "SIGKILL") => {
    const child = daemon;
    daemon = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    child.once("exit", () => resolve());
    child.ref();
    child.kill(signal);
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(timer);
  };

  const importImages = async (recipes: readonly ImageRecipe[]) => {
    const busybox = findProgram("busybox");
    if (busybox === undefined) throw new Error("busybox not found");
    const archive = join(directory, "images.tar");
    await writeFile(archive, buildImageArchive(recipes, busybox));
    await run("ctr", ["-a", socket, "-n", "k8s.io", "images", "import", archive]);
    if (options.withoutCri) return;
    // CRI learns of imported images by an event.
    for (const { name } of recipes) {
      await waitUntil(async () => {
        const { image } = await runtime.call(ImageService.method.imageStatus, {
          image: { image: name },
        });
        if (image === undefined) throw new Error(`image ${name} is not there`);
      });
    }
  };

  const cleanUp = async () => {
    runtime.close();
    await end("SIGKILL");
    await cleanUpAfter(directory);
  };

  try {
    await start();
    await importImages(options.images ?? TEST_IMAGES);
  } catch (error) {
    await cleanUp();
    throw error;
  }

  return {
    endpoint,
    socket,
    directory,
    runtime,
    get pid() {
      return daemon?.pid;
    },
    start,
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
    restart: async () => {
      await end("SIGTERM");
      await start();
    },
    importImages,
    log,
    cleanUp,
    [Symbol.asyncDispose]: cleanUp,
  };
}

async function waitUntil(attempt: () => Promise<unknown>): Promise<void> {
  const giveUpAt = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (Date.now() > giveUpAt || errorText(error) === "containerd ended") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** runc and the shim are in directories that a user's PATH may lack. */
function searchPath(): string {
  return `${process.env.PATH ?? ""}:/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin`;
}

/** containerd 2.x reads a version 2 file too. */
function configText(directory: string, socket: string, options: ContainerdOptions): string {
  const cri = "plugins.'io.containerd.grpc.v1.cri'";
  return `version = 2
root = "${directory}/root"
state = "${directory}/state"
disabled_plugins = [${options.withoutCri ? '"io.containerd.grpc.v1.cri", ' : ""}
  "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
  "io.containerd.internal.v1.opt", "io.containerd.internal.v1.tracing",
  "io.containerd.tracing.processor.v1.otlp"]

[grpc]
  address = "${socket}"

[ttrpc]
  address = "${socket}.ttrpc"

[${cri}]
  # Machines without CAP_SYS_RESOURCE cannot lower it, and sandboxes would fail.
  restrict_oom_score_adj = true
  sandbox_image = "${PAUSE_IMAGE}"
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"

[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "${directory}/cni"

[${cri}.containerd]
  snapshotter = "${supportsOverlay(directory) ? "overlayfs" : "native"}"

[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[${cri}.containerd.runtimes.runc.options]
  Root = "${directory}/runc"
`;
}

/** overlayfs does not work on top of itself, where a container's `/tmp` is. */
function supportsOverlay(directory: string): boolean {
  const OVERLAYFS_MAGIC = 0x794c7630;
  return statfsSync(directory).type !== OVERLAYFS_MAGIC;
}
