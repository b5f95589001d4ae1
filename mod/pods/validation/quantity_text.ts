/**
 * A quantity as the kubelet writes it, where a rule looks at that text.
 *
 * Source: Kubernetes 1.36, k8s.io/apimachinery pkg/api/resource, `Quantity.String`, `CanonicalizeBytes`,
 * and the text that `ParseQuantity` keeps when it takes it for canonical.
 */
import type { Quantity } from "../quantity.ts";

const DECIMAL_UNITS: Readonly<Record<number, string>> = {
  [-9]: "n",
  [-6]: "u",
  [-3]: "m",
  0: "",
  3: "k",
  6: "M",
  9: "G",
  12: "T",
  15: "P",
  18: "E",
};
const BINARY_UNITS = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const PARTS = /^[+-]?0*(\d*)\.?(\d*)(\D.*)?$/;

/** The kubelet's text of a quantity: `1000m` is `1`, `1024Ki` is `1Mi`, but `01` stays `01`. */
export function kubeletQuantityText(quantity: Quantity): string {
  if (quantity.isZero()) return "0";
  return keptText(quantity) ?? canonicalText(quantity);
}

/** The declared text, where the kubelet keeps it: it looks canonical, though it may not be. */
function keptText(quantity: Quantity): string | undefined {
  if (!quantity.fitsInt64) return undefined;
  const declared = quantity.text.trim();
  const match = PARTS.exec(declared);
  if (match === null) return undefined;
  const fraction = match[2] ?? "";
  const digits = (match[1] === "" ? "0" : match[1]) + fraction;
  if (quantity.format === "BinarySI") return Number(digits) % 8 === 0 ? undefined : declared;
  const isKept = quantity.exponent % 3 === 0 && !digits.endsWith("000") && !digits.startsWith("0");
  return isKept ? declared : undefined;
}

function canonicalText(quantity: Quantity): string {
  const { unscaled, exponent } = quantity;
  if (quantity.format === "BinarySI") {
    const whole = wholeNumber(unscaled, exponent);
    if (whole !== undefined && (whole >= 1024n || whole <= -1024n)) {
      return binaryText(whole);
    }
  }
  const digits = unscaled.toString();
  const significant = digits.replace(/(?<=[1-9])0+$/, "");
  const power = exponent + digits.length - significant.length;
  const excess = ((power % 3) + 3) % 3;
  const scaled = significant + "0".repeat(excess);
  const unit = power - excess;
  if (quantity.format === "DecimalExponent") return unit === 0 ? `${scaled}` : `${scaled}e${unit}`;
  return `${scaled}${DECIMAL_UNITS[unit] ?? `e${unit}`}`;
}

function wholeNumber(unscaled: bigint, exponent: number): bigint | undefined {
  if (exponent >= 0) return unscaled * 10n ** BigInt(exponent);
  const divisor = 10n ** BigInt(-exponent);
  return unscaled % divisor === 0n ? unscaled / divisor : undefined;
}

function binaryText(whole: bigint): string {
  let amount = whole;
  let unit = 0;
  while (amount % 1024n === 0n && unit < BINARY_UNITS.length - 1) {
    amount /= 1024n;
    unit += 1;
  }
  return `${amount}${BINARY_UNITS[unit]}`;
}
