/** What a person or a tool may ask to change of what a node declares. */
import type { JsonObject, JsonValue } from "../../core/mod.ts";

/** Which pod is meant. */
export interface PodKey {
  readonly namespace: string;
  readonly name: string;
}

/** A pod to declare, as it was given. */
export interface GivenPod extends PodKey {
  readonly pod: JsonObject;
  /** Its document as it was written, comments and all; used for a new file. */
  readonly text?: string;
}

/** What is written down beside a stop. */
export interface StopNote {
  readonly why?: string;
  /** The user ID of who asked for it. */
  readonly by?: number;
  /** ISO 8601 */
  readonly since: string;
  /** What holds it, unless it is a person's wish. */
  readonly for?: "take-over";
}

/** Which ConfigMap or Secret is meant. */
export interface ObjectKey extends PodKey {
  readonly kind: "ConfigMap" | "Secret";
}

/** A ConfigMap or Secret to declare. */
export interface GivenObject extends ObjectKey {
  readonly object: JsonObject;
  /** Its document as text, for a place of its own. */
  readonly text?: string;
  /** The pod in whose file a new one goes; one without a pod goes into a drop-in of its own. */
  readonly beside?: PodKey;
}

/** One step of a change; a change is a list of them, done all or none. */
export type Operation =
  /** Declares pods and objects: in the file that declares each now, or else in a drop-in. */
  | {
    readonly kind: "apply";
    readonly pods: readonly GivenPod[];
    readonly objects?: readonly GivenObject[];
  }
  /** A whole node config in the place of the main file. */
  | { readonly kind: "config"; readonly text: string }
  /** One file as a person has edited it; `baseSha256` is of the text that was edited. */
  | {
    readonly kind: "write";
    readonly file: string;
    readonly text: string;
    readonly baseSha256?: string;
  }
  | {
    readonly kind: "patch";
    readonly pod: PodKey;
    readonly type: "strategic" | "json";
    readonly patch: JsonValue;
  }
  | {
    readonly kind: "set-image";
    readonly pod: PodKey;
    /** The only container if it is left out. */
    readonly container?: string;
    readonly image: string;
  }
  | { readonly kind: "remove"; readonly pod: PodKey }
  | { readonly kind: "remove-object"; readonly object: ObjectKey }
  /** Keeps the pod declared, and takes it out of what is served. */
  | {
    readonly kind: "stop";
    readonly pod: PodKey;
    readonly for?: "take-over";
    readonly note?: StopNote;
  }
  /** Serves a stopped pod again. */
  | { readonly kind: "start"; readonly pod: PodKey }
  /** The files as an earlier revision had them. */
  | { readonly kind: "restore"; readonly files: readonly RestoredFile[] };

/** A file of an earlier revision. */
export interface RestoredFile {
  readonly path: string;
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}
