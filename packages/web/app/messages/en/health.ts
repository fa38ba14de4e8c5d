import { translator } from "../index.ts";

/** Words of /admin/health. */
export const health = translator({
  title: "Health",
  lead: "How your site has been doing these seven days. We see the same, and work on it.",
  wellTitle: "All is well",
  wellBody: "Nothing broke and nothing was slow in the last seven days. If something does, it stands here.",
  week: "{count|One error|# errors} in seven days",
  errorsOf: "{count|one error|# errors}",
  trouble: "What broke",
  troubleLead: "Whoever met it saw a page that says so. Tell us the reference when you write to support.",
  where: "Page or operation",
  times: "How often",
  timesOf: "{count|once|# times}",
  last: "Last seen",
  reference: "Reference",
  slow: "What was slow",
  slowLead: "Pages and operations that took longer than a second.",
  mean: "On average",
  seconds: "{n} s",
});
