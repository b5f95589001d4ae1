/**
 * What a running container sees of its volumes, variables and words: read from the node's `/proc`,
 * so that nothing of the container's image or runtime has a say in it.
 */
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** A container as it is. */
export interface ContainerView {
  /** The words of its command after its mark. */
  readonly words: readonly string[];
  /** `NAME=value`, sorted. */
  readonly env: readonly string[];
  /** What is mounted below {@linkcode MOUNTS}, by path. */
  readonly mounts: Readonly<Record<string, MountView>>;
}

/** A mount as it is. */
export interface MountView {
  readonly readOnly: boolean;
  /** Such as `tmpfs`; any file system of a disk is `disk`. */
  readonly on: "tmpfs" | "disk";
  /** One line for the mount itself (`.`) and each entry below it, sorted by path. */
  readonly entries: readonly string[];
}

/** Where the containers have their volumes. */
export const MOUNTS = "/v/";

/** What stands in fixtures for the name of a directory with one set of files. */
const SET = "..SET";

/** The longest content that is shown, in bytes; of a longer one there is its hash. */
const SHOWN_BYTES = 200;

/** A command that waits; the words after it are in `/proc`, and mean nothing to it. */
export const WAITING = ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 2147483647 & wait $!"] as const;

/**
 * The running containers with these marks, by mark.
 *
 * @param marks such as `web/c`: the first word after {@linkcode WAITING}
 */
export function viewContainers(marks: ReadonlySet<string>): ReadonlyMap<string, ContainerView> {
  const found = new Map<string, ContainerView>();
  for (const id of readdirSync("/proc")) {
    if (!/^\d+$/.test(id)) continue;
    try {
      const line = wordsIn(`/proc/${id}/cmdline`);
      const mark = line[WAITING.length] ?? "";
      if (!WAITING.every((word, at) => line[at] === word) || !marks.has(mark)) continue;
      found.set(mark, viewProcess(id, line.slice(WAITING.length + 1)));
    } catch {
      continue; // it has ended meanwhile
    }
  }
  return found;
}

function viewProcess(id: string, words: readonly string[]): ContainerView {
  const mounts: [string, MountView][] = [];
  for (const line of readFileSync(`/proc/${id}/mountinfo`, "utf8").split("\n")) {
    const [left = "", right = ""] = line.split(" - ");
    const [, , , , path = "", options = ""] = left.split(" ");
    if (!path.startsWith(MOUNTS)) continue;
    mounts.push([path, {
      readOnly: options.split(",").includes("ro"),
      on: right.startsWith("tmpfs ") ? "tmpfs" : "disk",
      entries: entriesOf(`/proc/${id}/root${path}`),
    }]);
  }
  return {
    words,
    env: wordsIn(`/proc/${id}/environ`).sort(),
    mounts: Object.fromEntries(mounts.sort(([a], [b]) => a < b ? -1 : 1)),
  };
}

/** `PATH: drwxr-xr-x 0:0`, a file with its content, a link with its target. */
function entriesOf(root: string): readonly string[] {
  const paths = lstatSync(root).isDirectory()
    ? ["", ...readdirSync(root, { recursive: true, encoding: "utf8" })]
    : [""];
  return paths.map((path) => {
    const facts = lstatSync(join(root, path));
    const kind = facts.isDirectory() ? "d" : facts.isSymbolicLink() ? "l" : "-";
    const mode = kind === "l" ? "" : ` ${(facts.mode & 0o7777).toString(8).padStart(4, "0")}`;
    const content = facts.isSymbolicLink()
      ? ` -> ${readlinkSync(join(root, path))}`
      : facts.isFile()
      ? ` ${shown(readFileSync(join(root, path)))}`
      : "";
    return withoutTime(`${path || "."}: ${kind}${mode} ${facts.uid}:${facts.gid}${content}`);
  }).sort();
}

function withoutTime(text: string): string {
  return text.replaceAll(/\.\.\d{4}(_\d\d){5}\.\d+/g, SET);
}

function shown(content: Uint8Array): string {
  const text = new TextDecoder().decode(content);
  const isText = content.length <= SHOWN_BYTES &&
    Buffer.from(text).equals(Buffer.from(content));
  return isText
    ? JSON.stringify(text)
    : `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function wordsIn(path: string): string[] {
  return readFileSync(path, "utf8").split("\0").slice(0, -1);
}
