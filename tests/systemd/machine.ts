/** A booted Debian with a systemd of its own, in systemd-nspawn. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import process from "node:process";
import { findProgram } from "../support/programs.ts";

/** What a command in the machine printed. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Long enough for a service to start, and to be ended by its watchdog. */
const COMMAND_TIMEOUT_MS = 120_000;

/** From its first boot on, for all tests together: then it is ended, and what is left fails at once. */
const LIFETIME_MS = 420_000;

/** A boot takes a second or two; on a busy machine much longer. */
const BOOT_TIMEOUT_MS = 90_000;

const END_TIMEOUT_MS = 60_000;

/** How a machine differs from the usual one. */
export interface MachineOptions {
  /** Whether it gets what a kubelet needs: the kernel's log, more rights, and this computer's kind of cgroups. */
  readonly forKubelet?: boolean;
}

export class Machine {
  readonly #root: string;
  readonly #options: MachineOptions;
  /** Every script that was run, for comparing with what the documentation says. */
  static readonly scripts: string[] = [];
  #nspawn: ChildProcess;
  #console = "";
  #deadline: ReturnType<typeof setTimeout> | undefined;

  private constructor(root: string, options: MachineOptions) {
    this.#root = root;
    this.#options = options;
    this.#nspawn = this.#start();
  }

  /** Boots the system in `root` and waits until it has come up. */
  static async boot(root: string, options: MachineOptions = {}): Promise<Machine> {
    const machine = new Machine(root, options);
    machine.#deadline = setTimeout(() => machine.#nspawn.kill("SIGKILL"), LIFETIME_MS);
    await machine.#up();
    return machine;
  }

  #start(): ChildProcess {
    const { forKubelet = false } = this.#options;
    // Beside the old hierarchies the new one has no controllers, without which no kubelet starts.
    const isUnified = !forKubelet || existsSync("/sys/fs/cgroup/cgroup.controllers");
    const nspawn = spawn(findProgram("systemd-nspawn") ?? "systemd-nspawn", [
      `--directory=${this.#root}`,
      "--register=no",
      "--keep-unit",
      "--private-network",
      // runc gives each container a session keyring.
      "--system-call-filter=@keyring bpf",
      ...(forKubelet ? ["--bind=/dev/kmsg", "--capability=CAP_SYS_RESOURCE,CAP_SYSLOG"] : []),
      "--boot",
    ], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...(isUnified ? { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "1" } : {}) },
      detached: true,
    });
    for (const stream of [nspawn.stdout, nspawn.stderr]) {
      stream.on("data", (chunk) => this.#console = (this.#console + chunk).slice(-20_000));
    }
    return nspawn;
  }

  async #up(): Promise<void> {
    const giveUpAt = performance.now() + BOOT_TIMEOUT_MS;
    for (;;) {
      const state = (await this.run("systemctl is-system-running").catch(() => undefined))?.stdout;
      if (/^(running|degraded)$/.test(state?.trim() ?? "")) return;
      if (this.#ended || performance.now() > giveUpAt) {
        throw new Error(`The machine did not come up:\n${this.#console}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  get #ended(): boolean {
    return this.#nspawn.exitCode !== null || this.#nspawn.signalCode !== null;
  }

  /** The machine's first process, seen from outside. */
  get #init(): number {
    const { pid } = this.#nspawn;
    const child = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ")[0] ?? "";
    if (child === "") throw new Error("The machine has no first process yet");
    return Number(child);
  }

  /** Runs a shell command in the machine, whatever its exit code. */
  async run(script: string): Promise<Ran> {
    Machine.scripts.push(script);
    const args = ["-t", String(this.#init), "-a", "--", "/bin/sh", "-c", script];
    return await new Promise((resolve) => {
      execFile("nsenter", args, {
        timeout: COMMAND_TIMEOUT_MS,
        maxBuffer: 64 << 20,
        env: { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", LC_ALL: "C.UTF-8" },
      }, (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === "number" ? error.code : -1;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** Runs a shell command that must succeed. @returns what it printed, without the last line feed */
  async ok(script: string): Promise<string> {
    const { code, stdout, stderr } = await this.run(script);
    if (code !== 0) throw new Error(`${script} ended with ${code}:\n${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  /** One property of a unit. */
  async property(unit: string, name: string): Promise<string> {
    return await this.ok(`systemctl show -P ${name} ${unit}`);
  }

  /** Restarts the machine and waits until it is up again. */
  async reboot(): Promise<void> {
    await this.#end("systemctl reboot");
    this.#nspawn = this.#start();
    await this.#up();
  }

  /** Ends it. */
  async powerOff(): Promise<void> {
    await this.#end("systemctl poweroff");
    clearTimeout(this.#deadline);
  }

  async #end(command: string): Promise<void> {
    if (this.#ended) return;
    const ended = once(this.#nspawn, "exit");
    const timer = setTimeout(() => this.#nspawn.kill("SIGKILL"), END_TIMEOUT_MS);
    await this.run(command).catch(() => undefined); // it may have ended by itself
    await ended;
    clearTimeout(timer);
  }
}
