/** What the status message of a failed launch tells: a shortage of the moment, or a quota that only a person can raise. */

/** Error codes of EC2 and the sentences of its messages; RequestLimitExceeded is throttling, not a quota. */
const QUOTA = /MaxSpotInstanceCountExceeded|Max spot instance count exceeded|VcpuLimitExceeded|vCPU limit|InstanceLimitExceeded|quota/i;

export const isQuota = (statusMessage: string): boolean => QUOTA.test(statusMessage);
