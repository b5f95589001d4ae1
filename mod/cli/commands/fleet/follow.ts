/** Follows a roll-out to its end, and tells each step. */
import { type Etcd, follow, type KeyState } from "../../../etcd/mod.ts";
import {
  type Current,
  type FleetKeys,
  readCurrent,
  readReport,
  type RolloutSpec,
} from "../../../fleet/store/mod.ts";
import { isDataOutput, type Output } from "../../output/mod.ts";
import type { CliContext } from "../../shell/context.ts";

/** States in which a roll-out is over, until a person acts. */
const OVER: ReadonlySet<string> = new Set(["done", "halted", "aborted"]);

/**
 * Tells what the nodes tell, until the roll-out is over. Loses nothing while etcd is away.
 *
 * @returns how it stands at its end; `aborted` if another one has taken its place
 * @throws the reason of the interruption, if the command is interrupted
 */
export async function followRollout(
  { world }: CliContext,
  etcd: Etcd,
  keys: FleetKeys,
  spec: RolloutSpec,
  output: Output<"text">,
): Promise<Pick<Current, "state" | "reason">> {
  const { clock, stdout, stderr, interrupted } = world;
  const over = new AbortController();
  const stop = () => over.abort();
  interrupted.addEventListener("abort", stop, { once: true });
  const options = { clock, signal: over.signal, random: Math.random };
  const tell = (line: string) => isDataOutput(output) ? undefined : stdout.write(`${line}\n`);
  let end: Pick<Current, "state" | "reason"> | undefined;

  const told = new Map<string, string>();
  const onNode = (key: KeyState) => {
    if (!key.key.startsWith(keys.nodes) || !key.key.endsWith("/rollout")) return;
    const { id, state, message } = readReport(key);
    const node = key.key.slice(keys.nodes.length, -"/rollout".length);
    const line = `${node} ${state}${message === undefined ? "" : `: ${message}`}`;
    if (id !== spec.id || told.get(node) === line) return;
    told.set(node, line);
    tell(line);
  };
  let batch = 0;
  const onCurrent = (key: KeyState) => {
    const current = readCurrent(key);
    const isOther = current.id !== spec.id;
    if (!isOther && current.batch !== batch && current.state === "running") {
      batch = current.batch;
      tell(`batch ${batch} of ${current.batches}`);
    }
    if (!isOther && !OVER.has(current.state)) return;
    end ??= isOther
      ? { state: "aborted", reason: `the roll-out ${current.id} has taken its place` }
      : current;
  };
  const take = (found: readonly KeyState[]) => {
    // The state comes last: it is written together with what the nodes say.
    for (const key of found) if (key.key !== keys.current) onNode(key);
    for (const key of found) if (key.key === keys.current) onCurrent(key);
  };
  let isLost = false;
  // `current` and all that nodes say are neighbours: one watch tells of both, in order.
  const range = { from: keys.current, toPrefix: keys.nodes };
  for await (const one of follow(etcd, range, options)) {
    if (one.kind === "lost" && !isLost) {
      stderr.write(`warning: ${one.error.message}; the nodes do not need this command\n`);
    }
    isLost = one.kind === "lost";
    if (one.kind === "list") take(one.snapshot.keys);
    if (one.kind === "events") take(one.events.flatMap(({ state }) => state ?? []));
    if (end !== undefined) break;
  }
  interrupted.removeEventListener("abort", stop);
  if (end === undefined) throw interrupted.reason;
  tell(`rollout ${spec.id} ${end.state}${end.reason === undefined ? "" : `: ${end.reason}`}`);
  return end;
}
