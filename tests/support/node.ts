/**
 * A whole node for end-to-end tests and the demo: real containerd, the kubelet
 * stand-in and the real podstead, each a process of its own in one temporary
 * directory.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { TestContainerd } from "./containerd.ts";
import { RunningCommand } from "./running_command.ts";
import { PANIC_EXIT_CODE } from "./kubelet/mod.ts";
import { makeTempDir, type TempDir } from "./temp_dir.ts";
import { inNamespace } from "./test_network.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a finished command printed. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * The command line that is podstead: the executable, `dist/podstead` unless
 * `PODSTEAD_EXECUTABLE` names another, or `deno run` of the source.
 */
export function podsteadCommand(): readonly [string, ...string[]] {
  if (process.env.PODSTEAD_E2E === "deno") {
    return [process.execPath, "run", "-A", "--no-check", join(ROOT, "main.ts")];
  }
  return [
    process.env.PODSTEAD_EXECUTABLE ??
      join(ROOT, "dist/podstead"),
  ];
}

/** Runs podstead to its end. */
export async function runPodstead(
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly stdin?: string } = {},
): Promise<CommandResult> {
  const [command, ...prefix] = podsteadCommand();
  const child = spawn(command, [...prefix, ...args], {
    env: { ...process.env, NO_COLOR: "1", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(options.stdin ?? "");
  const [stdout, stderr, [code]] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    once(child, "close"),
  ]);
  return { code: code ?? -1, stdout, stderr };
}

/** A node under test. */
export class TestNode {
  readonly #temporary: TempDir;
  readonly name: string;
  readonly port: number;
  readonly containerd: TestContainerd | undefined;
  /** The network namespace of agent and kubelet; undefined for this process's own. */
  readonly namespace: string | undefined;
  #agent: { readonly pid: number; readonly ended: Promise<unknown> } | undefined;
  #kubelet: ChildProcess | undefined;
  #panicked = false;
  #agentLog = "";
  #kubeletPorts: Readonly<Record<string, number>> = {};
  /** The file of the token that the endpoint wants; takes effect with the next `writePods`. */
  tokenFile: string | undefined;
  /** What the agent is told of the kubelet's version, which it cannot see; with the next `writePods`. */
  kubeletVersion: string | undefined;

  /** More in the agent's environment, from its next start on. */
  agentEnv: Readonly<Record<string, string>> = {};
  /** Whether the agent is told the kubelet's port; with the next `writePods`. */
  kubeletByNetwork = true;

  private constructor(
    temporary: TempDir,
    port: number,
    containerd: TestContainerd | undefined,
    name: string,
    namespace: string | undefined,
  ) {
    this.name = name;
    this.namespace = namespace;
    this.#temporary = temporary;
    this.port = port;
    this.containerd = containerd;
  }

  /** An empty node; nothing runs on it yet but the given containerd. */
  static async create(
    containerd?: TestContainerd,
    name = "node-1",
    namespace?: string,
  ): Promise<TestNode> {
    return new TestNode(await makeTempDir("node"), await freePort(), containerd, name, namespace);
  }

  /** Everything of the node is below it; removed by `close`. */
  get directory(): string {
    return this.#temporary.path;
  }
  get configPath(): string {
    return join(this.directory, "config.yaml");
  }
  get socket(): string {
    return join(this.directory, "run/admin.sock");
  }
  get stateDir(): string {
    return join(this.directory, "state");
  }
  get manifestUrl(): string {
    return `http://127.0.0.1:${this.port}/manifests`;
  }
  /** Everything the agent has logged, over all its starts. */
  get agentLog(): string {
    return this.#agentLog;
  }
  get kubeletPorts(): Readonly<Record<string, number>> {
    return this.#kubeletPorts;
  }
  /** Everything the kubelet has logged, over all its starts. */
  get kubeletLog(): string {
    return readFileSync(this.#kubeletLog, "utf8");
  }
  get #kubeletLog(): string {
    return join(this.directory, "kubelet.log");
  }
  /** What agent and kubelet said last, and whether they run: for the message of a failure. */
  lastWords(lines = 40): string {
    const tail = (text: string) => text.trimEnd().split("\n").slice(-lines).join("\n");
    const kubelet = this.#kubelet;
    const fate = kubelet === undefined
      ? "stopped by the test"
      : kubelet.exitCode ?? kubelet.signalCode ?? "running";
    return [
      `--- agent (${this.#agent === undefined ? "ended" : "running"})`,
      tail(this.#agentLog),
      `--- kubelet (${fate})`,
      tail(this.kubeletLog),
    ].join("\n");
  }
  get agentPid(): number {
    if (this.#agent === undefined) throw new Error("The agent does not run");
    return this.#agent.pid;
  }

  /** Writes the config: these pods (YAML of `machine.pods`), and this node's agent settings. */
  writePods(pods: string, agent = ""): void {
    const indented = pods.split("\n").map((line) => line === "" ? "" : `    ${line}`).join("\n");
    writeFileSync(
      this.configPath,
      `machine:\n  pods:\n${indented}\nagent:\n${this.#agentSettings()}${agent}`,
    );
  }

  #agentSettings(): string {
    const runtime = this.containerd === undefined
      ? ""
      : `  runtime: {endpoint: "${this.containerd.endpoint}"}\n`;
    // The API of port 10250 has more to say, where a test asked for it (`--api-port 0`).
    const port = this.#kubeletPorts.api ?? this.#kubeletPorts.readOnly;
    const kubelet = [
      ...(this.kubeletVersion === undefined ? [] : [`version: "${this.kubeletVersion}"`]),
      ...(port === undefined || !this.kubeletByNetwork
        ? []
        : [`endpoint: "http://127.0.0.1:${port}"`]),
      ...(port === undefined ? [] : [`podsDirectory: "${join(this.directory, "kubelet/pods")}"`]),
    ];
    const readOnly = kubelet.length === 0 ? "" : `  kubelet: {${kubelet.join(", ")}}\n`;
    return `  node: {name: ${this.name}, address: 172.20.0.3}\n` +
      `  manifest: {port: ${this.port}${
        this.tokenFile === undefined ? "" : `, tokenFile: "${this.tokenFile}"`
      }}\n${runtime}${readOnly}` +
      `  admin: {socket: "${this.socket}"}\n  stateDir: "${this.stateDir}"\n`;
  }

  /** Starts the agent; resolves when it serves. */
  async startAgent(): Promise<void> {
    const [command, ...args] = inNamespace(this.namespace, [
      ...podsteadCommand(),
      ...["serve", "--config", this.configPath, "--state-dir", this.stateDir],
    ]);
    const child = spawn(
      command,
      args,
      {
        stdio: ["ignore", "inherit", "pipe"],
        env: { ...process.env, ...this.agentEnv },
      },
    );
    if (child.pid === undefined) throw new Error(`Cannot start ${command}`);
    const ended = once(child, "exit").then(([code]) => {
      this.#agent = undefined;
      return code;
    });
    this.#agent = { pid: child.pid, ended };
    const serving = new Promise<void>((resolve) => {
      child.stderr?.setEncoding("utf8").on("data", (text: string) => {
        this.#agentLog += text;
        if (text.includes('"msg":"Serving"')) resolve();
      });
    });
    await Promise.race([
      serving,
      ended.then((code) => {
        throw new Error(`The agent ended with ${code}:\n${this.#agentLog}`);
      }),
    ]);
  }

  /** Sends the agent a signal; with `wait` until it has ended. */
  async signalAgent(signal: NodeJS.Signals, wait = false): Promise<void> {
    const agent = this.#agent;
    if (agent === undefined) return;
    // Not the child's own `kill`: on Deno it takes every signal for the end of the child.
    process.kill(agent.pid, signal);
    if (wait) await agent.ended;
  }

  /**
   * Starts the kubelet stand-in, polling the agent; resolves when it is ready.
   *
   * @throws {Error} if it ends before, such as where its port is taken
   */
  async startKubelet(flags: readonly string[] = []): Promise<void> {
    if (this.containerd === undefined) throw new Error("A kubelet needs a containerd");
    mkdirSync(join(this.directory, "logs"), { recursive: true });
    const log = openSync(this.#kubeletLog, "a");
    const [command, ...args] = inNamespace(this.namespace, [
      process.execPath,
      "run",
      "-A",
      "--no-check",
      join(ROOT, "tests/support/kubelet/main.ts"),
      ...["--url", this.manifestUrl, "--node-name", this.name],
      ...["--cri", this.containerd.endpoint, "--log-root", join(this.directory, "logs/pods")],
      ...["--root-dir", join(this.directory, "kubelet"), "--poll-interval", "200ms"],
      ...["--read-only-port", "0", "--control-port", "0", "--healthz-port", "0"],
      ...flags,
    ]);
    const child = spawn(command, args, { stdio: ["ignore", "pipe", log] });
    closeSync(log);
    this.#kubelet = child;
    child.once("exit", (code) => this.#panicked ||= code === PANIC_EXIT_CODE);
    if (child.stdout === null) throw new Error("The kubelet's output is not piped");
    const lines = createInterface({ input: child.stdout });
    const ended = Promise.withResolvers<never>();
    child.once(
      "exit",
      (code, signal) => ended.reject(new Error(`It ended with ${code ?? signal}`)),
    );
    const [line] = await Promise.race([once(lines, "line"), ended.promise]).catch((thrown) => {
      throw new Error(`The kubelet did not start\n${this.lastWords()}`, { cause: thrown });
    });
    ended.promise.catch(() => undefined); // what ends it later is the test's matter
    this.#kubeletPorts = JSON.parse(String(line)).ports;
  }

  /** Ends the kubelet stand-in; its pods keep running. */
  async stopKubelet(): Promise<void> {
    const child = this.#kubelet;
    this.#kubelet = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  /** The list as the kubelet gets it, whatever network the node has. */
  async served(): Promise<string> {
    const url = this.manifestUrl;
    const args = ["-sS", "--fail", "--max-time", "30", url];
    const [command, ...rest] = inNamespace(this.namespace, ["curl", ...args]);
    if (this.namespace !== undefined) return (await promisify(execFile)(command, rest)).stdout;
    return await (await fetch(url)).text();
  }

  /** Steers the kubelet stand-in: `/poll`, `/pause`, `/resume`. */
  async controlKubelet(path: string): Promise<void> {
    const url = `http://127.0.0.1:${this.#kubeletPorts.control}${path}`;
    const response = await fetch(url, { method: "POST" });
    if (!response.ok) throw new Error(`The kubelet stand-in answered ${response.status}`);
    await response.body?.cancel();
  }

  /** Runs a podstead command against this node's agent. */
  podstead(...args: readonly string[]): Promise<CommandResult> {
    return runPodstead([...args, "--config", this.configPath, "--socket", this.socket]);
  }

  /** The same for one that goes on until it is stopped, or the agent is. */
  startPodstead(...args: readonly string[]): RunningCommand {
    const [command, ...prefix] = podsteadCommand();
    const line = [...prefix, ...args, "--config", this.configPath, "--socket", this.socket];
    return new RunningCommand(spawn(command, line, { stdio: ["ignore", "pipe", "pipe"] }));
  }

  /** Ends agent and kubelet. @throws {Error} if the kubelet has panicked since `create` */
  async close(): Promise<void> {
    await this.stopKubelet();
    await this.signalAgent("SIGKILL", true);
    const words = this.#panicked ? this.lastWords() : "";
    await this.#temporary.remove();
    if (this.#panicked) throw new Error(`The kubelet panicked\n${words}`);
  }
}

/** Asks until `check` gives something, every 50 ms; the last error or state is in the message. */
export async function eventually<T>(
  what: string,
  check: () => Promise<T | undefined>,
  timeoutMs = 120_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const result = await check();
      if (result !== undefined) return result;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`Not within ${timeoutMs} ms: ${what}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A TCP port of loopback that nothing has right now. */
export async function freePort(): Promise<number> {
  const [port = 0] = await freePorts(1);
  return port;
}

/**
 * TCP ports of loopback that nothing has right now, each another. Where there is room they are below
 * those that the system gives to outgoing connections: one of these could have it when it is used.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers: Server[] = [];
  try {
    while (servers.length < count) servers.push(await listenAnywhere());
    return servers.map(portOf);
  } finally {
    for (const server of servers) {
      server.close();
      await once(server, "close");
    }
  }
}

const LOWEST_PORT = 12_000;

async function listenAnywhere(): Promise<Server> {
  const room = Math.max(0, lowestOutgoingPort() - LOWEST_PORT);
  for (let tries = room === 0 ? 0 : 50; tries >= 0; tries--) {
    const server = createServer();
    // Once nothing was found the system chooses.
    server.listen(tries === 0 ? 0 : LOWEST_PORT + randomInt(room), "127.0.0.1");
    try {
      await once(server, "listening");
      return server;
    } catch (error) {
      if (tries === 0) throw error;
    }
  }
  throw new Error("No port was given");
}

function lowestOutgoingPort(): number {
  try {
    return Number.parseInt(readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8"));
  } catch {
    return 0; // a kernel that does not say
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given");
  return address.port;
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
