/** The rules there are, by the name that configurations use: known without loading the rules themselves. */
export const ruleIds = Array.from({ length: 49 }, (_, index) => `HA${String(index + 1).padStart(3, '0')}`);
