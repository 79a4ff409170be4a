import { configJsonSchema } from '../../config/json-schema.js';
import { exitCodes } from '../../errors/deploy-error.js';

export function schemaCommand(): Promise<number> {
  process.stdout.write(`${JSON.stringify(configJsonSchema(), undefined, 2)}\n`);
  return Promise.resolve(exitCodes.ok);
}
