/** A real systemd-journald of its own: in a private mount namespace, with its journal in a temporary directory. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Command } from "../../mod/services/mod.ts";

const JOURNALD = "/lib/systemd/systemd-journald";

/** Why no journald can be started here, or undefined if one can. */
export function journaldMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "needs root";
  if (!existsSync(JOURNALD)) return "needs systemd-journald";
  const namespace = spawnSync("unshare", ["--mount", "true"]);
  if (namespace.status !== 0) return "needs mount namespaces";
  if (spawnSync("logger", ["--version"]).status !== 0) return "needs logger";
  return undefined;
}

/** Reads entries from standard input, one a line with `|` between fields, and logs them. */
const SCRIPT = `
set -e
mount -t tmpfs none /run
mkdir -p /run/systemd/journal /run/systemd/journald.conf.d /run/log/journal
printf '[Journal]\\nReadKMsg=no\\n' > /run/systemd/journald.conf.d/test.conf
mount --bind "$1" /run/log/journal
${JOURNALD} &
journald=$!
trap 'kill $journald' EXIT
while [ ! -S /run/systemd/journal/socket ]; do sleep 0.02; done
echo ready
while IFS= read -r entry; do
  printf '%s\\n' "$entry" | tr '|' '\\n' | logger --journald
  echo logged
done
`;

/** See the top of this file. */
export class Journald {
  readonly directory: string;
  /** A journalctl that reads this journal. */
  readonly journalctl: Command;
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<Uint8Array>;

  private constructor(directory: string, child: ChildProcess) {
    this.directory = directory;
    this.journalctl = ["journalctl", `--directory=${directory}`];
    this.#child = child;
    this.#answers = child.stdout![Symbol.asyncIterator]();
  }

  static async start(): Promise<Journald> {
    const directory = await mkdtemp(join(tmpdir(), "podstead-journal-"));
    const child = spawn("unshare", ["--mount", "sh", "-c", SCRIPT, "sh", directory], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    const journald = new Journald(directory, child);
    await journald.#answers.next();
    return journald;
  }

  /** Logs an entry of a unit. journald believes the unit because root says it. */
  async log(unit: string, message: string, fields: readonly string[] = []): Promise<void> {
    const entry = [
      `MESSAGE=${message}`,
      `OBJECT_SYSTEMD_UNIT=${unit}`,
      "SYSLOG_IDENTIFIER=test",
      "PRIORITY=6",
      ...fields,
    ];
    const before = await this.#count(unit);
    this.#child.stdin!.write(`${entry.join("|")}\n`);
    await this.#answers.next();
    // The entry is on its way; it is there when journalctl can see it.
    while (await this.#count(unit) === before) await Promise.resolve();
  }

  async #count(unit: string): Promise<number> {
    if ((await readdir(this.directory)).length === 0) return 0;
    const [program, ...args] = this.journalctl;
    const result = spawnSync(program, [...args, "--unit", unit, "--output=cat", "--quiet"], {
      encoding: "utf8",
    });
    return result.stdout.split("\n").length - 1;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin!.end();
    await ended;
    await rm(this.directory, { recursive: true, force: true });
  }
}
