import fc from 'fast-check';

/** `npm test` tries many; who works on the code all day wants an answer soon. */
const isThorough = process.env['HA_DEPLOY_THOROUGH'] === '1';

/** How many cases a property is tried on, of those that a thorough run tries. */
export function cases(many: number): number {
  return isThorough ? many : Math.ceil(many / 4);
}

fc.configureGlobal({ numRuns: cases(100) });
