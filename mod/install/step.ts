/** What a step does to what is there now. */
export type StepState = "create" | "update" | "keep";

/** One thing that `install` makes sure of; paths as the node sees them. */
export type Step =
  | DirectoryStep
  | FileStep
  | GroupStep
  | RemoveStep
  | CommandStep;

/** A directory with its rights. */
export interface DirectoryStep {
  readonly kind: "directory";
  readonly state: StepState;
  readonly path: string;
  readonly mode: number;
  /** The group that owns it, by name; undefined is root's. */
  readonly group?: string;
}

/** A file with its content and rights. */
export interface FileStep {
  readonly kind: "file";
  readonly state: StepState;
  readonly path: string;
  readonly mode: number;
  readonly group?: string;
  readonly content: FileContent;
  /**
   * `own` files are ours to bring up to date; a `seed` is written once and then
   * belongs to the administrator; a `pod` is the administrator's from the beginning, and
   * no uninstallation takes it away.
   */
  readonly policy: "own" | "seed" | "pod";
}

/** What is in a file. */
export type FileContent =
  | { readonly kind: "text"; readonly text: string; readonly secret: boolean }
  /** A copy of a file of this machine (not of the root that is installed into). */
  | { readonly kind: "copy"; readonly from: string };

/** A system group. */
export interface GroupStep {
  readonly kind: "group";
  readonly state: "create" | "keep";
  readonly name: string;
}

/** A file that is taken away. */
export interface RemoveStep {
  readonly kind: "remove";
  readonly path: string;
  /** Why, as text that follows the path. */
  readonly why: string;
}

/** A command; it is run every time. */
export interface CommandStep {
  readonly kind: "command";
  readonly argv: readonly [string, ...string[]];
  /** What it is for, as text that follows the command. */
  readonly why: string;
  /** Whether the rest continues if it fails. */
  readonly optional?: boolean;
}

/** The steps, and what a person must know or do besides. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly notes: readonly string[];
}
