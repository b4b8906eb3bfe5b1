/**
 * An error that the user of a program can mend: a wrong option, file or shape. Its message is one line that names the
 * function, option or file, what was expected and what came.
 */
export class InputError extends Error {
  override readonly name = 'InputError';
}
