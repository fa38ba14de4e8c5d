// Ends Postgres and DynamoDB after the supervisor was killed, because they cannot notice it.
// Reads "+ <pid> <signal>" (watch) and "- <pid>" (forget) from the supervisor. When the pipe closes, it signals every
// watched process and kills those that stay.
const watched = new Map();
let rest = "";

process.stdin.on("data", (chunk) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const [sign, pid, name] = line.split(" ");
    if (sign === "+") watched.set(Number(pid), name);
    if (sign === "-") watched.delete(Number(pid));
  }
});
process.stdin.on("end", () => {
  for (const [pid, name] of watched) kill(pid, name);
  if (watched.size === 0) process.exit(0);
  setTimeout(() => {
    for (const pid of watched.keys()) kill(pid, "SIGKILL");
    process.exit(0);
  }, 8000);
  setInterval(() => {
    for (const pid of watched.keys()) if (!kill(pid, 0)) watched.delete(pid);
    if (watched.size === 0) process.exit(0);
  }, 50);
});
// Ctrl-C reaches the whole process group; the guard must outlive the supervisor.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => {});

function kill(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
