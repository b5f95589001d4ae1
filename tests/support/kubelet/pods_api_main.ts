/** The pods API alone, as a process of its own: each line of its input is what it serves from then on. */
import process from "node:process";
import { createInterface } from "node:readline";
import { type ServedPod, servePodsApi } from "./pods_api.ts";

/** What a line says. */
export interface PodsApiState {
  readonly pods: readonly ServedPod[];
  readonly ready: boolean;
  readonly exhausted?: boolean;
}

let state: PodsApiState = { pods: [], ready: true };
await servePodsApi({
  socket: process.argv[2] ?? "",
  pods: () => state.pods,
  ready: () => state.ready,
  exhausted: () => state.exhausted === true,
});
process.stdout.write("listening\n");
for await (const line of createInterface({ input: process.stdin })) {
  state = JSON.parse(line);
  process.stdout.write("taken\n");
}
process.exit();
