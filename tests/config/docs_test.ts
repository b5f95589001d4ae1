/** The published docs are made of the schema. `UPDATE_GOLDENS=1` writes them anew. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { renderWarningDocs, WARNING_RULES } from "../../mod/pods/mod.ts";
import { renderConfigDocs, renderJsonSchema } from "../../mod/config/docs.ts";

const FILES = {
  "config.md": renderConfigDocs,
  "config.schema.json": renderJsonSchema,
  "warnings.md": () => renderWarningDocs(WARNING_RULES),
};

describe("docs", () => {
  for (const [name, render] of Object.entries(FILES)) {
    it(`docs/${name} is what the schema says`, () => {
      const path = fileURLToPath(new URL(`../../docs/${name}`, import.meta.url));
      const wanted = render();
      if (process.env["UPDATE_GOLDENS"] === "1") writeFileSync(path, wanted);
      assert.equal(
        existsSync(path) ? readFileSync(path, "utf8") : "",
        wanted,
        `docs/${name} is out of date; run UPDATE_GOLDENS=1 deno test -A tests/config`,
      );
    });
  }

  it("config.md describes every key of the schema", () => {
    const keyless = renderConfigDocs().split("\n").filter((line) =>
      /^\| (\[?`|<)/.test(line) && /\|\s*\|$/.test(line)
    );
    assert.deepEqual(keyless, []);
  });

  it("config.schema.json knows Talos's keys, and pods beside the node config", () => {
    const schema = JSON.parse(renderJsonSchema());
    const { properties, additionalProperties } = schema.else;
    assert.equal(additionalProperties, false);
    assert.ok(properties.machine.properties.network);
    assert.ok(properties.cluster.properties.token);
    assert.equal(properties.agent.properties.manifest.properties.port.default, 10261);
    assert.equal(properties.agent.properties.runtime.properties.timeout.default, "5s");
    assert.deepEqual(schema.if, { required: ["kind"] });
    assert.ok(!renderJsonSchema().includes('"restart"'));
  });
});
