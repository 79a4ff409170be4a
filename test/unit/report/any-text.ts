import fc from 'fast-check';

/** Any text that JavaScript can hold: control characters, invisible ones, half pairs. */
export const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xffff })), { maxLength: 30 })
  .map((units) => String.fromCharCode(...units));
