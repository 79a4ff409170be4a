/** Where no other is named. */
export const defaultConfig = 'ha-deploy.yaml';
