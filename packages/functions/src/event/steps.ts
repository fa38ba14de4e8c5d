// Between any two of a consumer's steps the process may die. Tests kill it there, at the steps named here; nothing else
// listens.

type Observer = (step: string) => void | Promise<void>;

let observer: Observer | undefined;

/** For kill tests: called at each step before the work goes on. */
export const observeSteps = (listener: Observer | undefined): void => {
  observer = listener;
};

export const reached = async (step: string): Promise<void> => {
  await observer?.(step);
};
