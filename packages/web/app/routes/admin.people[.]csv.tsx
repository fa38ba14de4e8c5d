import { Identity } from "@lectern/core/people/identity";
import type { LoaderFunctionArgs } from "@remix-run/node";
import { admin, roleWords } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { type CsvColumn, csvResponse } from "../server/csv.server.ts";
import { limits } from "../server/limit.server.ts";
import { peopleQuery } from "../server/people-query.server.ts";
import { inPlainText } from "../server/refusal.server.ts";

type Person = Awaited<ReturnType<typeof Identity.exportAll>>[number];

const columns: CsvColumn<Person>[] = [
  { head: admin("familyName"), cell: ({ familyName }) => familyName },
  { head: admin("givenName"), cell: ({ givenName }) => givenName },
  { head: admin("email"), cell: ({ email }) => email },
  { head: admin("roles"), cell: ({ roles }) => roles.map((role) => roleWords[role] ?? role).join(", ") },
  { head: admin("department"), cell: ({ department }) => department },
  {
    head: admin("status"),
    cell: ({ status, emailVerified }) =>
      admin(status === "suspended" ? "suspended" : emailVerified ? "active" : "unverified"),
  },
  { head: admin("lastSignIn"), at: ({ lastSignInAt }) => lastSignInAt },
  { head: admin("lastSeen"), at: ({ lastSeenAt }) => lastSeenAt },
  { head: admin("joined"), at: ({ createdAt }) => createdAt },
  { head: admin("personId"), cell: ({ id }) => id },
];

/** Exports people with the list's filters. */
export const loader = (args: LoaderFunctionArgs) =>
  inPlainText(args, () =>
    asActor(
      args,
      async ({ school }) => {
        const { cursor: _, limit: __, ...filters } = peopleQuery(new URL(args.request.url));
        return csvResponse(school, "people", columns, await Identity.exportAll(filters));
      },
      { limit: limits.export },
    ),
  );
