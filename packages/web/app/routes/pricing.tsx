import type { LoaderFunctionArgs, MetaFunction } from "@remix-run/node";
import { ButtonLink, Icon } from "../components/ui/index.ts";
import { platform } from "../messages/en/platform.ts";
import { onPlatform } from "../server/actor.server.ts";

export const meta: MetaFunction = () => [
  { title: "Pricing · Lectern" },
  { name: "description", content: platform("pricingLead") },
];

export const loader = (args: LoaderFunctionArgs) => onPlatform(args, async () => null);

const now = [platform("pricingNow1"), platform("pricingNow2"), platform("pricingNow3")];
const later = [platform("pricingLater1"), platform("pricingLater2"), platform("pricingLater3")];

export default function Pricing() {
  return (
    <div className="max-w-3xl py-10 md:py-16">
      <h1 className="font-read text-4xl font-medium tracking-tight md:text-display">{platform("pricingTitle")}</h1>
      <p className="mt-6 max-w-xl text-lg text-soft md:text-xl">{platform("pricingLead")}</p>
      <ButtonLink to="/sign-up" size="large" className="mt-8">
        {platform("open")}
      </ButtonLink>
      <section className="mt-16 border-t border-line pt-8">
        <h2 className="text-lg font-semibold">{platform("pricingNow")}</h2>
        <ul className="mt-4 grid gap-3 text-md">
          {now.map((text) => (
            <li key={text} className="flex gap-3">
              <Icon name="check" className="mt-1 text-accent-ink" />
              <span>{text}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="mt-10 border-t border-line pt-8">
        <h2 className="text-lg font-semibold">{platform("pricingLater")}</h2>
        <ul className="mt-4 grid gap-3 text-md text-soft">
          {later.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
    </div>
  );
}
