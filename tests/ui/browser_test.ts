/** The pages in a real browser, full of what an agent may say: no container runs for it. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { Browser, BrowserContext, Page } from "playwright-core";
import type { AgentClient } from "../../mod/api/client/mod.ts";
import { systemClock } from "../../mod/core/mod.ts";
import { startUi, type Ui } from "../../mod/ui/mod.ts";
import { noBrowserReason, startBrowser } from "../support/browser.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const HOSTILE = "<script>document.title='owned'</script>\x1b[2J\u202egnp";
const PATIENCE_MS = 60_000;
/** What the page's log keeps. */
const MAX_LINES = 5_000;

const now = Date.now();
const at = (secondsAgo: number) => new Date(now - secondsAgo * 1000).toISOString();
const range = <T>(length: number, make: (index: number) => T) =>
  Array.from({ length }, (_, index) => make(index));

const CONTAINERS = range(20, (index) => ({
  name: `c${index}`,
  type: "container",
  image: `registry.example/${HOSTILE}:${index}`,
  state: index % 3 === 0 ? "exited" : "running",
  exitCode: 1,
  reason: HOSTILE,
  since: at(60),
  restarts: index,
  probes: { readiness: HOSTILE },
}));
const REPORT = {
  id: "default/big-n",
  namespace: "default",
  name: "big-n",
  ready: "False",
  confirmedBy: "runtime",
  drift: "Current",
  phase: "Running",
  reason: HOSTILE,
  restarts: 3,
  origin: "podstead",
  declared: { file: HOSTILE, line: 1, state: "Served", errors: [], warnings: [] },
  delivery: { url: "", fetched: true },
  kubelet: { conditions: [] },
  sandboxes: range(
    5,
    (index) => ({ id: "s", attempt: index, state: "X", created: at(90 - index) }),
  ),
  containers: CONTAINERS,
  badHostPaths: [],
  // As an agent of an older version has them: without the container that each is about.
  events: range(60, (index) => ({
    ...{ at: at(100 - index), type: index % 2 === 0 ? "started" : "ended", message: HOSTILE },
    ...{ namespace: "default", name: "big" },
  })),
  explanation: { code: "x", cause: HOSTILE, nextStep: HOSTILE },
};
const OVERVIEW = {
  state: "unwell",
  links: [{ name: "config", state: "holds", text: HOSTILE }],
  causes: [{
    ...{ level: "broken", code: "x", cause: HOSTILE, nextStep: HOSTILE },
    pods: range(50, (index) => `default/p${index}-n`),
  }],
  pods: range(150, (index) => ({
    ...{ id: `default/p${index}-n`, ready: "True", phase: "Running", reason: "", drift: "Current" },
    ...{ containers: "1/1", restarts: 0, well: true, state: "holds", text: HOSTILE },
    images: [HOSTILE],
  })),
};
const ENV = (value: string) =>
  range(120, (index) => ({ name: `V${index}`, value: `${value} ${HOSTILE}` }));
const POD = (value: string) => ({
  metadata: { name: "big", namespace: "default" },
  spec: { containers: [{ name: "c0", env: ENV(value) }] },
});
const REVISIONS = [5, 4].map((number) => ({
  ...{ number, current: number === 5, at: at(number), trigger: HOSTILE, result: "applied" },
  pods: range(100, (index) => ({ key: `default/p${index}`, hash: "", change: "changed" })),
}));

/** Answers of an agent, and a log that says what a test lets it say. */
function agentOf(logs: (signal: AbortSignal) => AsyncIterable<object>): AgentClient {
  return {
    async *events() {},
    async *usage() {},
    agent: () => Promise.resolve({ node: { name: "n" } }),
    overview: () => Promise.resolve(OVERVIEW),
    describe: () => Promise.resolve(REPORT),
    history: () => Promise.resolve(REVISIONS),
    trial: () => Promise.resolve({}),
    certificates: () => Promise.resolve(range(40, (index) => ({ path: HOSTILE, endsMs: index }))),
    resources: () => Promise.resolve({ items: [{ spec: POD("served") }] }),
    revision: ({ number }: { number?: number }) =>
      Promise.resolve({
        files: [{ path: HOSTILE, text: range(500, (line) => `${line}: ${number}`).join("\n") }],
        pods: [{ namespace: "default", name: "big", pod: POD("declared") }],
      }),
    logs: (_: object, { signal }: { signal: AbortSignal }) => Promise.resolve(logs(signal)),
    // Nothing else is asked of it.
  } as unknown as AgentClient;
}

function lines(from: number, count: number): object {
  const text = range(count, (index) =>
    JSON.stringify({
      time: `2026-11-30T12:00:00.${String(from + index).padStart(9, "0")}Z`,
      stream: "stdout",
      message: `line ${from + index}`,
    }) + "\n").join("");
  return { kind: "data", bytes: new TextEncoder().encode(text) };
}

const reason = noBrowserReason();

describe(
  reason === undefined ? "pages in a browser" : `pages in a browser (skipped: ${reason})`,
  { skip: reason !== undefined },
  () => {
    let browser: Browser;
    let context: BrowserContext;
    let page: Page;
    let ui: Ui;
    let origin: string;
    let logs: (signal: AbortSignal) => AsyncIterable<object> = async function* () {};

    before(async () => {
      const names = range(300, (index) => `node-${String(index).padStart(4, "0")}`);
      ui = await startUi({
        nodes: ["n", HOSTILE].map((name) => ({
          name,
          connect: () =>
            Promise.resolve({ agent: agentOf((signal) => logs(signal)), mayAct: true }),
        })),
        port: 0,
        clock: systemClock,
        operationsOf: () => Promise.resolve([]),
        rollouts: () =>
          Promise.resolve([{
            id: HOSTILE,
            state: "running",
            rules: {
              ...{
                nodes: names,
                batches: [{ kind: "nodes", count: 150 }, { kind: "percent", percent: 100 }],
                maxFailures: 1,
              },
              ...{ settleMs: 1, timeoutMs: 1 },
            },
            nodes: { "node-0000": { state: "failed", message: HOSTILE } },
          }]),
      });
      origin = new URL(ui.url).origin;
      browser = await startBrowser();
      // What examines the pages is a script that they themselves do not let in.
      context = await browser.newContext({ bypassCSP: true });
      page = await context.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(ui.url);
    });
    after(async () => {
      await browser?.close();
      await ui?.close();
    });

    for (
      const path of [
        ...["/nodes", "/n/n", "/n/n/pods", "/n/n/pods/default/big-n", "/n/n/changes"],
        ...["/n/n/changes/5", "/n/n/control-plane"],
      ]
    ) {
      it(`has nothing serious against ${path} when it is full, on a telephone too`, async () => {
        for (const [width, colorScheme] of [[360, "dark"], [1280, "light"]] as const) {
          await page.setViewportSize({ width, height: 740 });
          await page.emulateMedia({ colorScheme });
          await page.goto(`${origin}${path}`);
          const wide: number = await page.evaluate("document.documentElement.scrollWidth");
          assert.ok(wide <= width, `${path} is ${wide} px wide on ${width}`);
          await page.addScriptTag({ path: AXE });
          const found = await page.evaluate(async () => {
            // Put there by the script above.
            const { violations } = await (globalThis as unknown as {
              axe: {
                run(): Promise<
                  { violations: { id: string; impact: string; nodes: { html: string }[] }[] }
                >;
              };
            }).axe.run();
            return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
              .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
          });
          assert.deepEqual(found, [], `${width} px, ${colorScheme}`);
          assert.match(await page.title(), / · podstead$/);
        }
      });
    }

    it("keeps the newest lines of a log, however many there were", async () => {
      logs = async function* () {
        for (let from = 0; from < 20_000; from += 1_000) {
          yield await Promise.resolve(lines(from, 1_000));
        }
        await new Promise(() => undefined); // it is followed
      };
      await page.goto(`${origin}/n/n/pods/default/big-n`);
      await page.locator("#log div", { hasText: "line 19999" }).waitFor();
      assert.equal(await page.locator("#log div").count(), MAX_LINES);
    });

    it("keeps a log that ended, and adds what came since when it is there again", async () => {
      const opened = { times: 0 };
      logs = async function* () {
        opened.times += 1;
        yield await Promise.resolve(lines(0, 2 + opened.times));
        yield await Promise.resolve({ kind: "notice", text: "it is gone" });
      };
      await page.goto(`${origin}/n/n/pods/default/big-n`);
      await page.locator("#log div", { hasText: "line 2" }).waitFor();
      await page.evaluate('document.querySelector("#log div").dataset.mark = "kept"');
      await page.locator("#log div", { hasText: "line 4" }).waitFor();
      assert.equal(await page.locator("#log [data-mark=kept]").count(), 1);
      const texts = await page.locator("#log div").allTextContents();
      assert.deepEqual(texts.filter((text) => text === "line 0"), ["line 0"]);
    });

    it("can be used by keys alone", async () => {
      await page.goto(`${origin}/n/n/pods`);
      await page.keyboard.press("/");
      await page.keyboard.type("p149");
      await page.locator("#pods tbody tr:visible").nth(1).waitFor({ state: "hidden" });
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.waitForURL(/\/pods\/default\/p149-n$/);
      await page.locator("#log").waitFor();
      await page.keyboard.press("c");
      await page.waitForURL(/\/changes$/);
    });
  },
);
