import { createEscapeFilter } from "../../../text/mod.ts";
import type { Output } from "../../shell/world.ts";

/** Writes a log; on a terminal without the escapes in it, unless `raw` asks for them. */
export async function writeLog(
  stdout: Output,
  chunks: AsyncIterable<Uint8Array>,
  raw: boolean,
): Promise<void> {
  if (raw || !stdout.isTTY) {
    for await (const chunk of chunks) stdout.write(chunk);
    return;
  }
  const escapes = createEscapeFilter();
  for await (const chunk of chunks) stdout.write(escapes.filter(chunk));
  stdout.write(escapes.end());
}
