/** What stands for the multi-tenant distribution and its connection group. */
export const house = {
  distributionId: "ELOCALTENANTS",
  connectionGroupId: "cg_local",
  routingEndpoint: "lectern-local.cloudfront.localhost",
};
