/** Not now: the message comes back after this many seconds. Not a failure, so it is logged as what it is. */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
  constructor(
    readonly seconds: number,
    why: string,
  ) {
    super(why);
  }
}
