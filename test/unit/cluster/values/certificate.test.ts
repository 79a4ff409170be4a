import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { certificateFacts, readPem } from '../../../../src/cluster/values/certificate.js';
import { certificateFiles, pem } from '../../../support/certificates.js';

describe('a PEM file with', () => {
  test.each(certificateFiles)('$name', ({ content, fault }) => {
    const reading = readPem(content);
    if (fault === undefined) expect(reading).toEqual({ text: expect.stringContaining('PRIVATE KEY') as string });
    else
      expect(reading).toEqual({
        fault: expect.stringMatching(fault) as string,
        fix: expect.stringMatching(/\.$/) as string,
      });
  });

  test('text alone is what it is, to its last byte', () => {
    const content = `\nRemarks, für Zürich\n${pem('leaf.pem')}${pem('leaf.key')}\n\n`;
    expect(readPem(Buffer.from(content))).toEqual({ text: content });
  });

  test('other encodings loses what stands between the blocks', () => {
    const content = Buffer.concat([Buffer.from('Zürich\n', 'latin1'), Buffer.from(pem('leaf.pem') + pem('leaf.key'))]);
    expect(readPem(content)).toEqual({ text: pem('leaf.pem') + pem('leaf.key') });
  });

  test('anything is read or refused', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        pem('leaf.pem'),
        pem('leaf.key'),
        '-----BEGIN CERTIFICATE-----\n',
        '-----END CERTIFICATE-----',
        '-----',
      ),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const reading = readPem(Buffer.from(pieces.join('')));
        if ('text' in reading) expect(certificateFacts(reading.text)?.names).toContain('www.example.com');
        else expect(reading.fault).not.toBe('');
      }),
    );
  });

  test('a mebibyte of dashes is done with', () => {
    expect(readPem(Buffer.from(`-----BEGIN CERTIFICATE-----${'-'.repeat(1 << 20)}`))).toMatchObject({
      fault: 'has nothing in PEM',
    });
  });
});

describe('a certificate', () => {
  const leaf = pem('leaf.pem') + pem('leaf.key');

  test('says whom it is for, and how long', () => {
    const facts = certificateFacts(leaf);
    expect(facts?.names).toEqual(['www.example.com', '*.example.net', '192.0.2.10']);
    expect(facts?.from.getUTCFullYear()).toBe(2026);
    expect(facts?.until.getUTCFullYear()).toBe(2126);
    expect(facts).not.toHaveProperty('stray');
  });

  test('without other names has that of its subject', () => {
    expect(certificateFacts(pem('intermediate.pem'))?.names).toEqual(['Intermediate']);
  });

  test.each([
    [['intermediate.pem'], undefined],
    [['intermediate.pem', 'ca.pem'], undefined],
    [['ca.pem'], 'Root'],
    [['intermediate.pem', 'leaf.pem'], 'www.example.com'],
  ])('followed by %j', (chain, stray) => {
    expect(certificateFacts(leaf + chain.map(pem).join(''))?.stray).toBe(stray);
  });

  const alone = pem('leaf-of-public-authority.pem');

  test.each([
    ['that says where the certificate of its issuer is', alone, 'CN=Intermediate of nobody'],
    ['that comes with a chain', alone + pem('intermediate.pem'), undefined],
    ['of a private authority', leaf, undefined],
  ])('has an issuer that is not sent, or has not: one %s', (_, text, issuer) => {
    expect(certificateFacts(text)?.unsentIssuer).toBe(issuer);
  });
});
