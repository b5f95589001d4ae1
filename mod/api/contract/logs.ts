/** Which lines of a log are wanted. Everything set must hold; nothing set is the whole log. */
export interface LogSelection {
  /** The last lines of those that all else selects; parts that make one line count once. */
  readonly tail?: number;
  /** Lines written at or after it, nanoseconds since the epoch. */
  readonly sinceNs?: bigint;
  /** Lines written before it, so that two ranges that touch share no line. */
  readonly untilNs?: bigint;
  readonly stream?: "stdout" | "stderr";
  readonly grep?: {
    /** A JavaScript regular expression, without slashes. */
    readonly pattern: string;
    readonly ignoreCase?: boolean;
    readonly invert?: boolean;
  };
  /** Maximum of bytes of output; the cut may fall inside a line. */
  readonly limitBytes?: number;
}

/** Which logs, which of their lines, and how they are written. */
export interface LogRequest {
  /** `POD[:CONTAINER[:HASH]]` or the beginning of a container ID; empty if a selector chooses. */
  readonly references: readonly string[];
  /** Every container of the pods that it chooses by their labels: `app=web,tier!=db`. */
  readonly selector?: string;
  /** Only pods of this namespace, of those that the selector chooses. */
  readonly namespace?: string;
  /** The container's name, if the references leave it out. */
  readonly container?: string;
  /** Init containers too, and all of a pod that names a default container. */
  readonly allContainers?: boolean;
  /** The attempt before the newest. */
  readonly previous: boolean;
  /** This attempt; the newest if it is left out. */
  readonly attempt?: number;
  /** Continues with what is written later, over restarts. */
  readonly follow: boolean;
  readonly selection: LogSelection;
  readonly format: "raw" | "text" | "json";
  /** `text`: the time before each message; `json`: the zone of its time. */
  readonly timestamps?: "utc" | "local";
  /** Colours the prefixes by which several logs are told apart. */
  readonly color: boolean;
}
