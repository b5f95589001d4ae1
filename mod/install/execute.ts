import { execFile } from "node:child_process";
import { chmod, chown, copyFile, mkdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorText, PodsteadError } from "../core/mod.ts";
import { writeFileAtomic } from "../os/mod.ts";
import { LAYOUT } from "./layout.ts";
import { sha256OfFile, sha256OfText } from "../os/mod.ts";
import { EMPTY_RECORD, type InstallRecord, readRecord } from "./record.ts";
import type { CommandStep, DirectoryStep, FileStep, Plan, Step } from "./step.ts";

/** How long a command may take: a service has a minute to become ready, and one to stop. */
const COMMAND_TIMEOUT_MS = 150_000;

/** What executing a plan needs of the world. */
export interface ExecuteDeps {
  /** The root that is installed into; `/` is this node. */
  readonly root: string;
  /** Called before each step that changes something. */
  readonly onStep: (step: Step) => unknown;
  /** Default: really runs it. */
  readonly run?: (argv: readonly [string, ...string[]]) => Promise<void>;
}

/**
 * Carries a plan out. What it makes is recorded as it goes, so that `uninstall`
 * can take back an installation that stopped in the middle.
 *
 * @throws {PodsteadError} at the first step that fails; the ones before it stay
 */
export async function executeInstall(plan: Plan, deps: ExecuteDeps): Promise<void> {
  const { root, onStep, run = runCommand } = deps;
  let record = await readRecord(root) ?? EMPTY_RECORD;
  const note = async (next: InstallRecord): Promise<void> => {
    record = next;
    await writeFileAtomic(join(root, LAYOUT.record), `${JSON.stringify(record, null, 2)}\n`, 0o600);
  };
  for (const step of plan.steps) {
    if ("state" in step && step.state === "keep") continue;
    await onStep(step);
    try {
      switch (step.kind) {
        case "group":
          await run([
            "groupadd",
            ...(root === "/" ? [] : ["--prefix", root]),
            "--system",
            step.name,
          ]);
          await note({ ...record, groups: [...new Set([...record.groups, step.name])] });
          break;
        case "directory": {
          const made = await makeDirectory(root, step);
          await note({ ...record, directories: [...new Set([...record.directories, ...made])] });
          break;
        }
        case "file": {
          const sha256 = await writeFile(root, step);
          const { path, policy } = step;
          if (policy === "pod") break;
          const others = record.files.filter((file) => file.path !== step.path);
          await note({
            ...record,
            files: [...others, { path, sha256, policy }],
          });
          break;
        }
        case "remove":
          await rm(join(root, step.path), { force: true });
          break;
        case "command":
          await runStep(step, run);
          if (step.argv.includes("enable") && !record.enabled) {
            await note({ ...record, enabled: true });
          }
          break;
      }
    } catch (error) {
      throw stepError(step, error);
    }
  }
}

/** @returns the directories that were not there before, the outermost first */
async function makeDirectory(root: string, step: DirectoryStep): Promise<readonly string[]> {
  const path = join(root, step.path);
  const first = await mkdir(path, { recursive: true, mode: 0o755 });
  await chmod(path, step.mode);
  await giveToGroup(root, path, step.group);
  return first === undefined ? [] : upwards(step.path, first.slice(join(root, "/").length - 1));
}

/** From `first` down to `last`, one directory each. */
function upwards(last: string, first: string): readonly string[] {
  const list: string[] = [];
  for (let path = last; path.length >= first.length; path = dirname(path)) list.unshift(path);
  return list;
}

async function writeFile(root: string, step: FileStep): Promise<string> {
  const path = join(root, step.path);
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  if (step.content.kind === "copy") {
    // A running executable cannot be written to, but its name can be given to another.
    const temporary = `${path}.new`;
    await copyFile(step.content.from, temporary);
    await chmod(temporary, step.mode);
    await rename(temporary, path);
    return await sha256OfFile(path);
  }
  await writeFileAtomic(path, step.content.text, step.mode);
  await chmod(path, step.mode); // whatever the umask took away
  await giveToGroup(root, path, step.group);
  return sha256OfText(step.content.text);
}

async function giveToGroup(root: string, path: string, group: string | undefined): Promise<void> {
  if (group === undefined) return;
  const groups = await readFile(join(root, "/etc/group"), "utf8").catch(() => "");
  const id = groups.split("\n").map((line) => line.split(":"))
    .find(([name]) => name === group)?.[2];
  if (id === undefined) throw new Error(`There is no group "${group}"`);
  await chown(path, 0, Number(id));
}

/** Runs one command step, and lets an optional one fail. */
export async function runStep(
  step: CommandStep,
  run: (argv: readonly [string, ...string[]]) => Promise<void> = runCommand,
): Promise<void> {
  try {
    await run(step.argv);
  } catch (error) {
    if (step.optional !== true) throw error;
  }
}

/** Runs a command to its end. */
export function runCommand(argv: readonly [string, ...string[]]): Promise<void> {
  const [command, ...args] = argv;
  return new Promise((resolve, reject) => {
    execFile(command, args, { timeout: COMMAND_TIMEOUT_MS }, (error, stdout, stderr) => {
      if (error === null) return resolve();
      const said = `${stdout}${stderr}`.trim();
      reject(new Error(said === "" ? error.message : said, { cause: error }));
    });
  });
}

/** The error of a step that could not be carried out. */
export function stepError(step: Step, error: unknown): PodsteadError {
  const code = (error as NodeJS.ErrnoException).code; // absent on what node did not throw
  const denied = code === "EACCES" || code === "EPERM";
  const what = step.kind === "command"
    ? `run "${step.argv.join(" ")}"`
    : step.kind === "group"
    ? `create the group "${step.name}"`
    : step.kind === "remove"
    ? `remove ${step.path}`
    : `write ${step.path}`;
  return new PodsteadError(
    denied ? "permission" : "failed",
    `Cannot ${what}: ${errorText(error)}`,
    {
      cause: error,
      hint: denied
        ? "Run it as root"
        : step.kind === "command" && step.argv.includes("restart")
        ? `See why: journalctl -u ${step.argv.at(-1)} -n 30`
        : "Run it again after that is fixed: what is done already is kept",
    },
  );
}
