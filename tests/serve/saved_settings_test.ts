import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { defaultSettings } from "../../mod/config/mod.ts";
import { savedSettings } from "../../mod/serve/host/saved_settings.ts";

const DEFAULTS = defaultSettings({ hostname: "node-1", address: "10.0.0.1" });

describe("savedSettings()", () => {
  it("has none where none were saved", () => {
    assert.equal(savedSettings(undefined, DEFAULTS), undefined);
  });

  it("keeps what was saved, and takes the defaults for what an older version did not know", () => {
    const settings = savedSettings({
      manifest: { address: "127.0.0.1", port: 9999 },
      hosts: ["a"],
      controlPlane: null,
    }, DEFAULTS);
    assert.equal(settings?.manifest.port, 9999);
    assert.equal(settings?.manifest.path, DEFAULTS.manifest.path);
    assert.deepEqual(settings?.hosts, ["a"]);
    assert.deepEqual(settings?.log, DEFAULTS.log);
    assert.equal(settings?.controlPlane, null);
  });
});
