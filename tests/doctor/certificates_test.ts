import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { checkCertificates } from "../../mod/doctor/certificate_checks.ts";
import type { DoctorFacts } from "../../mod/doctor/facts.ts";
import { checkPki } from "../../mod/pki/look.ts";
import { DAY, directoryWithPki, NOW, optionsFor } from "../pki/support.ts";

async function answerAt(root: string, nowMs: number) {
  const certificates = await checkPki({ ...optionsFor(root), nowMs });
  return checkCertificates({ certificates } as DoctorFacts);
}

describe("checkCertificates()", () => {
  it("says when the first ends, warns before, and fails after", async () => {
    using root = await directoryWithPki();
    assert.match((await answerAt(root.path, NOW)).summary, /14 certificates; .* 2027-11-24/);
    const [soon, late] = [
      await answerAt(root.path, NOW + 340 * DAY),
      await answerAt(root.path, NOW + 366 * DAY),
    ];
    assert.deepEqual([soon.status, late.status], ["warning", "failed"]);
    assert.match(soon.fix ?? "", /podstead pki renew/);
  });

  it("leaves what is missing to the components that need it", async () => {
    using root = await directoryWithPki();
    rmSync(join(root.path, "pki/etcd"), { recursive: true });
    assert.equal((await answerAt(root.path, NOW)).status, "ok");
  });

  it("has nothing to say without a control plane", () => {
    assert.equal(checkCertificates({} as DoctorFacts).status, "skipped");
  });
});
