import { MIMEType } from "node:util";
import { DomainError } from "../error/index.ts";

// A form is read before its sender is known, so its cost is limited before it is parsed.

/** Enough for every form that is not an editor of long text. */
export const maxBytes = 256 * 1024;

/** The product's longest form, the people page with a check box each, has about half as many. */
export const maxFields = 200;

/**
 * The bytes of a form, counted while they arrive. @throws form.too_large (413), form.too_many_fields (422), form.type (422), form.broken (422)
 */
export async function read(request: Request, most = maxBytes): Promise<Buffer<ArrayBuffer>> {
  if (Number(request.headers.get("content-length") ?? 0) > most) throw tooLarge(most);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body?.getReader();
  for (let next = await reader?.read(); next && !next.done; next = await reader?.read()) {
    bytes += next.value.byteLength;
    if (bytes > most) {
      await reader?.cancel().catch(() => {});
      throw tooLarge(most);
    }
    chunks.push(next.value);
  }
  const body = Buffer.concat(chunks);
  const type = request.headers.get("content-type") ?? "";
  if (fieldsOf(body, type) > maxFields) {
    const message = `A form may have ${maxFields} fields at most. Please send it in parts.`;
    throw new DomainError("invalid", "form.too_many_fields", message);
  }
  if (body.length > 0) await requireWhole(body, type);
  return body;
}

/** Any text is a valid urlencoded form; a multipart form may be truncated, and its reader would fail later. */
async function requireWhole(body: Buffer<ArrayBuffer>, contentType: string): Promise<void> {
  if (mimeOf(contentType).essence !== "multipart/form-data") return;
  try {
    await new Response(body, { headers: { "content-type": contentType } }).formData();
  } catch {
    throw new DomainError("invalid", "form.broken", "This form did not arrive whole. Please send it again.");
  }
}

/** How many fields a form has, or more, without parsing it. */
function fieldsOf(body: Buffer, contentType: string): number {
  if (body.length === 0) return 0;
  const { essence, params } = mimeOf(contentType);
  if (essence === "application/x-www-form-urlencoded") return count(body, "&") + 1;
  const mark = params?.get("boundary");
  // The last one closes the form.
  if (essence === "multipart/form-data" && mark) return count(body, `--${mark}`) - 1;
  throw new DomainError("invalid", "form.type", "Please send a form.");
}

/** Read like the parser does: a second "boundary" in another parameter must not be counted. */
function mimeOf(contentType: string): Partial<Pick<MIMEType, "essence" | "params">> {
  try {
    return new MIMEType(contentType);
  } catch {
    return {};
  }
}

function count(body: Buffer, mark: string): number {
  let found = 0;
  for (let at = body.indexOf(mark); at >= 0 && found <= maxFields + 1; at = body.indexOf(mark, at + mark.length))
    found += 1;
  return found;
}

const tooLarge = (most: number): DomainError =>
  new DomainError(
    "too_large",
    "form.too_large",
    `A form may have ${most / 1024} KB at most. Please shorten your text.`,
  );

export * as Form from "./index.ts";
