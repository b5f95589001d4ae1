/** The state directory of an agent: found without its config, held alone, and read. */
import { type LoadedState, loadState, sweepState } from "../../agent/mod.ts";
import { type DirectoryLock, lockWritableLater } from "../../os/mod.ts";
import { pointerDirectory, StatePointer } from "./state_pointer.ts";

/** A state directory that this process holds. */
export interface OpenState extends LoadedState {
  readonly directory: string;
}

/** Opens state directories, and holds every one that it has opened. */
export class StateDirectory {
  readonly #given: string | undefined;
  readonly #pointer: StatePointer;
  readonly #locks = new Map<string, DirectoryLock>();

  /** @param given by the caller or the service manager: counts more than what a config says */
  constructor(
    given: string | undefined,
    configPath: string,
    env: Readonly<Record<string, string | undefined>>,
  ) {
    this.#given = given;
    this.#pointer = new StatePointer(pointerDirectory(env), configPath);
  }

  /**
   * The state as far as it is found without the config; undefined if only the config
   * says where it is.
   *
   * @throws {PodsteadError} if it cannot be locked or read
   */
  async find(): Promise<OpenState | undefined> {
    const directory = this.#given ?? await this.#pointer.read();
    return directory === undefined ? undefined : await this.#open(directory);
  }

  /**
   * The state once the config is known. A state that was found before goes on in the
   * directory that the config names now.
   *
   * @param configured what the config says, or its default
   * @throws {PodsteadError} if it cannot be locked or read
   */
  async settle(found: OpenState | undefined, configured: string): Promise<OpenState> {
    const directory = this.#given ?? configured;
    if (found?.directory === directory) return found;
    const opened = await this.#open(directory);
    return found === undefined || found.state.revision === 0 ? opened : { ...found, directory };
  }

  /**
   * Notes the directory for the next start.
   *
   * @returns why that could not be done; undefined if it was, or need not be
   */
  async remember(directory: string): Promise<string | undefined> {
    return this.#given === undefined ? await this.#pointer.write(directory) : undefined;
  }

  /** Gives up every directory. */
  async close(): Promise<void> {
    for (const lock of this.#locks.values()) await lock.release();
    this.#locks.clear();
  }

  async #open(directory: string): Promise<OpenState> {
    const lock = await lockWritableLater(directory);
    this.#locks.set(directory, lock);
    await sweepState(directory);
    return { directory, ...await loadState(directory) };
  }
}
