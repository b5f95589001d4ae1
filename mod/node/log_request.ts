import type { LogSelection, TimeZone } from "../logs/mod.ts";

/** Which logs, which of their lines, and how they are written; plain data, so that it can cross the admin socket. */
export interface LogRequest {
  /** `POD[:CONTAINER[:HASH]]` or the beginning of a container ID; with labels it may be empty. */
  readonly references: readonly string[];
  /** Every container of the pods with all of these labels. */
  readonly labels: readonly (readonly [key: string, value: string])[];
  /** The container's name, where the references leave it out. */
  readonly container?: string;
  /** The attempt before the newest. */
  readonly previous: boolean;
  /** This attempt; the newest where it is left out. */
  readonly attempt?: number;
  /** Goes on with what is written later, over restarts. */
  readonly follow: boolean;
  readonly selection: LogSelection;
  readonly format: "raw" | "text" | "json";
  /** `text`: the time before each message; `json`: the zone of its time. */
  readonly timestamps?: TimeZone;
  /** Colours the prefixes by which several logs are told apart. */
  readonly color: boolean;
}
