import type { LoaderFunctionArgs } from "@remix-run/node";
import { checkAddress, checkName } from "../platform/address.server.ts";
import { onPlatform } from "../server/actor.server.ts";
import { limits } from "../server/limit.server.ts";

/** May a school have this address, and is it still free? Asked while typing; sending the form asks again. */
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
