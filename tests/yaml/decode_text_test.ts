import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { decodeText } from "../../mod/yaml/mod.ts";

const TEXT = "a: ä😀\r\nb: 1\n";

function utf16(text: string, littleEndian: boolean, mark: boolean): Uint8Array {
  const units = (mark ? "\ufeff" : "") + text;
  const view = new DataView(new ArrayBuffer(units.length * 2));
  for (let at = 0; at < units.length; at++) {
    view.setUint16(at * 2, units.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(view.buffer);
}

function utf32(text: string, littleEndian: boolean, mark: boolean): Uint8Array {
  const points = [...(mark ? "\ufeff" : "") + text];
  const view = new DataView(new ArrayBuffer(points.length * 4));
  points.forEach((char, at) => view.setUint32(at * 4, char.codePointAt(0)!, littleEndian));
  return new Uint8Array(view.buffer);
}

function problemOf(bytes: Uint8Array, maxBytes?: number) {
  const decoded = decodeText(bytes, "f.yaml", maxBytes === undefined ? {} : { maxBytes });
  assert.equal(decoded.ok, false);
  return decoded.problem;
}

describe("decodeText()", () => {
  const utf8 = new TextEncoder().encode(TEXT);
  const encodings: readonly (readonly [string, Uint8Array])[] = [
    ["UTF-8", utf8],
    ["UTF-8 with a byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8)],
    ...[true, false].flatMap((little) =>
      [true, false].flatMap((mark) => {
        const name = `${little ? "LE" : "BE"}${mark ? " with a byte order mark" : ""}`;
        return [
          [`UTF-16${name}`, utf16(TEXT, little, mark)],
          [`UTF-32${name}`, utf32(TEXT, little, mark)],
        ] as const;
      })
    ),
  ];
  for (const [name, bytes] of encodings) {
    it(`reads ${name}`, () => {
      assert.deepEqual(decodeText(bytes, "f.yaml"), { ok: true, text: TEXT });
    });
  }

  it("reads an empty file as an empty text", () => {
    assert.deepEqual(decodeText(new Uint8Array(), "f.yaml"), { ok: true, text: "" });
  });

  it("names the place of a byte that is no UTF-8", () => {
    const problem = problemOf(Uint8Array.of(...new TextEncoder().encode("a: 1\nb: é"), 0xe9, 0x0a));
    assert.equal(problem.code, "invalid-encoding");
    assert.deepEqual(problem.position, { line: 2, column: 5 });
    assert.equal(problem.sourceLine, "b: é");
  });

  it("names the place of a character that the file ends inside of", () => {
    const problem = problemOf(Uint8Array.of(0x61, 0xf0, 0x9f));
    assert.equal(problem.code, "invalid-encoding");
    assert.deepEqual(problem.position, { line: 1, column: 2 });
  });

  it("names the place of a NUL byte", () => {
    const problem = problemOf(new TextEncoder().encode("a: 1\nb: x\0y\n"));
    assert.equal(problem.code, "nul-byte");
    assert.deepEqual(problem.position, { line: 2, column: 5 });
  });

  it("takes a file of NUL bytes, as power cuts leave them, for no text", () => {
    assert.equal(problemOf(new Uint8Array(4096)).code, "nul-byte");
  });

  it("refuses half a UTF-16 surrogate pair and odd UTF-32", () => {
    assert.equal(problemOf(Uint8Array.of(0xff, 0xfe, 0x00, 0xd8)).code, "invalid-encoding");
    assert.equal(
      problemOf(Uint8Array.of(0xff, 0xfe, 0, 0, 0x61, 0, 0)).code,
      "invalid-encoding",
    );
  });

  it("refuses a file over the limit and says both sizes", () => {
    const problem = problemOf(new Uint8Array(2048), 1024);
    assert.equal(problem.code, "file-too-large");
    assert.match(problem.message, /2 KiB/);
    assert.match(problem.wanted ?? "", /1 KiB/);
    assert.equal(problem.position, undefined);
  });
});
