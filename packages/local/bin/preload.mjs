// Makes dns.lookup resolve *.localhost as browsers and curl do; Node asks the system, which may not know the names.
// Development and tests only.
import dns from "node:dns";

const isLocal = (host) => typeof host === "string" && /(^|\.)localhost\.?$/i.test(host);
const address = "127.0.0.1";

const lookup = dns.lookup;
dns.lookup = function patched(host, options, callback) {
  if (!isLocal(host)) return lookup.call(dns, host, options, callback);
  const done = typeof options === "function" ? options : callback;
  const all = typeof options === "object" && options !== null && options.all === true;
  process.nextTick(() => (all ? done(null, [{ address, family: 4 }]) : done(null, address, 4)));
};

const promised = dns.promises.lookup;
dns.promises.lookup = async function patched(host, options) {
  if (!isLocal(host)) return promised.call(dns.promises, host, options);
  const all = typeof options === "object" && options !== null && options.all === true;
  return all ? [{ address, family: 4 }] : { address, family: 4 };
};
