/** Something that the user has to mend; the message is all that is shown. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
  /** @type {number} */
  exitCode;

  /**
   * @param {string} message
   * @param {1 | 2} exitCode 2 for a wrong command line, 1 for what is missing on the machine.
   */
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
