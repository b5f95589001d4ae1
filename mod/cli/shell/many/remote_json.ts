import { Buffer } from "node:buffer";
import { AgentUnreachable, errorText, parseJson, PodsteadError } from "../../../core/mod.ts";
import { type Document, isDataOutput, type Output } from "../../output/mod.ts";
import type { CliContext, RemoteNode } from "../context.ts";

/**
 * What a command of a node's own podstead prints.
 *
 * @throws {PodsteadError} with the message of the command, if it fails there
 */
export async function remoteBytes(node: RemoteNode, args: readonly string[]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of node.run(args)) chunks.push(chunk);
  } catch (error) {
    throw new PodsteadError("failed", errorText(error), { cause: error });
  }
  return Buffer.concat(chunks);
}

/**
 * The document that a command of a node's own podstead prints.
 *
 * @throws {PodsteadError} with the message of the command, if it fails there
 */
export async function remoteJson<T>(node: RemoteNode, args: readonly string[]): Promise<T> {
  const text = (await remoteBytes(node, [...args, "-o", "json"])).toString("utf8");
  try {
    return parseJson(text) as T; // podstead wrote it
  } catch (error) {
    throw new AgentUnreachable("The node broke off its answer", { cause: error });
  }
}

/** Shows what a command of a node's own podstead shows: as it is, or its document. */
export async function showRemote(
  context: CliContext,
  node: RemoteNode,
  args: readonly string[],
  output: Output<string>,
): Promise<void> {
  if (isDataOutput(output)) {
    return await context.print.data(output, await remoteJson<Document>(node, args));
  }
  const wide = output.kind === "wide" ? ["-o", "wide"] : [];
  context.world.stdout.write((await remoteBytes(node, [...args, ...wide])).toString("utf8"));
}
