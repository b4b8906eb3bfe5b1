import { InputError } from '@qb-heat/core';

/**
 * Reads what an option names.
 *
 * @throws InputError that begins with the option, where the reader refuses.
 */
export async function readFor<T>(option: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    // What is refused for another option says so itself.
    if (!(error instanceof InputError) || error.message.startsWith('--')) throw error;
    throw new InputError(`--${option}: ${error.message}`, { cause: error });
  }
}
