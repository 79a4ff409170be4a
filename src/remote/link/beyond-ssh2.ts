import { DeployError } from '../../errors/deploy-error.js';

/** A login that the built-in SSH library cannot do, and the system's `ssh` can. */
export class BeyondSsh2 extends Error {
  override readonly name = 'BeyondSsh2';
  /** What failed without it, for where there is no `ssh` to turn to. */
  readonly failure: DeployError | undefined;
  /** Whether the host has got the password, which must not be given once more. */
  readonly isPasswordSpent: boolean;

  /** @param what needs it: "a certificate" */
  constructor(what: string, failure?: DeployError, isPasswordSpent = false) {
    super(what, { cause: failure });
    this.failure = failure;
    this.isPasswordSpent = isPasswordSpent;
  }

  /** For where it must be done without. */
  get refusal(): DeployError {
    return (
      this.failure ??
      new DeployError('TRANSPORT_UNSUITED', `${this.message} needs the OpenSSH client`, {
        hint: 'Install it, and set ssh.transport to auto or openssh.',
        cause: this,
      })
    );
  }
}
