/** Sealing and opening values with age (https://age-encryption.org); the library is loaded late. */
import { errorText, PodsteadError } from "../core/mod.ts";

/** A key pair; X25519, which every age since 1.0 reads. */
export interface KeyPair {
  /** Secret: `AGE-SECRET-KEY-1…`. */
  readonly identity: string;
  /** Public: `age1…`. */
  readonly recipient: string;
}

/** A value that was opened, or why it could not be, as the end of a sentence. */
export type Opened = { readonly value: Uint8Array } | { readonly fault: string };

/** Makes a key pair. */
export async function makeKeyPair(): Promise<KeyPair> {
  const { generateX25519Identity, identityToRecipient } = await import("age-encryption");
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** The public keys of identities. @throws {PodsteadError} `config` for one that is malformed */
export async function recipientsOf(identities: readonly string[]): Promise<readonly string[]> {
  const { identityToRecipient } = await import("age-encryption");
  return await Promise.all(identities.map(async (identity) => {
    try {
      return await identityToRecipient(identity);
    } catch (error) {
      // The library's words do not have the identity in them.
      throw new PodsteadError("config", `An age identity is malformed: ${errorText(error)}`, {
        hint: "It begins with AGE-SECRET-KEY-1; make one with `podstead seal --init`",
      });
    }
  }));
}

/**
 * Seals a value as armored text, which ends with a line feed.
 *
 * @throws {PodsteadError} `usage` for a malformed recipient
 */
export async function sealValue(
  value: Uint8Array,
  recipients: readonly string[],
): Promise<string> {
  const { armor, Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) {
    try {
      encrypter.addRecipient(recipient);
    } catch {
      throw new PodsteadError("usage", `"${recipient}" is not an age recipient`, {
        hint: "It begins with age1; `podstead seal --show-recipient` prints that of a node",
      });
    }
  }
  return armor.encode(await encrypter.encrypt(value));
}

/** Opens an armored text with the identities that fit. Never throws. */
export async function openValue(text: string, identities: readonly string[]): Promise<Opened> {
  const { armor, Decrypter } = await import("age-encryption");
  try {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    return { value: await decrypter.decrypt(armor.decode(text)) };
  } catch (error) {
    const reason = errorText(error);
    if (!reason.startsWith("no identity matched")) {
      return { fault: `its sealed text is damaged (${reason})` };
    }
    const own = await recipientsOf(identities).catch(() => []);
    return { fault: `it is sealed for another recipient than this node's (${own.join(", ")})` };
  }
}
