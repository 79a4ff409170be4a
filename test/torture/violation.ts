/** The rules that a sequence must keep. */
export type Rule =
  | 'two-holders'
  | 'no-holder'
  | 'standing-back'
  | 'torn'
  | 'not-alike'
  | 'not-quiet'
  | 'contract'
  | 'not-repaired'
  | 'not-idempotent';

/** That a rule was broken, and when. */
export interface Violation {
  readonly rule: Rule;
  readonly what: string;
  /** Milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}
