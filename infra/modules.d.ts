// SST's platform names the types of two packages that it does not install for those who use it.
declare module "archiver";
declare module "bun" {
  export type Shell = unknown;
  export const $: Shell;
}
