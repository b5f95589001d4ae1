/**
 * Nodes that are reached over real ssh: an sshd each, in its place of the network; and an operator
 * with keys, names and files of their own.
 */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import process from "node:process";

import { eventually, podsteadCommand } from "./node.ts";
import { findProgram } from "./programs.ts";
import { RunningCommand } from "./running_command.ts";
import { makeTempDir, type TempDir } from "./temp_dir.ts";
import { inNamespace, type NetworkPlace, TestNetwork } from "./test_network.ts";

/** Why there can be no such nodes here, with what to install; undefined where there can. */
export function sshSkipReason(): string | undefined {
  if (process.getuid?.() !== 0) return "sshd needs root: run the tests as root";
  const missing = [["sshd", "openssh-server"], ["ssh", "openssh-client"]]
    .filter(([program = ""]) => findProgram(program) === undefined).map(([, name]) => name);
  return missing.length === 0 ? undefined : `no ssh: apt-get install ${missing.join(" ")}`;
}

const PORT = 22;

/** Where sshd listens if it shares loopback with the machine's own. */
const LOOPBACK_PORT = 2222;

/** The lab. */
export class SshLab {
  readonly #temporary: TempDir;
  readonly #nodes: readonly NetworkPlace[];
  /** Made for this lab alone; undefined if it was given. */
  readonly #network: TestNetwork | undefined;
  readonly #daemons: ChildProcess[] = [];

  private constructor(
    temporary: TempDir,
    nodes: readonly NetworkPlace[],
    network: TestNetwork | undefined,
  ) {
    this.#temporary = temporary;
    this.#nodes = nodes;
    this.#network = network;
  }

  /**
   * Starts an sshd for each agent, in its place; resolves when each answers.
   *
   * @param sockets the agents' admin sockets: what podstead uses on each node
   * @param network the places of the agents; places of the lab's own, if they share this machine's
   */
  static async start(sockets: readonly string[], network?: TestNetwork): Promise<SshLab> {
    const temporary = await makeTempDir("ssh");
    const own = network === undefined ? TestNetwork.make(sockets.length) : undefined;
    const { places } = network ?? own ?? { places: [] };
    const lab = new SshLab(temporary, places.slice(0, sockets.length), own);
    try {
      lab.#writeKeys();
      mkdirSync("/run/sshd", { recursive: true });
      for (const [at, node] of lab.#nodes.entries()) {
        lab.#startDaemon(node, at, sockets[at] ?? "");
      }
      for (const node of lab.#nodes) {
        await eventually(`sshd on ${node.address}`, () => answers(node), 60_000);
      }
      return lab;
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  /** The environment of the operator. */
  get env(): Readonly<Record<string, string>> {
    const { path } = this.#temporary;
    return {
      PATH: `${join(path, "operator")}:${process.env.PATH}`,
      XDG_CONFIG_HOME: join(path, "config"),
      XDG_STATE_HOME: join(path, "state"),
      // What a killed command leaves goes with the lab.
      TMPDIR: path,
    };
  }

  /**
   * Tells ssh and podstead of names.
   *
   * @param names each with the number of its node; `dead` has none
   */
  name(names: Readonly<Record<string, number | "dead">>): void {
    const { path } = this.#temporary;
    const hosts = Object.entries(names).map(([name, where]) => {
      const node = typeof where === "number" ? this.#nodes[where] : undefined;
      // Nothing listens there: it is refused at once.
      const port = node === undefined ? 1 : portOf(node);
      return `Host ${name}\n  HostName ${node?.address ?? "127.0.0.1"}\n  Port ${port}\n`;
    });
    writeFileSync(
      join(path, "ssh_config"),
      `${hosts.join("")}Host *\n  IdentityFile ${path}/id\n  StrictHostKeyChecking no\n` +
        `  UserKnownHostsFile ${path}/known_hosts\n  LogLevel ERROR\n  User root\n`,
    );
    mkdirSync(join(path, "config/podstead"), { recursive: true });
    const nodes = Object.keys(names).map((name) => ({ name }));
    writeFileSync(
      join(path, "config/podstead/nodes.yaml"),
      // Slow machines are no reason to fail.
      JSON.stringify({ connectTimeout: "5m", contexts: { lab: { nodes } } }),
    );
  }

  /** How many connections of podstead nodes have begun to serve so far. */
  get dials(): number {
    return readFileSync(this.#dials, "utf8").length;
  }

  /** Ends what connects to a name, as a person might. */
  async endSsh(name: string): Promise<void> {
    const config = join(this.#temporary.path, "ssh_config");
    const pid = await eventually(`ssh to ${name} runs`, () => {
      const all = readdirSync("/proc").map(Number).filter((one) => one > 0);
      return Promise.resolve(all.find((one) => {
        const words = commandLine(one);
        return words.includes(config) && words.includes(name);
      }));
    });
    process.kill(pid, "SIGTERM");
  }

  /** Runs podstead as the operator until it is stopped. */
  startPodstead(...args: readonly string[]): RunningCommand & { readonly pid: number } {
    return this.startPodsteadIn(this.env, ...args);
  }

  /** The same in another environment, such as one that names other nodes. */
  startPodsteadIn(
    env: Readonly<Record<string, string>>,
    ...args: readonly string[]
  ): RunningCommand & { readonly pid: number } {
    const [command, ...prefix] = podsteadCommand();
    const child = spawn(command, [...prefix, ...args], {
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    return Object.assign(new RunningCommand(child), { pid: child.pid ?? 0 });
  }

  async close(): Promise<void> {
    for (const daemon of this.#daemons) daemon.kill("SIGKILL");
    this.#network?.close();
    await this.#temporary.remove();
  }

  get #dials(): string {
    return join(this.#temporary.path, "dials");
  }

  #writeKeys(): void {
    const { path } = this.#temporary;
    for (const name of ["hostkey", "id"]) {
      execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(path, name)]);
    }
    for (const side of ["operator", "node"]) mkdirSync(join(path, side));
    writeScript(
      join(path, "operator/ssh"),
      `exec ${findProgram("ssh")} -F ${path}/ssh_config "$@"`,
    );
    const podstead = podsteadCommand().map((part) => `'${part}'`).join(" ");
    writeFileSync(this.#dials, "");
    const count = `[ "$1" != dial-stdio ] || printf . >>${this.#dials}`;
    writeScript(join(path, "node/podstead"), `${count}\nexec ${podstead} "$@"`);
  }

  #startDaemon(node: NetworkPlace, at: number, socket: string): void {
    const { path } = this.#temporary;
    const config = join(path, `sshd_config.${at}`);
    writeFileSync(
      config,
      [
        `ListenAddress ${node.address}:${portOf(node)}`,
        `HostKey ${path}/hostkey`,
        `AuthorizedKeysFile ${path}/id.pub`,
        `PidFile ${path}/sshd.${at}.pid`,
        ...["StrictModes no", "PermitRootLogin yes", "MaxStartups 100", "UsePAM no"],
        // What the default path of a login has, with podstead before it.
        `SetEnv PATH=${path}/node:${process.env.PATH} PODSTEAD_SOCKET=${socket}`,
      ].join("\n"),
    );
    const sshd = findProgram("sshd") ?? "sshd"; // it wants its full path
    const [program, ...args] = inNamespace(node.namespace, [sshd, "-D", "-e", "-f", config]);
    this.#daemons.push(spawn(program, args, { stdio: "ignore" }));
  }
}

function portOf({ namespace }: NetworkPlace): number {
  return namespace === undefined ? LOOPBACK_PORT : PORT;
}

function answers(node: NetworkPlace): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host: node.address, port: portOf(node) });
    socket.once("data", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(undefined));
  });
}

function commandLine(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
  } catch {
    return []; // it has ended
  }
}

function writeScript(path: string, body: string): void {
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
}
