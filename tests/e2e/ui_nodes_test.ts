/** The pages of many nodes in a real browser: over real ssh, with a roll-out that goes on beside. */
import { after, before, describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { noBrowserReason, startBrowser } from "../support/browser.ts";
import { skipReason } from "../support/containerd.ts";
import { eventually, runPodstead } from "../support/node.ts";
import type { RunningCommand } from "../support/running_command.ts";
import { SshLab, sshSkipReason } from "../support/ssh_lab.ts";
import { SeveralNodes } from "./several_nodes.ts";

/** Where pictures of the pages are left, for people to look at. */
const PICTURES = process.env.PODSTEAD_PICTURES ??
  fileURLToPath(new URL("../../dist/ui/", import.meta.url));
const PATIENCE_MS = 60_000;

const reason = noBrowserReason() ?? skipReason() ?? sshSkipReason();

describe(
  reason === undefined ? "podstead ui -N" : `podstead ui -N (skipped: ${reason})`,
  { skip: reason !== undefined },
  () => {
    const several = new SeveralNodes();
    const { nodes } = several;
    let lab: SshLab;
    let browser: Browser;
    let ui: RunningCommand;
    let page: Page;
    let origin: string;
    const gate = () => join(nodes[0]?.directory ?? "", "gate");
    const picture = (name: string) => page.screenshot({ path: join(PICTURES, `${name}.png`) });

    before(async () => {
      mkdirSync(PICTURES, { recursive: true });
      await several.start(2);
      lab = several.lab;
      lab.name({ left: 0, right: 1, gone: "dead" });
      browser = await startBrowser();
      ui = lab.startPodstead("ui", "-N", "left,right,gone");
      const url = await eventually(
        "the URL",
        () => Promise.resolve(/http:\S+/.exec(ui.stdout)?.[0]),
      );
      origin = new URL(url).origin;
      page = await browser.newPage();
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(url);
    });
    after(async () => {
      await browser?.close();
      ui?.stop();
      await several.close();
    });

    it("has a card for each node, the one that is away first", async () => {
      await page.getByText("2 of 3 nodes are well").waitFor();
      const cards = await page.locator(".card h2").allTextContents();
      assert.deepEqual(cards, ["gone", "left", "right"]);
      assert.match(await page.locator("#node-gone").textContent() ?? "", /away/);
      await picture("nodes");
      await page.goto(`${origin}/n/gone/pods`);
      await page.locator(".away", { hasText: "cannot be reached" }).waitFor();
    });

    it("shows a node's pods and logs as on the node itself", async () => {
      await page.goto(`${origin}/nodes`);
      await page.getByRole("link", { name: "right" }).click();
      await page.getByRole("link", { name: "Pods", exact: true }).click();
      await page.getByRole("link", { name: /^default\/web-/ }).click();
      await page.getByText("What is served is what is declared.").waitFor();
      assert.match(page.url(), /\/n\/right\//);
    });

    it("shows a roll-out as it goes from batch to batch, and where it stopped", async () => {
      await page.goto(`${origin}/nodes`);
      // Its container must be ready before the second node has its turn.
      const pod = `apiVersion: v1\nkind: Pod\nmetadata: {name: gated}\nspec:\n` +
        `  hostNetwork: true\n  terminationGracePeriodSeconds: 1\n` +
        `  volumes: [{name: gate, hostPath: {path: ${gate()}}}]\n` +
        `  containers:\n    - name: gated\n      image: nginx:latest\n` +
        `      imagePullPolicy: IfNotPresent\n      command: [/bin/sh, -c, sleep 1000]\n` +
        `      volumeMounts: [{name: gate, mountPath: /gate}]\n` +
        `      readinessProbe: {periodSeconds: 1, exec: {command: [test, -f, /gate/open]}}\n`;
      mkdirSync(gate());
      const file = join(nodes[0]?.directory ?? "", "gated.yaml");
      writeFileSync(file, pod);
      const running = runPodstead([
        ...["rollout", "apply", "-f", file, "-N", "left,right,gone", "--batches", "1,100%"],
        ...["--settle", "1s", "--timeout", "5m", "--yes"],
      ], { env: lab.env });
      const batch = (at: number) => page.locator(".batches > li").nth(at);
      await batch(0).getByText("updating").waitFor();
      assert.match(await batch(1).textContent() ?? "", /right.*pending/);
      assert.equal(await batch(0).getAttribute("aria-current"), "step");
      await picture("rollout");
      writeFileSync(join(gate(), "open"), "");
      await page.locator(".rollout h2", { hasText: "done" }).waitFor();
      const { stdout, stderr } = await running;
      assert.match(await batch(0).textContent() ?? "", /left.*ready/, stdout + stderr);
      assert.match(await batch(1).textContent() ?? "", /right.*ready/);
      await page.locator(".batches > li", { hasText: "In no batch" }).getByText("skipped")
        .waitFor();
    });
  },
);
