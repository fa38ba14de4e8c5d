import { flatRoutes } from "@remix-run/fs-routes";

/** One file per address in app/routes: `courses.$courseSlug.enroll.tsx`. */
export default flatRoutes({ ignoredRouteFiles: ["**/*.test.ts", "**/*.test.tsx"] });
