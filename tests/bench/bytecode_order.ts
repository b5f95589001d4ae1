/**
 * Records which functions an agent needs, so that the next executable has their bytecode in one
 * place: what is between them is then not read into memory, some 4 MB.
 *
 * Run: deno task compile && deno task order, after large changes. An old record still fits all
 * functions that are as they were.
 */
import process from "node:process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stringify } from "yaml";
import { realisticPod } from "../support/realistic_pod.ts";
import { TestNode } from "../support/node.ts";

const RECORD = fileURLToPath(new URL("../../packaging/bytecode_order.txt", import.meta.url));
const PODS = 20;
const RELOADS = 3;
const REST_MS = 2_000;

const node = await TestNode.create();
try {
  const written = join(node.directory, "order.txt");
  node.agentEnv = { BUN_BYTECODE_ORDER_OUT: written };
  writePods(0);
  await node.startAgent();
  for (let generation = 1; generation <= RELOADS; generation++) {
    writePods(generation);
    await node.signalAgent("SIGHUP");
    await new Promise((resolve) => setTimeout(resolve, REST_MS));
    await node.served();
  }
  await node.signalAgent("SIGTERM", true); // it writes at its end
  writeFileSync(RECORD, used(readFileSync(written, "utf8")));
} finally {
  await node.close();
}
process.exit(0); // the agent's pipes are open yet

function writePods(generation: number): void {
  const pods = Array.from({ length: PODS }, (_, seed) => {
    const pod = structuredClone(realisticPod(seed)) as { metadata: { labels?: object } };
    if (seed === 0) pod.metadata.labels = { generation: `g${generation}` };
    return pod;
  });
  node.writePods(stringify(pods, { aliasDuplicateObjects: false }), "  replace: kubelet\n");
}

/** The version, functions and modules of a record: nine tenths of the rest bring a tenth of it. */
function used(record: string): string {
  return record.split("\n").filter((line) => /^(v\d|F |M )/.test(line)).join("\n") + "\n";
}
