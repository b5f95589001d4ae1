import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { billOfMaterials, components, licenseTexts } from "../../packaging/sbom.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

describe("components()", () => {
  const list = components(readFileSync(`${ROOT}deno.lock`, "utf8"), `${ROOT}node_modules/.deno`);

  it("has every dependency that the program imports, with version, hash and license", () => {
    const { imports } = JSON.parse(readFileSync(`${ROOT}deno.json`, "utf8"));
    const wanted = Object.values<string>(imports)
      .flatMap((target) => /^npm:(@?[^@]+)@(.+)$/.exec(target)?.slice(1, 3).join(" ") ?? [])
      .filter((name) => !/^fast-check /.test(name));
    assert.ok(wanted.length > 5);
    for (const name of wanted) {
      const found = list.find((component) => `${component.name} ${component.version}` === name);
      assert.match(found?.sha512 ?? "", /^[0-9a-f]{128}$/, name);
      assert.match(found?.license ?? "", /./, name);
    }
  });

  it("gives a bill of materials whose package URLs are one each", () => {
    const { components: listed } = JSON.parse(billOfMaterials("1.2.3", list));
    const purls = listed.map(({ purl }: { readonly purl: string }) => purl);
    assert.equal(new Set(purls).size, list.length);
    assert.ok(purls.includes("pkg:npm/%40stricli/core@1.3.0"));
    assert.match(licenseTexts(list), /^hono [\d.]+ \(MIT\)$/m);
  });
});
