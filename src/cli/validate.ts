import { exitCodes } from '../errors/deploy-error.js';
import { type GlobalOptions, invoke } from './context.js';

export function validate(options: GlobalOptions): Promise<number> {
  return invoke('validate', options, () => Promise.resolve(exitCodes.ok));
}
