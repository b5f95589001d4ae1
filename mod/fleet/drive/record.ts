/** A roll-out as it is kept on disk: all that is needed to continue it after the death of its driver. */
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ChangeOperation } from "../../api/contract/mod.ts";
import { errorText, isJsonObject, parseJson, PodsteadError } from "../../core/mod.ts";
import { type DirectoryLock, lockDirectory, writeFileAtomic } from "../../os/mod.ts";
import type { NodeEntry } from "../nodes/mod.ts";
import type { NodeState, RolloutRules, RolloutState } from "../plan/mod.ts";

/** Where one node stands. */
export interface NodeProgress {
  readonly state: NodeState;
  /** When it came to it, ISO 8601. */
  readonly since: string;
  /** Why, as text; absent if there is nothing to say. */
  readonly message?: string;
  /** The node's revision that has the change. */
  readonly revision?: number;
  /** Where the node stood before its turn: what the change brings is later. */
  readonly base?: TurnBase;
}

/** Where a node stands before its turn. */
export interface TurnBase {
  /** Its newest revision. */
  readonly revision: number;
  /** When its last trial ended, as it tells it itself; absent if it had none. */
  readonly trialAt?: string;
}

/** One roll-out. */
export interface RolloutRecord {
  /** Of this format. */
  readonly format: 1;
  readonly id: string;
  /** ISO 8601 */
  readonly createdAt: string;
  readonly rules: RolloutRules;
  /** How each node of the rules is reached; frozen with them. */
  readonly targets: readonly NodeEntry[];
  /** What is changed on each node. */
  readonly operations: readonly ChangeOperation[];
  /** Why, for the history of the nodes. */
  readonly message?: string;
  readonly state: RolloutState;
  /** Why it is halted. */
  readonly reason?: string;
  readonly nodes: Readonly<Record<string, NodeProgress>>;
}

/** What a person asks of a roll-out that is driven by another process. */
export type RolloutRequest = "pause" | "abort";

/** For its owner alone: a change may hold secrets. */
const MODE = 0o600;

const ID = /^[\w.-]+$/;

/** The roll-outs of one user. */
export class RolloutStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Newest first; what cannot be read is left out. */
  async list(): Promise<readonly RolloutRecord[]> {
    const names = await readdir(this.#directory).catch(() => []); // there was no roll-out yet
    const records = await Promise.all(
      names.map((id) => this.read(id).catch(() => undefined)), // a foreign or half-made folder
    );
    return records.filter((one) => one !== undefined)
      .sort((one, other) => one.id < other.id ? 1 : -1);
  }

  /** @throws {PodsteadError} `not-found`, or if the file is damaged */
  async read(id: string): Promise<RolloutRecord> {
    const path = this.#file(id, "rollout.json");
    let text: string;
    try {
      text = await readFile(path, "utf8");
    } catch (error) {
      throw new PodsteadError("not-found", `There is no roll-out "${id}"`, {
        cause: error,
        hint: 'See them with "podstead rollout history"',
      });
    }
    try {
      const value = parseJson(text);
      if (isJsonObject(value) && value.format === 1) return value as unknown as RolloutRecord; // our own
      throw new Error("another version of podstead wrote it");
    } catch (error) {
      throw new PodsteadError("failed", `Cannot read the roll-out "${path}": ${errorText(error)}`, {
        cause: error,
      });
    }
  }

  /** The newest roll-out, or the one with an ID. @throws {PodsteadError} `not-found` */
  async find(id: string | undefined): Promise<RolloutRecord> {
    if (id !== undefined) return await this.read(id);
    const [newest] = await this.list();
    if (newest !== undefined) return newest;
    throw new PodsteadError("not-found", "There has been no roll-out from this machine", {
      hint: "Start one: podstead rollout apply -f FILE -N @web",
    });
  }

  async save(record: RolloutRecord): Promise<void> {
    await mkdir(this.#file(record.id), { recursive: true, mode: 0o700 });
    await writeFileAtomic(
      this.#file(record.id, "rollout.json"),
      `${JSON.stringify(record, null, 1)}\n`,
      MODE,
    );
  }

  /** Makes this process the driver of a roll-out. @throws {PodsteadError} if another one is */
  async drive(id: string): Promise<DirectoryLock> {
    try {
      return await lockDirectory(this.#file(id));
    } catch (error) {
      throw new PodsteadError("failed", `The roll-out "${id}" is driven by another process`, {
        cause: error,
        hint: 'See "podstead rollout status"',
      });
    }
  }

  /** Whether a process drives it. */
  async isDriven(id: string): Promise<boolean> {
    try {
      await (await this.drive(id)).release();
      return false;
    } catch {
      return true;
    }
  }

  /** Asks the driver for something. */
  async request(id: string, request: RolloutRequest): Promise<void> {
    await writeFileAtomic(this.#file(id, "request"), request, MODE);
  }

  /** What was asked for since the driver began; undefined if nothing was. */
  async requested(id: string): Promise<RolloutRequest | undefined> {
    const text = await readFile(this.#file(id, "request"), "utf8").catch(() => ""); // none
    return text === "pause" || text === "abort" ? text : undefined;
  }

  /** Forgets what was asked for. */
  async forgetRequest(id: string): Promise<void> {
    await writeFileAtomic(this.#file(id, "request"), "", MODE);
  }

  #file(id: string, ...name: readonly string[]): string {
    if (!ID.test(id) || id.startsWith(".")) {
      throw new PodsteadError("usage", `"${id}" is not the ID of a roll-out`, {
        hint: 'See them with "podstead rollout history"',
      });
    }
    return join(this.#directory, id, ...name);
  }
}

/** Where roll-outs of a user are: in `XDG_STATE_HOME`, else in `~/.local/state`. */
export function rolloutsPath(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_STATE_HOME || join(env.HOME ?? "/", ".local", "state");
  return join(base, "podstead", "rollouts");
}
