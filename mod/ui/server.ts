/** Serves the pages on a loopback port, for one browser, until the command ends. */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { type Clock, errorText, PodsteadError } from "../core/mod.ts";
import { type AppDeps, createUiApp } from "./app.tsx";
import { Door } from "./door.ts";
import { freshly } from "./live.ts";
import { SeenNode, type UiNode } from "./node.ts";
import { UsageCurves } from "./usage.ts";

/** What the pages show, and where. */
export interface UiOptions extends Pick<AppDeps, "operationsOf" | "rollouts"> {
  /** At least one. */
  readonly nodes: readonly UiNode[];
  /** On 127.0.0.1; 0 for any that is free. */
  readonly port: number;
  readonly clock: Clock;
}

/** Pages that are served. */
export interface Ui {
  /** Signs one browser in, once. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws {PodsteadError} if the port cannot be used */
export async function startUi(
  { nodes, port, clock, operationsOf, rollouts }: UiOptions,
): Promise<Ui> {
  const closing = new AbortController();
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      reject(
        new PodsteadError("failed", `Cannot listen on 127.0.0.1:${port}: ${errorText(error)}`, {
          cause: error,
          hint: "Leave --port out for any that is free",
        }),
      ));
    server.listen(port, "127.0.0.1", resolve);
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port was given");
  const door = new Door(address.port);
  const app = createUiApp({
    nodes: nodes.map((node) => {
      const seen = new SeenNode(node, clock, closing.signal);
      return { seen, curves: new UsageCurves(seen, clock) };
    }),
    door,
    clock,
    closing: closing.signal,
    operationsOf,
    rollouts: rollouts && freshly(rollouts, clock),
  });
  server.on("request", getRequestListener(app.fetch));
  return {
    url: `http://127.0.0.1:${address.port}/enter?token=${door.token}`,
    async close() {
      closing.abort();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
