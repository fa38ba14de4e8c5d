import { DomainError } from "@lectern/core/kernel/error";
import { Identity } from "@lectern/core/people/identity";
import { canonicalEmail } from "@lectern/core/util/email";

export async function userByEmail(email: string): Promise<string> {
  const address = canonicalEmail(email);
  const { items } = await Identity.list({ q: address, limit: 100 });
  const person = items.find((user) => canonicalEmail(user.email) === address);
  if (person) return person.id;
  const message = `Nobody in this school has the address ${address}.`;
  throw new DomainError("not_found", "user.not_found", message, { email: message });
}
