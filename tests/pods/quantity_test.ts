import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import process from "node:process";
import fc from "fast-check";
import { parseQuantity, Quantity, QuantityError } from "../../mod/pods/quantity.ts";

function parse(text: string): Quantity {
  const parsed = parseQuantity(text);
  assert(parsed instanceof Quantity, text);
  return parsed;
}

describe("parseQuantity()", () => {
  const accepted: readonly (readonly [text: string, milli: bigint])[] = [
    ["0", 0n],
    ["1", 1000n],
    ["+1", 1000n],
    ["-1", -1000n],
    [" 1 ", 1000n],
    ["007", 7000n],
    [".5", 500n],
    ["5.", 5000n],
    ["0.1", 100n],
    ["100m", 100n],
    ["1.5", 1500n],
    ["1k", 1_000_000n],
    ["1M", 1_000_000_000n],
    ["1e3", 1_000_000n],
    ["1E3", 1_000_000n],
    ["1e-3", 1n],
    ["1e+3", 1_000_000n],
    ["1Ki", 1_024_000n],
    ["1.5Ki", 1_536_000n],
    ["1n", 1n],
    ["1u", 1n],
    ["1001u", 2n],
    ["1e-100", 1n],
    // Surprises of the kubelet's parser: no digits at all are nothing.
    [".", 0n],
    ["-", 0n],
    ["m", 0n],
    ["Ki", 0n],
    ["1e4294967296", 1000n],
  ];
  for (const [text, milli] of accepted) {
    it(`reads ${JSON.stringify(text)}`, () => assert.equal(parse(text).milliValue(), milli));
  }

  for (
    const text of [
      "",
      " ",
      "a",
      "1gb",
      "1GB",
      "1K",
      "1ki",
      "1mi",
      "1 m",
      "1e",
      "1e5.5",
      "1ee5",
      "1.1.1",
      "0x10",
      "1,5",
      "Infinity",
      "1e3Gi",
      "½",
      "--1",
      ".e-10",
      "1\t",
      "1e99999999999999999999",
    ]
  ) {
    it(`refuses ${JSON.stringify(text)}`, () =>
      assert(parseQuantity(text) instanceof QuantityError));
  }

  it("caps binary quantities at the greatest int64", () => {
    assert.equal(parse("9Ei").value(), 2n ** 63n - 1n);
    assert.equal(parse("7Ei").value(), 7n * 2n ** 60n);
  });

  it("is quick about a long text that is none", () => {
    for (const text of ["0", "1", " ", "1.", "E"].map((part) => `1${part.repeat(50_000)}x`)) {
      // CPU time, so that other work on the machine does not count.
      const before = process.cpuUsage();
      assert(parseQuantity(text) instanceof QuantityError);
      assert(process.cpuUsage(before).user < 2_000_000, text.slice(0, 3));
    }
  });

  it("never throws and keeps what it reads within a nano", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 12 }), (text) => {
      const parsed = parseQuantity(text);
      assert(parsed instanceof Quantity || parsed.message !== "");
    }));
  });
});

describe("Quantity.compare()", () => {
  const pairs: readonly (readonly [left: string, right: string, sign: number])[] = [
    ["1", "1000m", 0],
    ["1Ki", "1024", 0],
    ["1Ki", "1k", 1],
    ["0", "0n", 0],
    ["-1", "0", -1],
    ["-2", "-1", -1],
    ["1e1000000000", "1", 1],
    ["-1e1000000000", "-1", -1],
    ["1.0", "1", 0],
    ["999999999999999999999", "1e21", -1],
  ];
  for (const [left, right, sign] of pairs) {
    it(`puts ${left} and ${right} in order`, () => {
      assert.equal(Math.sign(parse(left).compare(parse(right))), sign);
      assert.equal(Math.sign(parse(right).compare(parse(left))), -sign || 0);
    });
  }

  it("agrees with whole numbers", () => {
    fc.assert(
      fc.property(fc.bigInt(-(10n ** 18n), 10n ** 18n), fc.bigInt(-1000n, 1000n), (a, b) => {
        const sign = a < b ? -1 : a > b ? 1 : 0;
        assert.equal(Math.sign(parse(`${a}`).compare(parse(`${b}`))), sign);
        assert.equal(Math.sign(parse(`${a}k`).compare(parse(`${b}000`))), sign);
      }),
    );
  });
});

describe("Quantity.add()", () => {
  it("adds different units", () => {
    assert.equal(parse("1").add(parse("500m")).milliValue(), 1500n);
    assert.equal(parse("1Ki").add(parse("1")).value(), 1025n);
  });

  it("keeps the larger one where the other is beyond its reach", () => {
    const huge = parse("1e1000000000");
    assert.equal(huge.add(parse("1")).compare(huge), 0);
    assert.equal(parse("1").add(huge).compare(huge), 0);
  });
});

describe("Quantity.roundUp()", () => {
  it("keeps what is exact", () => assert.equal(parse("250m").roundUp(-3).milliValue(), 250n));
  it("rounds a part of a thousandth up", () => {
    assert.equal(parse("1u").roundUp(-3).compare(parse("1m")), 0);
    assert.equal(parse("1.0001").roundUp(-3).compare(parse("1001m")), 0);
  });
});
