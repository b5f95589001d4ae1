/**
 * How Go keeps a quantity, which depends on how it was written.
 *
 * Source: Kubernetes 1.36, k8s.io/apimachinery pkg/api/resource `ParseQuantity`, `RoundUp`; math/big.
 */
import type { Quantity } from "../quantity.ts";

/** A quantity that was never set. */
export const ZERO_QUANTITY = dumpInt64(0n, 0, "", "");

/** The dump of a quantity that was parsed, and then perhaps rounded. */
export function dumpQuantity(quantity: Quantity): string {
  const { unscaled, exponent, format } = quantity;
  if (quantity.fitsInt64) return dumpInt64(unscaled, exponent, keptText(quantity), format);
  const digits = unscaled < 0n ? -unscaled : unscaled;
  const big = `{neg:(bool)${unscaled < 0n} abs:(big.nat)${dumpWords(digits)}}`;
  return `{i:(resource.int64Amount){value:(int64)0 scale:(resource.Scale)0} ` +
    `d:(resource.infDecAmount){Dec:(*inf.Dec){unscaled:(big.Int)${big} ` +
    `scale:(inf.Scale)${-exponent}}} s:(string) Format:(resource.Format)${format}}`;
}

function dumpInt64(value: bigint, scale: number, text: string, format: string): string {
  return `{i:(resource.int64Amount){value:(int64)${value} scale:(resource.Scale)${scale}} ` +
    `d:(resource.infDecAmount){Dec:(*inf.Dec)<nil>} ` +
    `s:(string)${text} Format:(resource.Format)${format}}`;
}

/** The words of a number, the lowest first. */
function dumpWords(value: bigint): string {
  const words: string[] = [];
  for (let rest = value; rest > 0n; rest >>= 64n) words.push(BigInt.asUintN(64, rest).toString());
  return words.length === 0 ? "<nil>" : `[${words.join(" ")}]`;
}

const PARTS = /^[+-]?0*(\d*)(?:\.(\d*))?(\D.*)?$/;

/** The text, where it is such that Kubernetes would write it again. */
function keptText(quantity: Quantity): string {
  const { text, format, exponent, isRounded } = quantity;
  if (isRounded) return "";
  const declared = text.trim();
  if (declared === "0") return declared;
  const [, whole = "", fraction = "", suffix = ""] = PARTS.exec(declared) ?? [];
  const digits = (whole === "" ? "0" : whole) + fraction;
  const isKept = format === "BinarySI"
    ? suffix !== "" && BigInt(digits) % 8n !== 0n
    : exponent % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
  return isKept ? declared : "";
}
