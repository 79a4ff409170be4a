import * as z from 'zod';
import { clusterSchema } from './schema/cluster.js';

/**
 * The JSON Schema of `ha-deploy.yaml`, for editors and for `ha-deploy schema`. It knows every key, type and pattern;
 * what concerns several keys at once only loading knows.
 */
export function configJsonSchema() {
  const schema = z.toJSONSchema(clusterSchema, { io: 'input' });
  // As readDraft leaves out keys of the operator's own.
  return { ...schema, patternProperties: { '^x-': {} }, $id: 'urn:ha-deploy:configuration', title: 'ha-deploy.yaml' };
}
