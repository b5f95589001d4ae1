/** Private keys: making them and writing them down. */
import { generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

/** Kinds of keys, with kubeadm's names. */
export const KEY_TYPES = ["ECDSA-P256", "RSA-2048"] as const;
/** One kind of key. */
export type KeyType = (typeof KEY_TYPES)[number];

/** A key and its public half. */
export interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Makes a key. */
export async function generateKey(type: KeyType): Promise<KeyPair> {
  const generate = promisify(generateKeyPair);
  return type === "RSA-2048"
    ? await generate("rsa", { modulusLength: 2048 })
    : await generate("ec", { namedCurve: "prime256v1" });
}

/** A private key as PEM in the traditional form kubeadm writes (`RSA PRIVATE KEY`, `EC PRIVATE KEY`). */
export function formatPrivateKey(key: KeyObject): string {
  switch (key.asymmetricKeyType) {
    case "rsa":
      return key.export({ type: "pkcs1", format: "pem" }).toString();
    case "ec":
      return key.export({ type: "sec1", format: "pem" }).toString();
    default:
      return key.export({ type: "pkcs8", format: "pem" }).toString();
  }
}

/** A public key as PEM (`PUBLIC KEY`). */
export function formatPublicKey(key: KeyObject): string {
  return key.export({ type: "spki", format: "pem" }).toString();
}
