import { flatRoutes } from "@remix-run/fs-routes";

/** One file per address in app/routes, named as the address reads: `courses.$courseSlug.enroll.tsx`. */
export default flatRoutes({ ignoredRouteFiles: ["**/*.test.ts", "**/*.test.tsx"] });
