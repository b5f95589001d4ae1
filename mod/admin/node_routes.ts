import type { Hono } from "hono";
import { UsageError } from "../core/mod.ts";
import type { NodeReader, PodsQuery } from "../node/mod.ts";
import { PATHS } from "./contract.ts";
import { answerJson } from "./server.ts";

/** Routes that read the node for clients of the socket. */
export function nodeRoutes(node: NodeReader): (app: Hono) => void {
  return (app) => {
    app.get(PATHS.containers, async (c) => {
      const statuses = statusesOf(c.req.query("statuses"));
      return answerJson(await node.pods({ statuses, signal: c.req.raw.signal }));
    });
  };
}

function statusesOf(text: string | undefined): NonNullable<PodsQuery["statuses"]> {
  if (text === undefined || text === "none") return "none";
  if (text === "exited" || text === "all") return text;
  throw new UsageError(`statuses must be none, exited or all, current value is "${text}"`);
}
