import { eventually, type TestNode } from "../support/node.ts";

/**
 * Asks `podstead` until its verdict is one.
 *
 * @returns what it said then
 * @throws after `limitMs`, with what it said last
 */
export async function untilVerdict(
  node: TestNode,
  { pattern, code, limitMs }: {
    readonly pattern: RegExp;
    readonly code: number;
    readonly limitMs: number;
  },
): Promise<string> {
  let last = "";
  return await eventually(`${pattern}`, async () => {
    const { stdout, code: got } = await node.podstead();
    last = stdout;
    return pattern.test(stdout) && got === code ? stdout : undefined;
  }, limitMs).catch((error) => {
    throw new Error(`${error.message}: ${last}\n${node.lastWords(15)}`);
  });
}
