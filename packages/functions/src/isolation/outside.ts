/** Addresses of the API function that the matrix does not call, each with the reason. Whatever else it answers is in it. */
export const outside: Readonly<Record<string, string>> = {
  "GET /health": "says that the process lives; nobody's data",
  "GET /health/ready": "says which parts answer; nobody's data",
  "GET /metrics": "counters without names, for whoever knows the operators' token; tried in api/metrics.test.ts",
  "GET /api/v1/openapi.json": "the document of the operations, the same for everybody",
  "GET /api/docs": "the same document to read",
  "GET /api/internal/v1/schools/:schoolId":
    "for our own functions by signature, on the platform's own host; no person has rights there; forged in api/internal.test.ts",
  "GET /api/internal/v1/status/:slug":
    "for operators' own commands by signature, on the platform's own host; tried with foreign keys in packages/cli/src/status.test.ts",
};
