/**
 * Empty component for a route that only redirects. `export { NoPage as default }` makes it a page route, so Remix
 * renders refusals as an error page instead of JSON.
 */
export const NoPage = () => null;
