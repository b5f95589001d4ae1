/** The part of this room that looks at a PKI and issues nothing: it loads no X.509 library. */
export { type CheckOptions, checkPki, type PkiReport } from "./check.ts";
export { pkiIdentity, type PkiPlace, pkiPlaceOf } from "./identity.ts";
export { renewalIsDue } from "./renewal_due.ts";
export { trySwap } from "./swap.ts";
