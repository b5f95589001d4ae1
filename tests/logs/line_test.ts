import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "@std/testing/bdd";
import { parseLine } from "../../mod/logs/mod.ts";

const TIME = "2022-02-10T15:26:01.289208227Z";
const TIME_NS = 1_644_506_761_289_208_227n;

function parsed(line: string) {
  const { content, ...rest } = parseLine(Buffer.from(line));
  return { ...rest, content: Buffer.from(content).toString() };
}

describe("parseLine()", () => {
  it("reads a line of the documentation page", () => {
    assert.deepEqual(parsed(`${TIME} stderr F 2022/02/10 15:26:01 [notice] 1#1: nginx/1.21.6`), {
      timeNs: TIME_NS,
      stream: "stderr",
      partial: false,
      content: "2022/02/10 15:26:01 [notice] 1#1: nginx/1.21.6",
    });
  });

  const cri: [string, string, boolean, string][] = [
    ["a part", `${TIME} stdout P abc`, true, "abc"],
    ["a part with more tags", `${TIME} stdout P:x:y abc`, true, "abc"],
    ["more tags", `${TIME} stdout F:P abc`, false, "abc"],
    ["a tag that only begins with P", `${TIME} stdout Px abc`, false, "abc"],
    ["an empty message", `${TIME} stdout F `, false, ""],
    ["an empty message without its space", `${TIME} stdout F`, false, ""],
    ["spaces in front of a message", `${TIME} stdout F   a `, false, "  a "],
    ["a carriage return", `${TIME} stdout F a\r`, false, "a\r"],
    ["a time with an offset", "2022-02-10T17:26:01.289208227+02:00 stdout F a", false, "a"],
  ];
  for (const [name, line, partial, content] of cri) {
    it(`reads ${name}`, () => {
      assert.deepEqual(parsed(line), { timeNs: TIME_NS, stream: "stdout", partial, content });
    });
  }

  const docker: [string, string, boolean, string][] = [
    ["a line", `{"log":"a\\"b\\n","stream":"stdout","time":"${TIME}"}`, false, 'a"b'],
    ["a part", `{"log":"abc","stream":"stdout","time":"${TIME}"}`, true, "abc"],
    ["attributes", `{"log":"a\\n","stream":"stdout","attrs":{},"time":"${TIME}"}`, false, "a"],
  ];
  for (const [name, line, partial, content] of docker) {
    it(`reads ${name} of Docker's json-file`, () => {
      assert.deepEqual(parsed(line), { timeNs: TIME_NS, stream: "stdout", partial, content });
    });
  }

  const unknown = [
    "",
    "plain text",
    `${TIME} stdin F a`,
    `${TIME} stdout`,
    `${TIME}  stdout F a`,
    "x stdout F a",
    '2022-02-10T15:26:01"Z stdout F a',
    `{"log":"a","stream":"stdin","time":"${TIME}"}`,
    '{"log":"a","stream":"stdout"}',
    "{not json}",
    "{}",
  ];
  for (const line of unknown) {
    it(`takes ${JSON.stringify(line)} as it is`, () => {
      assert.deepEqual(parsed(line), {
        timeNs: undefined,
        stream: undefined,
        partial: false,
        content: line,
      });
    });
  }

  it("keeps bytes that are not UTF-8", () => {
    const bytes = Buffer.from([0xff, 0xfe, 0, 0xc3]);
    const line = Buffer.concat([Buffer.from(`${TIME} stdout F `), bytes]);
    assert.deepEqual(Buffer.from(parseLine(line).content), bytes);
  });
});
