import type { Hono } from "hono";
import * as v from "valibot";
import { errorText, parseJson, UsageError } from "../core/mod.ts";
import type { LogRequest, NodeReader, PodsQuery } from "../node/mod.ts";
import { containerRoutes } from "./container_routes.ts";
import { PATHS } from "./contract.ts";
import { dataFrame, errorFrame, noticeFrame } from "./frames.ts";
import { answerJson, answerStream, wireError } from "./server.ts";

/** Routes that read the node for clients of the socket. */
export function nodeRoutes(node: NodeReader): (app: Hono) => void {
  return (app) => {
    containerRoutes(node)(app);
    app.get(PATHS.containers, async (c) => {
      const statuses = statusesOf(c.req.query("statuses"));
      const labels = c.req.query("labels") !== "false";
      return answerJson(await node.pods({ statuses, labels, signal: c.req.raw.signal }));
    });
    app.post(PATHS.logs, async (c) => {
      const request = await logRequest(c.req.raw);
      const notices: string[] = [];
      const { signal } = c.req.raw;
      const onNotice = (text: string) => void notices.push(text);
      const chunks = await node.logs(request, { signal, onNotice });
      return answerStream(framed(chunks, notices), "application/octet-stream");
    });
  };
}

/** Data and notices as frames, in their order. */
async function* framed(
  chunks: AsyncIterable<Uint8Array>,
  notices: string[],
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of chunks) {
      for (const text of notices.splice(0)) yield noticeFrame(text);
      yield dataFrame(chunk);
    }
    for (const text of notices.splice(0)) yield noticeFrame(text);
  } catch (error) {
    yield errorFrame(wireError(error));
  }
}

/** @throws {UsageError} when the body is not a request for logs */
async function logRequest(request: Request): Promise<LogRequest> {
  try {
    return v.parse(LogRequestSchema, parseJson(await request.text())) as LogRequest; // as checked
  } catch (error) {
    throw new UsageError(`This is not a request for logs: ${errorText(error)}`, { cause: error });
  }
}

const NanosecondsSchema = v.union([
  v.bigint(),
  v.pipe(v.number(), v.integer(), v.transform((value) => BigInt(value))),
]);

const LogRequestSchema = v.object({
  references: v.array(v.string()),
  labels: v.array(v.tuple([v.string(), v.string()])),
  container: v.optional(v.string()),
  previous: v.boolean(),
  attempt: v.optional(v.number()),
  follow: v.boolean(),
  selection: v.object({
    tail: v.optional(v.number()),
    sinceNs: v.optional(NanosecondsSchema),
    untilNs: v.optional(NanosecondsSchema),
    stream: v.optional(v.picklist(["stdout", "stderr"])),
    grep: v.optional(v.object({
      pattern: v.string(),
      ignoreCase: v.optional(v.boolean()),
      invert: v.optional(v.boolean()),
    })),
    limitBytes: v.optional(v.number()),
  }),
  format: v.picklist(["raw", "text", "json"]),
  timestamps: v.optional(v.picklist(["utc", "local"])),
  color: v.boolean(),
});

function statusesOf(text: string | undefined): NonNullable<PodsQuery["statuses"]> {
  if (text === undefined || text === "none") return "none";
  if (text === "exited" || text === "all") return text;
  throw new UsageError(`statuses must be none, exited or all, current value is "${text}"`);
}
