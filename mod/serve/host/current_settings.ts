import type { Settings } from "../../config/mod.ts";

/** The settings that are used now: those that the agent started with, then the agent's own. */
export class CurrentSettings {
  #source: () => Settings;

  constructor(first: Settings) {
    this.#source = () => first;
  }

  get(): Settings {
    return this.#source();
  }

  /** From now on the settings are what `source` gives. */
  follow(source: () => Settings): void {
    this.#source = source;
  }
}
