// Why a source cannot be fetched from, in the words of a probe, and whether trying again may help.

/** The words of a probe's result (`updatesession/file?~action=probe`) for what is not a success. */
export type PullProblem = 'INVALID_URL' | 'HOST_NOT_FOUND' | 'CERTIFICATE_ERROR' | 'TIMED_OUT' | 'UNKNOWN_ERROR';

export interface SeenCertificate {
  /** SHA-1 of the DER, upper-case hexadecimal with colons: the form that clients give back. */
  readonly thumbprint: string;
  readonly pem: string;
}

export interface PullTrouble {
  readonly problem?: PullProblem;
  /** It may go better in a while. */
  readonly passing?: boolean;
  /** What the server showed, where that was the trouble. */
  readonly certificate?: SeenCertificate;
}

/** Its message is for clients: no path of this machine, no query and no credentials of a URI stand in it. */
export class PullFailure extends Error {
  override readonly name = 'PullFailure';
  readonly problem: PullProblem;
  readonly passing: boolean;
  readonly certificate?: SeenCertificate;
  constructor(message: string, { problem = 'UNKNOWN_ERROR', passing = false, certificate }: PullTrouble = {}) {
    super(message);
    this.problem = problem;
    this.passing = passing;
    this.certificate = certificate;
  }
}
