import { has, permissions } from "@lectern/core/kernel/permission";
import { ApiKey } from "@lectern/core/people/api-key";
import { type ActionFunctionArgs, data, type LoaderFunctionArgs, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";
import {
  Badge,
  Checkbox,
  ConfirmForm,
  EmptyState,
  Field,
  FieldError,
  Form,
  fieldProps,
  List,
  PageHeader,
  Section,
  Select,
  SubmitButton,
  stateOf,
  TextArea,
  When,
} from "../components/ui/index.ts";
import { perform, textOf } from "../manage/acts.server.ts";
import { NewKey } from "../manage/new-key.tsx";
import { Refused } from "../manage/refused.tsx";
import { admin } from "../messages/en/admin.ts";
import { asActor } from "../server/actor.server.ts";
import { refused, refusedState } from "../server/form.server.ts";
import { refusalOf } from "../server/refusal.server.ts";

export const meta: MetaFunction = () => [{ title: admin("keys") }];

export const loader = (args: LoaderFunctionArgs) =>
  asActor(args, async () => ({
    keys: (await ApiKey.list({})).items,
    scopes: ApiKey.scopes.filter((name) => has(name)).map((name) => ({ name, label: permissions[name] })),
  }));

export const action = (args: ActionFunctionArgs) =>
  asActor(args, async () => {
    const form = await args.request.formData();
    if (form.get("intent") === "make") return make(form);
    const apiKeyId = textOf(form, "apiKeyId");
    return perform(form, "/admin/keys", {
      revoke: { run: () => ApiKey.revoke({ apiKeyId }), said: admin("keyRevokedNow", { name: textOf(form, "name") }) },
    });
  });

/** Does not redirect: the key is shown once, so its text must not appear in an address or a cookie. */
async function make(form: FormData) {
  const scopes = ApiKey.scopes.filter((name) => form.getAll("scopes").includes(name));
  const origins = textOf(form, "origins").split(/\s+/).filter(Boolean);
  const days = textOf(form, "expires");
  const expiresInDays = ApiKey.expiries.find((each) => String(each ?? "never") === days);
  const making = ApiKey.create({ name: textOf(form, "name"), scopes, origins, expiresInDays });
  const refusal = await refusalOf(making);
  if (!refusal) {
    const { name, key } = await making;
    return data({ made: { name, key } });
  }
  const rename = Object.fromEntries(origins.map((_, at) => [`origins.${at}`, "origins"]));
  const state = refusedState(form, refusal, { ...rename, expiresInDays: "expires" });
  if (refusal.fields.scopes) state.fieldErrors.scopes = refusal.fields.scopes;
  state.values.scopes = scopes.join(" ");
  return refused(state, refusal.status);
}

export default function Keys() {
  const { keys, scopes } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const state = stateOf(answer, "make");
  const made = answer && "made" in answer ? answer.made : undefined;
  const chosen = new Set(state?.values.scopes?.split(" "));
  return (
    <>
      <PageHeader title={admin("keys")} lead={admin("keysLead")} />
      {made && <NewKey key={made.key} name={made.name} text={made.key} />}
      <Section title={admin("keysInUse")}>
        <Refused state={stateOf(answer, "revoke")} />
        {keys.length === 0 ? (
          <EmptyState title={admin("noKeysTitle")}>{admin("noKeysBody")}</EmptyState>
        ) : (
          <List label={admin("keysInUse")}>
            {keys.map((key) => (
              <li key={key.id} className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2 py-4">
                <div className="min-w-0 flex-1">
                  <p className="flex flex-wrap items-center gap-x-2.5 font-medium">
                    <bdi>{key.name}</bdi>
                    {key.status !== "active" && (
                      <Badge>{admin(key.status === "revoked" ? "keyRevoked" : "keyExpired")}</Badge>
                    )}
                  </p>
                  <p className="text-sm text-muted">
                    {admin("keyBy", { name: key.madeBy.name })} ·{" "}
                    {key.lastUsedAt ? (
                      <>
                        {admin("keyLastUsed")} <When at={key.lastUsedAt} />
                      </>
                    ) : (
                      admin("keyUnused")
                    )}{" "}
                    ·{" "}
                    {key.expiresAt ? (
                      <>
                        {admin("keyUntil")} <When at={key.expiresAt} />
                      </>
                    ) : (
                      admin("keyForever")
                    )}
                    {key.origins.length > 0 && <> · {admin("keyFrom", { origins: key.origins.join(", ") })}</>}
                  </p>
                  <p className="mt-1 text-sm break-words text-soft">
                    {key.scopes.map((name) => scopes.find((each) => each.name === name)?.label ?? name).join(" · ")}
                  </p>
                </div>
                {key.status === "active" && (
                  <ConfirmForm
                    size="small"
                    variant="quiet"
                    trigger={admin("keyRevoke")}
                    confirm={admin("keyRevokeConfirm", { name: key.name })}
                    fields={{ intent: "revoke", apiKeyId: key.id, name: key.name }}
                  >
                    {admin("keyRevokeBody")}
                  </ConfirmForm>
                )}
              </li>
            ))}
          </List>
        )}
      </Section>
      <Section title={admin("makeKey")}>
        <Form state={state} clears className="max-w-2xl">
          <input type="hidden" name="intent" value="make" />
          <Field
            label={admin("keyName")}
            help={admin("keyNameHelp")}
            name="name"
            required
            maxLength={80}
            autoComplete="off"
            {...fieldProps(state, "name")}
          />
          <fieldset id="scopes" className="grid gap-x-6 gap-y-2.5 sm:grid-cols-2">
            <legend className="mb-2.5 text-ui font-medium">{admin("keyScopes")}</legend>
            {scopes.map(({ name, label }) => (
              <Checkbox key={name} name="scopes" value={name} label={label} defaultChecked={chosen.has(name)} />
            ))}
            {state?.fieldErrors.scopes && <FieldError id="scopes-error">{state.fieldErrors.scopes}</FieldError>}
          </fieldset>
          <TextArea
            label={admin("keyOrigins")}
            help={admin("keyOriginsHelp")}
            name="origins"
            optional
            rows={2}
            {...fieldProps(state, "origins")}
          />
          <Select
            label={admin("keyExpires")}
            name="expires"
            options={[
              { value: "30", label: admin("keyExpires30") },
              { value: "90", label: admin("keyExpires90") },
              { value: "365", label: admin("keyExpires365") },
              { value: "never", label: admin("keyExpiresNever") },
            ]}
            {...fieldProps(state, "expires", "90")}
          />
          <SubmitButton className="justify-self-start">{admin("makeKey")}</SubmitButton>
        </Form>
        <p className="mt-6 text-ui">
          <a className="link" href="/api/docs">
            {admin("keysReference")}
          </a>
        </p>
      </Section>
    </>
  );
}
