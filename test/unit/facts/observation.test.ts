import { describe, expect, test, vi } from 'vitest';
import { DeployError } from '../../../src/errors/deploy-error.js';
import { type Fact, unreadable } from '../../../src/facts/fact.js';
import { Observation } from '../../../src/facts/observation.js';
import { sh } from '../../../src/remote/shell.js';
import { printed } from './support.js';

function fact<T>(parse: Fact<T>['parse']): Fact<T> {
  return { id: 'thing', command: sh`cat ${'/etc/a thing'}`, parse };
}

function answered(stdout: string): Observation {
  return new Observation('lb-1', new Map([['thing', printed(stdout)]]));
}

function failure(body: () => unknown): DeployError {
  try {
    body();
  } catch (error) {
    if (error instanceof DeployError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('Observation', () => {
  test('parses a fact once, also when there is nothing to find', () => {
    const parse = vi.fn<Fact<undefined>['parse']>(() => undefined);
    const host = answered('text');
    host.get(fact(parse));
    expect(host.get(fact(parse))).toBeUndefined();
    expect(parse.mock.calls).toEqual([[printed('text')]]);
  });

  test('says which node, which command and what it printed, where a fact cannot be read', () => {
    const reason = unreadable('that is no thing');
    const error = failure(() =>
      answered('x'.repeat(5000)).get(
        fact(() => {
          throw reason;
        }),
      ),
    );
    expect(error).toMatchObject({
      code: 'FACT_UNREADABLE',
      exitCode: 1,
      message: 'cannot read the fact "thing": that is no thing',
      details: { node: 'lb-1', command: `cat '/etc/a thing'`, output: 'x'.repeat(2000), cause: reason },
    });
  });

  test('says what is wrong with the host, where the answer is not what is wrong', () => {
    const error = failure(() =>
      answered('full').get(
        fact(() => {
          throw new DeployError('NO_SPACE', 'no space', { hint: 'Make room.' });
        }),
      ),
    );
    expect(error).toMatchObject({
      code: 'NO_SPACE',
      message: 'no space',
      details: { node: 'lb-1', hint: 'Make room.' },
    });
  });

  test('shows nothing of what a host printed that may be secret', () => {
    const confidential: Fact<never> = {
      ...fact((): never => {
        throw unreadable('odd');
      }),
      confidential: true,
    };
    const { details } = failure(() => answered('auth_pass hunter2').get(confidential));
    expect(JSON.stringify(details)).not.toContain('hunter2');
  });

  test('turns whatever a parser throws into such an error', () => {
    const error = failure(() => answered('').get(fact((): unknown => JSON.parse('{'))));
    expect(error.code).toBe('FACT_UNREADABLE');
    expect(error.details.cause).toBeInstanceOf(SyntaxError);
  });

  test('a fact that was not gathered is a defect of ours', () => {
    expect(() => new Observation('lb-1', new Map()).get(fact(() => 1))).toThrow(
      'fact thing was not gathered from lb-1',
    );
  });
});
