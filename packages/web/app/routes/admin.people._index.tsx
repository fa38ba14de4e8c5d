import { pathTo, withQuery } from "@lectern/core/kernel/path";
import { has } from "@lectern/core/kernel/permission";
import { Identity } from "@lectern/core/people/identity";
import { Address } from "@lectern/core/people/suppression";
import type { ActionFunctionArgs, LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import {
  Avatar,
  Badge,
  Button,
  ButtonLink,
  type Column,
  EmptyState,
  ExportLink,
  Field,
  FilterSelect,
  PageHeader,
  Pagination,
  stateOf,
  Table,
  When,
} from "../components/ui/index.ts";
import { performForMany } from "../manage/people-acts.server.ts";
import { PeopleActs, Pick } from "../manage/people-acts.tsx";
import { admin, roleWords } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { requirePermission } from "../server/guard.server.ts";
import { activities, peopleQuery } from "../server/people-query.server.ts";

export const meta: MetaFunction = () => [{ title: admin("people") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => {
    const query = peopleQuery(new URL(args.request.url));
    const [people, departments, returned] = await Promise.all([
      Identity.list(query),
      Identity.departments({}),
      Address.allReturned(),
    ]);
    const items = people.items.map((each) => ({ ...each, isReturned: returned.has(Address.idOf(each.email)) }));
    const { sort, order = sort === "lastSignIn" ? "desc" : "asc" } = query;
    return {
      people: { ...people, items },
      sorted: { by: sort, order },
      departments,
      activities,
      mayManage: has("user.manage"),
    };
  });

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    await requirePermission("user.manage");
    const { pathname, searchParams } = new URL(args.request.url);
    searchParams.delete("index");
    const form = await args.request.formData();
    return performForMany(form, withQuery(pathname, searchParams));
  });

type Person = Awaited<ReturnType<typeof Identity.list>>["items"][number] & { readonly isReturned: boolean };

const columnsFor = (mayManage: boolean): Column<Person>[] => [
  {
    key: "name",
    head: admin("name"),
    sort: { by: "name", first: "asc" },
    primary: true,
    cell: (person) => (
      <span className="flex items-center gap-3">
        {mayManage && <Pick id={person.id} name={person.name} />}
        <Link
          to={pathTo.person(person.id)}
          prefetch="intent"
          className="flex min-w-0 grow items-center gap-3 hover:underline"
        >
          <Avatar name={person.name} />
          <span className="min-w-0">
            <span className="block truncate" dir="auto">
              {person.name}
            </span>
            <span className="block truncate text-sm font-normal text-muted">{person.email}</span>
          </span>
        </Link>
      </span>
    ),
  },
  {
    key: "roles",
    head: admin("roles"),
    cell: (person) => person.roles.map((role) => roleWords[role] ?? role).join(", "),
  },
  {
    key: "department",
    head: admin("department"),
    sort: { by: "department", first: "asc" },
    cell: (person) => (person.department ? <span dir="auto">{person.department}</span> : null),
  },
  {
    key: "lastSignIn",
    head: admin("lastSignIn"),
    sort: { by: "lastSignIn", first: "desc" },
    named: true,
    cell: (person) => (person.lastSignInAt ? <When at={person.lastSignInAt} /> : admin("neverYet")),
  },
  {
    key: "status",
    head: admin("status"),
    cell: (person) =>
      person.status === "suspended" ? (
        <Badge tone="danger">{admin("suspended")}</Badge>
      ) : person.isReturned ? (
        <Badge tone="warning">{admin("mailReturns")}</Badge>
      ) : person.emailVerified ? (
        <span className="@max-2xl:hidden">{admin("active")}</span>
      ) : (
        <Badge tone="warning">{admin("unverified")}</Badge>
      ),
  },
];

export default function People() {
  const { people, sorted, departments, activities, mayManage } = useLoaderData<typeof loader>();
  const state = stateOf(useActionData<typeof action>());
  const [params] = useSearchParams();
  const isNarrowed = ["role", "department", "activity", "status"].some((name) => params.get(name));
  const isFiltered = isNarrowed || Boolean(params.get("q"));
  return (
    <>
      <PageHeader
        title={admin("people")}
        action={
          <>
            {people.items.length > 0 && <ExportLink to="/admin/people.csv" className="max-md:hidden" />}
            <ButtonLink to="/admin/people/new" variant="secondary">
              {admin("addPerson")}
            </ButtonLink>
            <ButtonLink to="/admin/invitations">{admin("invite")}</ButtonLink>
          </>
        }
      />
      <Form
        method="get"
        className="group/find mb-6 grid grid-cols-[minmax(0,1fr)_auto] items-end gap-3 md:grid-cols-2 xl:grid-cols-[minmax(12rem,1fr)_repeat(4,minmax(8rem,11rem))_auto]"
      >
        <Field label={admin("findPeople")} name="q" type="search" defaultValue={params.get("q") ?? ""} />
        <Button type="submit" variant="secondary" className="md:order-last">
          {admin("filter")}
        </Button>
        {/* On phones the list comes first and the other filters are collapsed; they open without scripts. */}
        <label className="col-span-2 flex min-h-8 w-fit items-center gap-2.5 text-ui md:hidden">
          <input
            type="checkbox"
            id="more-filters"
            defaultChecked={isNarrowed}
            className="size-4.5 accent-(--accent-11)"
          />
          {admin("moreFilters")}
        </label>
        <div className="contents max-md:col-span-2 max-md:grid max-md:grid-cols-2 max-md:gap-3 max-md:group-not-has-[#more-filters:checked]/find:hidden">
          <FilterSelect
            label={admin("role")}
            name="role"
            all={admin("anyRole")}
            options={Object.entries(roleWords).map(([value, label]) => ({ value, label }))}
          />
          <FilterSelect
            label={admin("department")}
            name="department"
            all={admin("anyDepartment")}
            options={departments.map(({ department, people }) => ({
              value: department,
              label: `${department} (${people})`,
            }))}
          />
          <FilterSelect label={admin("activity")} name="activity" all={admin("anyActivity")} options={activities} />
          <FilterSelect
            label={admin("status")}
            name="status"
            all={admin("anyStatus")}
            options={[
              { value: "active", label: admin("active") },
              { value: "suspended", label: admin("suspended") },
              { value: "returned", label: admin("mailReturns") },
            ]}
          />
        </div>
      </Form>
      {people.items.length === 0 ? (
        <EmptyState
          title={admin("noPeopleTitle")}
          action={isFiltered && <ButtonLink to="/admin/people">{admin("clearFilters")}</ButtonLink>}
        >
          {admin("noPeopleBody")}
        </EmptyState>
      ) : (
        <>
          {/* Keeps focused rows from scrolling under the sticky head or the bar at the bottom. */}
          <div className="[&_:is(a,input)]:scroll-mt-32 [&_:is(a,input)]:scroll-mb-20 [&:has(+details[open])_:is(a,input)]:scroll-mb-80">
            <Table
              caption={admin("people")}
              columns={columnsFor(mayManage)}
              rows={people.items}
              rowKey={(person) => person.id}
              sorted={sorted}
            />
          </div>
          {mayManage && <PeopleActs state={state} page={people.items[0]?.id ?? ""} />}
          <ExportLink to="/admin/people.csv" className="mt-4 md:hidden" />
          <Pagination nextCursor={people.nextCursor} shown={people.items.length} total={people.total} />
        </>
      )}
    </>
  );
}
