/**
 * The page of an address that only ever sends people on: it shows nothing. `export { NoPage as default }` makes the route a
 * page for Remix, so that a refusal there is an error page too and not a line of JSON.
 */
export const NoPage = () => null;
