/** What the pages for developers say of the code is so. `deno task docs` writes the made parts. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import process from "node:process";
import { ROUTES } from "../mod/api/contract/mod.ts";
import { LAYERS } from "./layers.ts";

const pathOf = (file: string) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const read = (file: string) => readFileSync(pathOf(file), "utf8");

const DEVELOPMENT = "docs/development.md";
const MAX_LINES = 150;

/** The parts of pages that are made, by the name of their marks. */
const MADE: Readonly<Record<string, () => readonly string[]>> = {
  rooms: () => Object.entries(LAYERS).map(([room, { purpose }]) => `${room.padEnd(14)} ${purpose}`),
  routes: () =>
    Object.values(ROUTES).map(({ method, path, answer, access, brief }) =>
      `${method.padEnd(4)} ${path.padEnd(22)} ${access.padEnd(5)} ${answer.padEnd(6)} ${brief}`
    ),
};

function withMadeParts(page: string): string {
  return Object.entries(MADE).reduce((text, [name, lines]) => {
    const part = ["<!-- NAME -->", "", "```", ...lines(), "```", "", "<!-- /NAME -->"].join("\n");
    const marked = new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`);
    return text.replace(marked, () => part.replaceAll("NAME", name));
  }, page);
}

for (const file of [DEVELOPMENT, "docs/admin-api.md"]) {
  describe(file, () => {
    it("shows rooms and routes as they are", () => {
      const wanted = withMadeParts(read(file));
      if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(pathOf(file), wanted);
      assert.equal(read(file), wanted, "it is out of date; run deno task docs");
    });
  });
}

describe(DEVELOPMENT, () => {
  it("can be read in one go", () => {
    const count = read(DEVELOPMENT).split("\n").length;
    assert.ok(count <= MAX_LINES, `${count} lines, at most ${MAX_LINES}`);
  });
});

for (const file of ["README.md", DEVELOPMENT, "CONTRIBUTING.md"]) {
  describe(file, () => {
    it("names only files and folders that exist", () => {
      const named = [...read(file).matchAll(/\b((?:mod|tests|fixtures|docs)\/[\w/.-]*\w)/g)]
        .map(([, path = ""]) => path).filter((path) => !path.includes("…"));
      assert.deepEqual(named.filter((path) => !existsSync(pathOf(path))), []);
    });

    it("names only tasks that exist", () => {
      const { tasks } = JSON.parse(read("deno.json"));
      const named = [...read(file).matchAll(/deno task ([\w:]+)/g)].map(([, task = ""]) => task);
      assert.deepEqual(named.filter((task) => !(task in tasks)), []);
    });
  });
}

/** The names that GitHub gives the headings of a page. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = page.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    [...headings].map(([, heading = ""]) =>
      heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-")
    ),
  );
}

const PAGES = readdirSync(pathOf("docs")).filter((name) => name.endsWith(".md"));

describe("links between pages", () => {
  for (const file of ["README.md", "CONTRIBUTING.md", ...PAGES.map((name) => `docs/${name}`)]) {
    it(`lead somewhere in ${file}`, () => {
      const links = [...read(file).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
      const dead = links.filter(([, path = "", anchor]) => {
        const target = path === "" ? file : join(dirname(file), path);
        if (!existsSync(pathOf(target))) return true;
        return anchor !== undefined && !anchorsOf(read(target)).has(anchor);
      });
      assert.deepEqual(dead.map(([link]) => link), []);
    });
  }
});

describe("docs/README.md", () => {
  const questions = read("docs/README.md").split(/^### /m).slice(1);

  it("answers each question in a few lines and leads on", () => {
    assert.ok(questions.length > 20);
    for (const question of questions) {
      const [title = "", ...answer] = question.replace(/^## [\s\S]*/m, "").trim().split("\n");
      assert.match(title, /\?$/);
      assert.match(answer.join(" "), /\]\(/, title);
      assert.ok(answer.filter((line) => line !== "").length <= 4, title);
    }
  });

  it("leads to every page", () => {
    const page = read("docs/README.md");
    const left = PAGES.filter((name) => name !== "README.md" && !page.includes(`](${name}`));
    assert.deepEqual(left, []);
  });

  it("is found by the words that people search for", () => {
    const page = read("docs/README.md").toLowerCase();
    const words =
      "Deployment ConfigMap rollback registry hostPort Ansible air-gapped CRI-O SELinux " +
      "rpm many page Helm CronJob Prometheus k3s kubeadm";
    assert.deepEqual(words.split(" ").filter((word) => !page.includes(word.toLowerCase())), []);
  });
});

describe("docs/security.md", () => {
  it("names for each danger a test that there is", () => {
    const [, section = ""] = read("docs/security.md").split(/^## What stops them$/m);
    const rows = section.split(/^## /m)[0]?.split("\n").filter((line) => line.startsWith("| ")) ??
      [];
    const dangers = rows.slice(2).map((row) => row.split(/(?<!\\)\|/).map((cell) => cell.trim()));
    assert.ok(dangers.length > 25);
    for (const [, danger, what, heldBy = ""] of dangers) {
      assert.notEqual(what, "", danger);
      const tests = [...heldBy.matchAll(/`(tests\/[^`]*)`/g)].map(([, path = ""]) => path);
      assert.ok(tests.length > 0 || heldBy === "CI", `${danger}: held by "${heldBy}"`);
      for (const path of tests) {
        const form = new RegExp(`^${path.split("/").at(-1)?.replace("*", ".*")}$`);
        const folder = pathOf(dirname(path));
        assert.ok(
          existsSync(folder) && readdirSync(folder).some((name) => form.test(name)),
          `${danger}: there is no ${path}`,
        );
      }
    }
  });
});

describe("README.md", () => {
  it("says of imports what the table of layers allows", () => {
    const claims = [...read("README.md").matchAll(/`((?:[\w/]+ ← )+[\w/]+)`/g)]
      .flatMap(([, chain = ""]) => {
        const rooms = chain.split(" ← ");
        return rooms.slice(1).map((room, at): [string, string] => [rooms[at] ?? "", room]);
      });
    assert.ok(claims.length > 0, "the README tells how rooms import each other");
    const wrong = claims.filter(([lower, upper]) => !LAYERS[upper]?.imports.includes(lower));
    assert.deepEqual(wrong, []);
  });
});
