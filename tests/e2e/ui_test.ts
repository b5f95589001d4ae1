/** The pages in a real browser, on a node with real containers. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { noBrowserReason, startBrowser } from "../support/browser.ts";
import { skipReason, startContainerd, type TestContainerd } from "../support/containerd.ts";
import { eventually, TestNode } from "../support/node.ts";
import type { RunningCommand } from "../support/running_command.ts";
import { podYaml } from "./pod_yaml.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
/** Where pictures of the pages are left, for people to look at. */
const PICTURES = process.env.PODSTEAD_PICTURES ??
  fileURLToPath(new URL("../../dist/ui/", import.meta.url));
/** How long the browser waits for what must come; on a slow machine it takes its time. */
const PATIENCE_MS = 60_000;

const HOSTILE = "<img src=x onerror=document.title=1>";

/** Pages that are served, and the browser that was signed in. */
interface Session {
  readonly command: RunningCommand;
  readonly url: string;
  readonly origin: string;
  readonly context: BrowserContext;
  readonly page: Page;
  close(): Promise<void>;
}

const reason = noBrowserReason() ?? skipReason();

describe(
  reason === undefined ? "podstead ui" : `podstead ui (skipped: ${reason})`,
  { skip: reason !== undefined },
  () => {
    let containerd: TestContainerd;
    let node: TestNode;
    let browser: Browser;
    let session: Session;
    const gate = () => join(node.directory, "gate");
    const to = (path: string) => session.page.goto(`${session.origin}/n/node-1${path}`);
    const text = (wanted: string | RegExp) =>
      session.page.getByText(wanted).first().waitFor({ timeout: PATIENCE_MS });
    const picture = async (name: string) => {
      mkdirSync(PICTURES, { recursive: true });
      await session.page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
    };

    async function open(...flags: readonly string[]): Promise<Session> {
      const command = node.startPodstead("ui", ...flags);
      const url = await eventually(
        "the URL",
        () => Promise.resolve(/http:\S+/.exec(command.stdout)?.[0]),
      );
      const context = await browser.newContext();
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      await page.goto(url);
      return {
        command,
        url,
        origin: new URL(url).origin,
        context,
        page,
        async close() {
          await context.close();
          command.stop();
        },
      };
    }

    before(async () => {
      containerd = await startContainerd();
      node = await TestNode.create(containerd);
      node.writePods(
        podYaml("web") + podYaml("hostile", {
          image: "busybox:test",
          script: `printf '%s\\n' '${HOSTILE}'; printf '\\033]0;owned\\007after\\n'; sleep 1000000`,
        }) + podYaml("fails", {
          image: "busybox:test",
          directory: node.directory,
          script: `echo begins; until rm ${gate()} 2>/dev/null; do sleep 0.1; done; ` +
            "echo ends >&2; exit 3",
        }),
      );
      await node.startAgent();
      await node.startKubelet();
      const waited = await node.podstead("reload", "--wait=60s");
      assert.equal(waited.code, 0, waited.stdout + waited.stderr);
      browser = await startBrowser();
      session = await open();
    });
    after(async () => {
      await session?.close();
      await browser?.close();
      await node?.close();
      await containerd?.cleanUp();
    });

    it("shows the verdict as a chain, and each pod with its page", async () => {
      await to("");
      await text("config");
      assert.equal(await session.page.locator(".chain li").count(), 6);
      await picture("node");
      await to("/pods");
      await session.page.locator("tbody tr").nth(2).waitFor();
      // Curves come with the second sample.
      await session.page.locator(".curve svg").first().waitFor();
      await picture("pods");
      await session.page.getByRole("link", { name: "default/web-node-1" }).click();
      await text("What is served is what is declared.");
      await text("Over time");
      await picture("pod");
      await to("/control-plane");
      await text("This node has no control plane");
      await picture("control-plane");
      await to("/changes/1");
      await text("Revision 1");
      assert.equal(await session.page.getByRole("link", { name: "Nodes" }).count(), 0);
    });

    it("says what the last change of a pod cost, and when it was ready", async () => {
      await to("/pods");
      const row = session.page.locator("tbody tr", { hasText: "default/web-node-1" });
      await row.waitFor();
      assert.match(await row.textContent() ?? "", /ready after [0-9.]+m?s/);
      await to("/pods/default/web-node-1");
      await session.page.locator(".timeline rect.ready").first().waitFor();
      assert.equal(await session.page.locator(".timeline rect.container").count(), 1);
    });

    it("opens in more windows than a browser has connections", async () => {
      const pages = await Promise.all(Array.from({ length: 9 }, async (_, index) => {
        const page = await session.context.newPage();
        await page.goto(`${session.origin}/n/node-1${["", "/pods", "/changes"][index % 3]}`);
        return page;
      }));
      for (const page of pages) await page.close();
    });

    it("shows hostile names and log lines as text", async () => {
      await to("/pods/default/hostile-node-1");
      await session.page.locator("#log div", { hasText: HOSTILE }).waitFor();
      await session.page.locator("#log div", { hasText: "after" }).waitFor();
      assert.equal(await session.page.locator("#log img").count(), 0);
      assert.match(await session.page.title(), /hostile/);
    });

    it("shows a crash as it happens, and follows the log over the restart", async () => {
      const pods = await session.context.newPage();
      await pods.goto(`${session.origin}/n/node-1/pods`);
      const row = pods.locator("tbody tr", { hasText: "default/fails-node-1" });
      await row.waitFor();
      const before = Number(await row.locator("td.number").textContent());
      await to("/pods/default/fails-node-1");
      await session.page.locator("#log div", { hasText: "begins" }).first().waitFor();
      writeFileSync(gate(), "");
      await session.page.locator("#log .stderr", { hasText: "ends" }).waitFor();
      await session.page.locator("#log div", { hasText: "begins" }).nth(1).waitFor();
      await eventually(
        "the restart is counted",
        async () => Number(await row.locator("td.number").textContent()) > before || undefined,
        PATIENCE_MS,
      );
      await session.page.fill("#log-search", "ends");
      assert.equal(
        await session.page.locator("#log div:visible", { hasText: "begins" }).count(),
        0,
      );
      await pods.close();
    });

    it("tries a change, shows its clock, and shows that it went back", async () => {
      await to("/changes");
      await session.page.getByRole("link", { name: "Apply pods…" }).click();
      const bad = podYaml("web", { image: "registry.invalid/nothing:1" }).replace(/^- /, "")
        .replace(/^ {2}/gm, "");
      await session.page.fill("#yaml", bad);
      await session.page.getByRole("button", { name: "Show what it does" }).click();
      await text("Apply this on trial?");
      await session.page.locator(".diff .added", { hasText: "registry.invalid" }).waitFor();
      await picture("question");
      await session.page.getByRole("button", { name: "Apply it" }).click();
      await text(/on trial|went back/);
      await picture("trial");
      await text(/went back to what revision \d+ had/);
      await picture("changes");
      const { stdout } = await node.podstead("get", "pods");
      assert.match(stdout, /web/);
    });

    it("refuses YAML that is wrong with its place, and keeps what was typed", async () => {
      await to("/act/apply");
      await session.page.fill("#yaml", "kind: Pod\nmetadata: {name: x}\nspec: [");
      await session.page.getByRole("button", { name: "Show what it does" }).click();
      const alert = session.page.getByRole("alert");
      await alert.waitFor();
      assert.match(await alert.textContent() ?? "", /:3:/);
      assert.match(await session.page.inputValue("#yaml"), /spec: \[/);
    });

    it("has no button for who may only look, and refuses what is sent without one", async () => {
      const reader = await open("--read-only");
      try {
        await reader.page.goto(`${reader.origin}/n/node-1/changes`);
        await reader.page.getByText("Changes").first().waitFor();
        assert.equal(await reader.page.getByRole("link", { name: "Apply pods…" }).count(), 0);
        const asked = await reader.page.goto(`${reader.origin}/n/node-1/act/apply`);
        assert.equal(asked?.status(), 403);
      } finally {
        await reader.close();
      }
    });

    it("lets in one browser, by its own name, from its own pages", async () => {
      const { origin, url, context } = session;
      const status = async (target: string, headers: Record<string, string> = {}) =>
        (await fetch(target, { headers, redirect: "manual" })).status;
      assert.equal(await status(url), 401, "the token is good once");
      assert.equal(await status(`${origin}/enter?token=wrong`), 401);
      assert.equal(await status(`${origin}/n/node-1`), 401);
      const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join();
      assert.equal(await status(`${origin}/n/node-1`, { Cookie: cookie }), 200);
      assert.equal(
        await status(`${origin}/n/node-1`, { Cookie: cookie, Origin: "http://evil.example" }),
        403,
      );
      const { port } = new URL(origin);
      const byName = (host: string) =>
        new Promise<number | undefined>((resolve, reject) => {
          const headers = { Host: host, Cookie: cookie };
          request({ port, host: "127.0.0.1", path: "/n/node-1", headers }, (answer) => {
            answer.resume();
            resolve(answer.statusCode);
          }).on("error", reject).end();
        });
      assert.equal(await byName(`127.0.0.1:${port}`), 200);
      assert.equal(await byName(`evil.example:${port}`), 421, "a name that rebinds DNS");
      const forged = await fetch(`${origin}/n/node-1/act/restart`, {
        method: "POST",
        headers: { Cookie: cookie, "Content-Type": "application/x-www-form-urlencoded" },
        body: "pod=default/web",
      });
      assert.equal(forged.status, 403, "a form of ours has a key");
      const answer = await fetch(`${origin}/n/node-1`, { headers: { Cookie: cookie } });
      assert.match(answer.headers.get("Content-Security-Policy") ?? "", /default-src 'none'/);
      assert.doesNotMatch(await answer.text(), /<script>|style="|onclick/);
    });

    it("fits a telephone, and has nothing serious against it, light and dark", async () => {
      // What examines the pages is a script that they themselves do not let in.
      const context = await browser.newContext({
        bypassCSP: true,
        storageState: await session.context.storageState(),
      });
      const page = await context.newPage();
      for (const path of ["", "/pods", "/pods/default/web-node-1", "/changes", "/act/apply"]) {
        for (const colorScheme of ["light", "dark"] as const) {
          await page.emulateMedia({ colorScheme });
          await page.goto(`${session.origin}/n/node-1${path}`);
          await page.addScriptTag({ path: AXE });
          const found = await page.evaluate(async () => {
            // Put there by the script above.
            const { violations } = await (globalThis as unknown as {
              axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> };
            }).axe.run();
            return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
              .map(({ id }) => id);
          });
          assert.deepEqual(found, [], `${path} ${colorScheme}`);
        }
        for (const [width, height] of [[3840, 2160], [360, 740]] as const) {
          await page.setViewportSize({ width, height });
          await page.goto(`${session.origin}/n/node-1${path}`);
          const wide: number = await page.evaluate("document.documentElement.scrollWidth");
          assert.ok(wide <= width, `${path} is ${wide} px wide on ${width}`);
        }
        if (path === "/pods") await page.screenshot({ path: join(PICTURES, "pods-360.png") });
        await page.setViewportSize({ width: 1280, height: 800 });
      }
      await context.close();
    });

    it("says that the agent is away instead of showing nothing, and goes on when it is back", async () => {
      await to("/pods");
      await session.page.locator("tbody tr").first().waitFor();
      await node.signalAgent("SIGTERM", true);
      await text("cannot be reached");
      await picture("away");
      await node.startAgent();
      await session.page.locator("tbody tr").nth(2).waitFor();
    });
  },
);
