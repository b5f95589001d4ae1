/** Opens a sealed value; both in base64. */
export type Unseal = (sealed: string) => { readonly value: string } | { readonly fault: string };
