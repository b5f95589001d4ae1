import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseProperties } from "../../mod/services/list.ts";
import { unitName } from "../../mod/services/unit_name.ts";

describe("unitName()", () => {
  it("adds the suffix that is left out", () => {
    assert.equal(unitName("kubelet"), "kubelet.service");
    assert.equal(unitName("podstead.service"), "podstead.service");
    assert.equal(unitName("dbus.socket"), "dbus.socket");
    assert.equal(unitName("getty@tty1"), "getty@tty1.service");
  });
  for (const name of ["", "-Hhost", "a b", "a/b", "x".repeat(300)]) {
    it(`refuses "${name.slice(0, 10)}"`, () => {
      assert.throws(() => unitName(name), { code: "usage" });
    });
  }
  it("keeps a suffix", () => {
    assert.equal(unitName("nightly.timer"), "nightly.timer");
  });
});

describe("parseProperties()", () => {
  it("keeps what follows the first equals sign", () => {
    assert.deepEqual(parseProperties("Id=a.service\nStatusText=x=y\n\n"), {
      Id: "a.service",
      StatusText: "x=y",
    });
  });
});
