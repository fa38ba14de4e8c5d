// Where this stage is deployed, as AWS knows it: policies name the account instead of trusting every one.
export const account = aws.getCallerIdentityOutput().accountId;
export const region = aws.getRegionOutput().region;
export const partition = aws.getPartitionOutput().partition;
