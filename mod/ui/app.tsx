/** @jsxImportSource hono/jsx */
/** Every address of the pages. */
import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Child } from "hono/jsx";
import { type Clock, PodsteadError } from "../core/mod.ts";
import { type ActDeps, type Answer, askAct, doAct } from "./act.tsx";
import { ICON, SCRIPT, STYLE } from "./assets/mod.ts";
import type { Door } from "./door.ts";
import { liveContent } from "./live.ts";
import { liveLog } from "./log.ts";
import {
  awayFor,
  lookAtChanges,
  lookAtControlPlane,
  lookAtNode,
  lookAtNodes,
  lookAtPod,
  lookAtPods,
  lookAtRevision,
  type Looker,
  lookInTime,
  orAway,
  reportOf,
} from "./look.tsx";
import type { SeenNode } from "./node.ts";
import { PodLog } from "./pages/pod.tsx";
import type { SeenRollout } from "./pages/rollout.tsx";
import { Away, Layout, pathOf } from "./parts/layout.tsx";
import type { UsageCurves } from "./usage.ts";

/** What the pages are made from. */
export interface AppDeps extends Omit<ActDeps, "formKey"> {
  readonly nodes: readonly { readonly seen: SeenNode; readonly curves: UsageCurves }[];
  /** The roll-outs that concern these nodes, the newest first; undefined if nothing tells of them. */
  readonly rollouts: (() => Promise<readonly SeenRollout[]>) | undefined;
  readonly door: Door;
  readonly clock: Clock;
  /** Aborts when the command ends. */
  readonly closing: AbortSignal;
}

const HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  "Cache-Control": "no-store",
  // Without a referrer at all a form would have no origin either, and that is checked.
  "Referrer-Policy": "same-origin",
  "X-Content-Type-Options": "nosniff",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
} as const;

/** More than this is no YAML that a kubelet would take, in bytes. */
const MAX_FORM_BYTES = 10 * 1024 * 1024;

/** A page below its node: how it is named, and what is on it. */
interface Page {
  readonly title: string;
  readonly look: (looker: Looker) => Promise<Child>;
  /** Content that continues by itself, besides what is rendered again. */
  readonly beside?: (looker: Looker) => Promise<Child>;
}

function pageAt(path: string): Page | undefined {
  const [first = "", ...rest] = path.split("/").map(decoded);
  if (first === "pods" && rest.length === 2) {
    const id = rest.join("/");
    return {
      title: id,
      look: (looker) => lookAtPod(looker, id),
      beside: async ({ node }) => <PodLog node={node.name} report={await reportOf(node, id)} />,
    };
  }
  if (first === "changes" && rest.length === 1) {
    return {
      title: `Revision ${rest[0]}`,
      look: (looker) => lookAtRevision(looker, Number(rest[0])),
    };
  }
  if (rest.length > 0) return undefined;
  switch (first) {
    case "":
      return { title: "Node", look: lookAtNode };
    case "pods":
      return { title: "Pods", look: lookAtPods };
    case "changes":
      return { title: "Changes", look: lookAtChanges };
    case "control-plane":
      return { title: "Control plane", look: lookAtControlPlane };
    default:
      return undefined;
  }
}

/** A part of a path; as it stands where it is no valid encoding, which no page has. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The app that answers one browser. */
export function createUiApp(deps: AppDeps): Hono {
  const { nodes, door } = deps;
  const [first] = nodes;
  const hasNodes = nodes.length > 1 || deps.rollouts !== undefined;
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(HEADERS)) context.res.headers.set(name, value);
  });
  app.use(door.guard);
  const asset = (text: string, type: string) => (context: Context) =>
    context.body(text, 200, { "Content-Type": type });
  app.get("/style.css", asset(STYLE, "text/css; charset=utf-8"));
  app.get("/script.js", asset(SCRIPT, "text/javascript; charset=utf-8"));
  app.get("/icon.svg", asset(ICON, "image/svg+xml"));
  app.get(
    "/",
    (context) =>
      context.redirect(
        nodes.length > 1 || first === undefined ? "/nodes" : pathOf(first.seen.name),
      ),
  );
  const rollouts = deps.rollouts ?? (() => Promise.resolve([]));
  const cards = () =>
    orAway(() => lookAtNodes(nodes.map(({ seen }) => seen), rollouts, deps.clock));
  app.get(
    "/nodes",
    async (context) =>
      send(
        context,
        <Layout title="Nodes" hasNodes={hasNodes} place="nodes" live="/live/nodes">
          <div id="live">{await cards()}</div>
        </Layout>,
      ),
  );
  app.get(
    "/live/nodes",
    async (context) => liveContent(context, htmlOf(await cards())),
  );
  nodeRoutes(app, deps, hasNodes);
  app.notFound((context) =>
    send(
      context,
      messagePage(hasNodes, <Away word="not here" failure="There is no such page" />),
      404,
    )
  );
  app.onError((error, context) => {
    const status = error instanceof PodsteadError ? STATUS[error.code] ?? 500 : 500;
    return send(context, messagePage(hasNodes, awayFor(error)), status);
  });
  return app;
}

const STATUS: Partial<Record<PodsteadError["code"], 400 | 403 | 404 | 502>> = {
  usage: 400,
  permission: 403,
  "not-found": 404,
  "agent-unreachable": 502,
};

function nodeRoutes(app: Hono, deps: AppDeps, hasNodes: boolean): void {
  const { nodes, door, clock, closing } = deps;
  const lookerAt = (context: Context): Looker => {
    const name = context.req.param("node");
    const found = nodes.find(({ seen }) => seen.name === name);
    if (found === undefined) {
      throw new PodsteadError("not-found", `There is no node "${name}" here`);
    }
    return { node: found.seen, curves: found.curves, clock, closing };
  };
  const acts: ActDeps = { formKey: door.formKey, operationsOf: deps.operationsOf };
  const answer = (context: Context, { node }: Looker, said: Answer) =>
    "to" in said ? context.redirect(said.to, 303) : send(
      context,
      <Layout title={said.title} node={node.name} hasNodes={hasNodes}>{said.page}</Layout>,
    );

  app.get("/n/:node/act/:act", async (context) => {
    const looker = lookerAt(context);
    return answer(
      context,
      looker,
      await askAct(looker.node, context.req.param("act"), context, acts),
    );
  });
  app.post("/n/:node/act/:act", async (context) => {
    const looker = lookerAt(context);
    if (Number(context.req.header("Content-Length") ?? Infinity) > MAX_FORM_BYTES) {
      return context.text("Too much\n", 413);
    }
    const form = await context.req.parseBody();
    if (!door.isOurs(form["key"])) return context.text("Not from this page\n", 403);
    return answer(context, looker, await doAct(looker.node, context.req.param("act"), form, acts));
  });
  app.get("/n/:node/pods/:namespace/:name/log", (context) => {
    const { node } = lookerAt(context);
    const id = `${context.req.param("namespace")}/${context.req.param("name")}`;
    return liveLog(context, node, { id, container: context.req.query("container"), closing });
  });
  app.get(
    "/live/n/:node/*",
    (context) => livePageOf(context, lookerAt(context), below(context, "/live/n/:node")),
  );
  app.get("/live/n/:node", (context) => livePageOf(context, lookerAt(context), ""));
  const show = async (context: Context, path: string) => {
    const looker = lookerAt(context);
    const page = pageAt(path);
    if (page === undefined) return context.notFound();
    const place = path.split("/")[0] ?? "";
    const content = await looked(() => lookInTime(page.look, looker));
    return send(
      context,
      <Layout
        title={page.title}
        node={looker.node.name}
        place={place}
        hasNodes={hasNodes}
        live={`/live${pathOf(looker.node.name, path)}`}
        isPart={page.beside !== undefined && content.status !== 200}
      >
        <div id="live">{content.shown}</div>
        {content.status === 200 && await page.beside?.(looker)}
      </Layout>,
      content.status,
    );
  };
  app.get("/n/:node", (context) => show(context, ""));
  app.get("/n/:node/*", (context) => show(context, below(context, "/n/:node")));
}

/** What is below a pattern of a route, as it stands in the path. */
function below(context: Context, pattern: string): string {
  return new URL(context.req.url).pathname.split("/").slice(pattern.split("/").length).join("/");
}

async function livePageOf(context: Context, looker: Looker, path: string): Promise<Response> {
  const page = pageAt(path);
  if (page === undefined) return await context.notFound();
  return liveContent(context, htmlOf(await orAway(() => lookInTime(page.look, looker))));
}

/** A page's content with its status: what is not there is said in the page, and to programs. */
async function looked(look: () => Promise<Child>) {
  try {
    return { shown: await look(), status: 200 } as const;
  } catch (error) {
    const isGone = error instanceof PodsteadError && error.code === "not-found";
    return { shown: awayFor(error), status: isGone ? 404 : 502 } as const;
  }
}

function send(
  context: Context,
  page: { toString(): string | Promise<string> },
  status: 200 | 400 | 403 | 404 | 500 | 502 = 200,
): Response | Promise<Response> {
  return context.html(html`<!DOCTYPE html>${page}`, status);
}

function htmlOf(content: Child): string {
  return String(<>{content}</>);
}

function messagePage(hasNodes: boolean, content: Child) {
  return <Layout title="podstead" hasNodes={hasNodes}>{content}</Layout>;
}
