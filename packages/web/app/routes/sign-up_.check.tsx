import type { LoaderFunctionArgs } from "@remix-run/node";
import { checkAddress, checkName } from "../platform/address.server.ts";
import { onPlatform } from "../server/actor.server.ts";
import { limits } from "../server/limit.server.ts";

/** Checks an address during typing; submitting the form checks it again. */
export const loader = (args: LoaderFunctionArgs) =>
  onPlatform(
    args,
    () => {
      const params = new URL(args.request.url).searchParams;
      const name = params.get("name");
      return name === null ? checkAddress(params.get("slug") ?? "") : checkName(name);
    },
    { limit: limits.typing },
  );
