export const house = {
  distributionId: "ELOCALTENANTS",
  connectionGroupId: "cg_local",
  routingEndpoint: "lectern-local.cloudfront.localhost",
};
