/** What a node remembers of its fleet: on disk, so that neither a crash nor etcd can change it. */
import { join } from "node:path";
import * as v from "valibot";
import { canonicalJson, type JsonObject, parseJson } from "../../core/mod.ts";
import {
  isNoOwnFile,
  MAX_OWN_BYTES,
  putAside,
  readRegularText,
  writeFileAtomic,
} from "../../os/mod.ts";

/** How a node's turn in a roll-out ended. */
export type TurnEnd = "ready" | "unchanged" | "reverted" | "failed";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

const TurnSchema = v.object({
  /** Of the roll-out. */
  id: v.string(),
  /** Where the node stood when it began. */
  backTo: Count,
  lastTrial: v.string(),
  end: v.exactOptional(v.picklist(["ready", "unchanged", "reverted", "failed"])),
  /** Why it was taken back or refused. */
  message: v.exactOptional(v.string()),
  /** Whether etcd has been told of the end. */
  told: v.boolean(),
});

const LocalSchema = v.object({
  format: v.literal(1),
  /** The newest that this node has seen of etcd: going back behind it means a restored etcd. */
  seen: v.exactOptional(v.object({
    clusterId: v.string(),
    revision: v.string(),
    rollout: v.exactOptional(v.string()),
  })),
  turn: v.exactOptional(TurnSchema),
  /** Since when a person has taken the node out of the fleet; ISO 8601. */
  detached: v.exactOptional(v.string()),
});

/** What is remembered. */
export type Local = Omit<v.InferOutput<typeof LocalSchema>, "format">;

const FILE = "fleet.json";

/** Reads it; a damaged file is put aside, and counts as none. */
export async function loadLocal(stateDir: string): Promise<Local> {
  const path = join(stateDir, FILE);
  let text = "";
  try {
    text = await readRegularText(path, MAX_OWN_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    if (!isNoOwnFile(error)) throw error;
  }
  try {
    const { format: _, ...local } = v.parse(LocalSchema, parseJson(text));
    return local;
  } catch {
    await putAside(path);
    return {};
  }
}

/** Writes it, atomically. */
export async function saveLocal(stateDir: string, local: Local): Promise<void> {
  const data = { format: 1, ...local } as unknown as JsonObject; // plain data throughout
  await writeFileAtomic(join(stateDir, FILE), canonicalJson(data), 0o600);
}
