import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import {
  commandWords,
  listSetting,
  parseUnit,
  readUnit,
  splitWords,
  unitEnvironment,
} from "../../mod/kubelet/unit_file.ts";
import { memoryFiles } from "../support/memory_files.ts";

describe("splitWords()", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["", []],
    ["a  b\tc", ["a", "b", "c"]],
    [`"a b" 'c d'`, ["a b", "c d"]],
    [`--x="a b"`, [`--x=a b`]],
    [`a\\ b`, ["a b"]],
    [`"a\\"b" ''`, ['a"b', ""]],
    [`"unclosed a`, ["unclosed a"]],
  ];
  for (const [text, wanted] of cases) {
    it(`splits ${text}`, () => assert.deepEqual(splitWords(text), wanted));
  }
});

describe("parseUnit() and listSetting()", () => {
  it("join continued lines, skip comments, and start a list anew at an empty value", () => {
    const text =
      "; c\n[Service]\nExecStart=/a \\\n  b\n# c\nExecStart=\nExecStart = /c\n[X]\nExecStart=/d\n";
    assert.deepEqual(listSetting({ files: [], settings: parseUnit(text) }, "ExecStart"), ["/c"]);
    assert.equal(parseUnit(text)[0]?.value, "/a    b");
  });
});

describe("readUnit() and unitEnvironment()", () => {
  const files = memoryFiles({
    "/usr/lib/systemd/system/x.service": "[Service]\nEnvironment=A=1 B=2\n",
    "/usr/lib/systemd/system/x.service.d/10.conf": "[Service]\nEnvironment=A=hidden\n",
    "/etc/systemd/system/x.service.d/10.conf": "[Service]\nEnvironmentFile=-/env\n",
    "/etc/systemd/system/x.service.d/20.conf": `[Service]\nEnvironment="C=x y"\n`,
    "/etc/systemd/system/x.service.d/ignored.txt": "[Service]\nEnvironment=A=no\n",
    "/env": "# comment\nB='from file'\nD=\n",
  });

  it("take drop-ins by name and files after assignments", async () => {
    const unit = await readUnit(files, "x.service");
    assert.ok(unit);
    assert.deepEqual(unit.files, [
      "/usr/lib/systemd/system/x.service",
      "/etc/systemd/system/x.service.d/10.conf",
      "/etc/systemd/system/x.service.d/20.conf",
    ]);
    const environment = await unitEnvironment(files, unit);
    assert.deepEqual(
      [...environment].map(([name, { value, from }]) => [name, value, from]),
      [["A", "1", "the unit"], ["B", "from file", "/env"], ["C", "x y", "the unit"], [
        "D",
        "",
        "/env",
      ]],
    );
    assert.deepEqual(commandWords("-/bin/k $C ${C} $D ${B}/x $NONE", environment), [
      "/bin/k",
      "x",
      "y",
      "x y",
      "from file/x",
    ]);
  });
});
