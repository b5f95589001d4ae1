/** From the operations of a change to the new texts of the config's files; pure. */
import { dirname, join } from "node:path";
import { isJsonObject, nearest, PodsteadError, UsageError } from "../../core/mod.ts";
import type { JsonObject, JsonValue } from "../../core/mod.ts";
import { appendDocument, editValue, removeValue, type ValuePlace } from "../edit/edit_file.ts";
import { jsonPatch } from "../patch/json_patch.ts";
import { sha256Of } from "../revisions/record.ts";
import { strategicMerge } from "../patch/strategic_merge.ts";
import type { GivenObject, GivenPod, ObjectKey, Operation, PodKey, StopNote } from "./operation.ts";

/** A pod in a file's text. */
export interface PodPlace extends PodKey, ValuePlace {
  readonly pod: JsonObject;
}

/** A stop in a file's text: an item of a list of its document. */
export interface StopPlace extends PodKey, ValuePlace {
  readonly value: JsonObject;
}

/** A ConfigMap or Secret in a file's text. */
export interface ObjectPlace extends ObjectKey, ValuePlace {}

/** What operations are planned on. */
export interface Sources {
  /** Absolute path of the main config file. */
  readonly main: string;
  /** The text of each file that is read, the main one included, by absolute path. */
  readonly texts: ReadonlyMap<string, string>;
  /** Where drop-ins of new pods go; their names end with `.yaml`. */
  readonly dropIns: string;
  /** The pods that a text declares. */
  readonly podsIn: (file: string, text: string) => readonly PodPlace[];
  /** The pods that a text stops. */
  readonly stopsIn: (file: string, text: string) => readonly StopPlace[];
  /** A document that stops one pod. */
  readonly stopDocument: (item: JsonObject) => JsonObject;
  /** The ConfigMaps and Secrets that a text declares. */
  readonly objectsIn: (file: string, text: string) => readonly ObjectPlace[];
}

/** One file before and after a change; undefined if there is no such file. */
export interface FileEdit {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * The files that the operations change, in the order of their paths; files that
 * end as they began are left out.
 *
 * @throws {PodsteadError} if an operation cannot be done; nothing of the others is then done
 */
export function planEdits(
  operations: readonly Operation[],
  sources: Sources,
): readonly FileEdit[] {
  const draft = new Draft(sources);
  for (const operation of operations) draft.do(operation);
  return draft.edits();
}

/** The drop-in that holds the stopped pods. */
const STOPS_FILE = "podstead-stopped.yaml";
const STOPS_COMMENT =
  "# These pods stay declared and are not served: `podstead start POD` ends that.\n";

class Draft {
  readonly #sources: Sources;
  readonly #texts: Map<string, string>;

  constructor(sources: Sources) {
    this.#sources = {
      ...sources,
      podsIn: remembered(sources.podsIn),
      stopsIn: remembered(sources.stopsIn),
      objectsIn: remembered(sources.objectsIn),
    };
    this.#texts = new Map(sources.texts);
  }

  do(operation: Operation): void {
    switch (operation.kind) {
      case "apply":
        for (const pod of operation.pods) this.#apply(pod);
        for (const object of operation.objects ?? []) this.#applyObject(object);
        return;
      case "config":
        this.#texts.set(this.#sources.main, operation.text);
        return;
      case "write":
        return this.#write(operation);
      case "patch":
        return this.#change(operation.pod, (pod) => {
          if (operation.type === "json") return jsonPatch(pod, operation.patch);
          if (isJsonObject(operation.patch)) return strategicMerge(pod, operation.patch);
          throw new UsageError("A strategic merge patch must be an object", {
            hint: `For example '{"spec":{"containers":[{"name":"c","image":"nginx:1.27"}]}}'`,
          });
        });
      case "set-image":
        return this.#change(
          operation.pod,
          (pod) => withImage(pod, operation.container, operation.image, keyText(operation.pod)),
        );
      case "remove":
        this.#remove(operation.pod);
        return this.#start(operation.pod);
      case "remove-object":
        return this.#removeObject(operation.object);
      case "stop":
        return this.#stop(operation.pod, operation.note);
      case "start":
        return this.#start(operation.pod);
      case "restore":
        this.#texts.clear();
        for (const { path, text } of operation.files) this.#texts.set(path, text);
    }
  }

  edits(): readonly FileEdit[] {
    const before = this.#sources.texts;
    return [...new Set([...before.keys(), ...this.#texts.keys()])].sort()
      .map((path) => ({ path, before: before.get(path), after: this.#texts.get(path) }))
      .filter((edit) => edit.before !== edit.after);
  }

  #apply(given: GivenPod): void {
    const found = this.#find(given);
    if (found !== undefined) {
      const { file, place } = found;
      this.#texts.set(file, editValue(this.#textOf(file), file, place, given.pod));
      return;
    }
    const file = this.#dropInOf(given);
    const text = this.#texts.get(file);
    const own = this.#ownText(file, given);
    this.#texts.set(
      file,
      text === undefined && own !== undefined ? own : appendDocument(text ?? "", file, given.pod),
    );
  }

  /** A pod's own text, unless it has an object that another file declares. */
  #ownText(file: string, { text }: GivenPod): string | undefined {
    if (text === undefined) return undefined;
    const objects = this.#sources.objectsIn(file, text);
    if (objects.some((one) => this.#findObject(one) !== undefined)) return undefined;
    return `${text.trim()}\n`;
  }

  #applyObject(given: GivenObject): void {
    const found = this.#findObject(given);
    if (found !== undefined) {
      const { file, place } = found;
      this.#texts.set(file, editValue(this.#textOf(file), file, place, given.object));
      return;
    }
    const beside = given.beside === undefined ? undefined : this.#find(given.beside)?.file;
    const file = beside === undefined || beside === this.#sources.main
      ? this.#dropInOf(given)
      : beside;
    this.#texts.set(file, appendDocument(this.#textOf(file), file, given.object, given.text));
  }

  #dropInOf({ namespace, name }: PodKey): string {
    return join(this.#sources.dropIns, `${namespace}-${name}.yaml`);
  }

  #write({ file, text, baseSha256 }: Extract<Operation, { kind: "write" }>): void {
    const current = this.#texts.get(file);
    if (baseSha256 !== undefined && (current === undefined || sha256Of(current) !== baseSha256)) {
      throw new PodsteadError("failed", `"${file}" has changed since it was read`, {
        hint: "Look at it again; what you wrote was not applied",
      });
    }
    if (current === undefined && dirname(file) !== this.#sources.dropIns) {
      throw new PodsteadError("not-found", `"${file}" is no file of the config`, {
        hint: `Files are "${this.#sources.main}" and those in "${this.#sources.dropIns}"`,
      });
    }
    this.#texts.set(file, text);
  }

  #change(key: PodKey, change: (pod: JsonObject) => JsonObject): void {
    const { file, place } = this.#get(key);
    const after = change(place.pod);
    this.#texts.set(file, editValue(this.#textOf(file), file, place, after));
  }

  #remove(key: PodKey): void {
    const { file, place } = this.#get(key);
    this.#takeOut(file, place);
  }

  #removeObject(key: ObjectKey): void {
    const found = this.#findObject(key);
    if (found === undefined) {
      throw new PodsteadError(
        "not-found",
        `No file of the config declares the ${key.kind} ${keyText(key)}`,
        { hint: `See "podstead get ${key.kind.toLowerCase()}s -o wide"` },
      );
    }
    this.#takeOut(found.file, found.place);
  }

  #takeOut(file: string, place: ValuePlace): void {
    const left = removeValue(this.#textOf(file), file, place);
    if (left !== undefined) this.#texts.set(file, left);
    // A node without its main config does not start: one that sets nothing stays.
    else if (file === this.#sources.main) this.#texts.set(file, "machine: {}\n");
    else this.#texts.delete(file);
  }

  #stop(key: PodKey, note: StopNote | undefined): void {
    const known = this.#stops().find(({ place }) => isSame(place, key));
    if (known !== undefined) {
      // A person may want to be down what a take-over holds for now; their own stop stays theirs.
      const isTakenFromTakeOver = known.place.value["for"] !== undefined &&
        note?.for === undefined;
      if (!isTakenFromTakeOver) return;
      this.#start(key);
    }
    const item: JsonObject = { pod: keyText(key), ...note };
    const file = join(this.#sources.dropIns, STOPS_FILE);
    const text = this.#texts.get(file);
    const [first, ...others] = text === undefined ? [] : this.#sources.stopsIn(file, text);
    if (text === undefined || first === undefined) {
      const added = appendDocument(text ?? "", file, this.#sources.stopDocument(item));
      this.#texts.set(file, text === undefined ? STOPS_COMMENT + added : added);
      return;
    }
    const list = [first, ...others].filter(({ document }) => document === first.document);
    const place = { document: first.document, path: first.path.slice(0, -1) };
    this.#texts.set(file, editValue(text, file, place, [...list.map(({ value }) => value), item]));
  }

  /** Takes every stop of a pod out, and the document with the last one. */
  #start(key: PodKey): void {
    for (;;) {
      const found = this.#stops().find(({ place }) => isSame(place, key));
      if (found === undefined) return;
      const { file, place: { document, path } } = found;
      const text = this.#textOf(file);
      const isLast = this.#sources.stopsIn(file, text)
        .filter((stop) => stop.document === document).length === 1;
      const left = removeValue(text, file, { document, path: isLast ? [] : path });
      if (left === undefined) this.#texts.delete(file);
      else this.#texts.set(file, left);
    }
  }

  #stops(): readonly { readonly file: string; readonly place: StopPlace }[] {
    return [...this.#texts].flatMap(([file, text]) =>
      this.#sources.stopsIn(file, text).map((place) => ({ file, place }))
    );
  }

  #find(key: PodKey): { readonly file: string; readonly place: PodPlace } | undefined {
    for (const [file, text] of this.#texts) {
      const place = this.#sources.podsIn(file, text).find((pod) => isSame(pod, key));
      if (place !== undefined) return { file, place };
    }
    return undefined;
  }

  #findObject(
    key: ObjectKey,
  ): { readonly file: string; readonly place: ObjectPlace } | undefined {
    for (const [file, text] of this.#texts) {
      const place = this.#sources.objectsIn(file, text)
        .find((one) => one.kind === key.kind && isSame(one, key));
      if (place !== undefined) return { file, place };
    }
    return undefined;
  }

  #get(key: PodKey): { readonly file: string; readonly place: PodPlace } {
    const found = this.#find(key);
    if (found !== undefined) return found;
    const known = [...this.#texts].flatMap(([file, text]) => this.#sources.podsIn(file, text))
      .map(keyText);
    const near = nearest(keyText(key), known);
    throw new PodsteadError("not-found", `No file of the config declares the pod ${keyText(key)}`, {
      hint: near === undefined ? 'See "podstead get staticpods -o wide"' : `Did you mean ${near}?`,
    });
  }

  #textOf(file: string): string {
    return this.#texts.get(file) ?? "";
  }
}

/** Reads a file again only if its text is another: each operation looks through all of them. */
function remembered<T>(read: (file: string, text: string) => T): (file: string, text: string) => T {
  const last = new Map<string, { readonly text: string; readonly found: T }>();
  return (file, text) => {
    const known = last.get(file);
    if (known?.text === text) return known.found;
    const found = read(file, text);
    last.set(file, { text, found });
    return found;
  };
}

/** A pod with another image in one of its containers. */
function withImage(
  pod: JsonObject,
  container: string | undefined,
  image: string,
  name: string,
): JsonObject {
  const spec = isJsonObject(pod.spec) ? pod.spec : {};
  const lists = ["containers", "initContainers"] as const;
  const named = lists.flatMap((list) => namesIn(spec[list]).map((own) => ({ list, own })));
  const wanted = container ??
    (namesIn(spec.containers).length === 1 ? namesIn(spec.containers)[0] : undefined);
  if (wanted === undefined) {
    throw new UsageError(`The pod ${name} has several containers`, {
      hint: `Name one of ${named.map(({ own }) => own).join(", ")}: ${name}:CONTAINER=IMAGE`,
    });
  }
  const found = named.find(({ own }) => own === wanted);
  if (found === undefined) {
    throw new PodsteadError("not-found", `The pod ${name} has no container "${wanted}"`, {
      hint: `It has ${named.map(({ own }) => own).join(", ")}`,
    });
  }
  const list = spec[found.list];
  const changed = (Array.isArray(list) ? list : []).map((one: JsonValue) =>
    isJsonObject(one) && one.name === wanted ? { ...one, image } : one
  );
  return { ...pod, spec: { ...spec, [found.list]: changed } };
}

function namesIn(list: JsonValue | undefined): readonly string[] {
  return (Array.isArray(list) ? list : []).flatMap((one: JsonValue) =>
    isJsonObject(one) && typeof one.name === "string" ? [one.name] : []
  );
}

function isSame(a: PodKey, b: PodKey): boolean {
  return a.namespace === b.namespace && a.name === b.name;
}

function keyText({ namespace, name }: PodKey): string {
  return `${namespace}/${name}`;
}
