import { exitCodes } from './exit.ts';

/**
 * Turns Ctrl-C (and SIGTERM) into an abort signal: the first asks the run to end cleanly and keep what is done, the
 * second ends the process at once.
 *
 * @param announce is called at the first.
 * @returns the signal, and `release`, which gives the signals back to Node's default.
 */
export function watchInterrupts(announce: () => void): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController();
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
    announce();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    release: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
