import { idBody, idPattern } from "../../kernel/id/index.ts";

/** `lk_`, the key's id without its prefix, and the secret. Scanners for leaked keys recognize the form. */
export const keyText = (id: string, secret: string): string => `lk_${idBody(id)}_${secret}`;

const shape = /^lk_([0-9a-z]{26})_([A-Za-z0-9_-]{43})$/;

/** Does a bearer text mean to be a key? */
export const isKeyText = (text: string): boolean => text.startsWith("lk_");

/** A key's id and secret, or undefined when the text is none. */
export function fromKeyText(text: string): { readonly id: string; readonly secret: string } | undefined {
  const [, body, secret] = shape.exec(text) ?? [];
  const id = `key_${body}`;
  return body && secret && idPattern("apiKey").test(id) ? { id, secret } : undefined;
}
