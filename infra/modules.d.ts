// SST's platform refers to types of two packages that it does not install.
declare module "archiver";
declare module "bun" {
  export type Shell = unknown;
  export const $: Shell;
}
