import * as z from 'zod';
import { balanceAlgorithms, isBalance } from '../values/balance.js';
import { nearest } from '../values/nearest.js';
import { servers } from './server.js';
import { either, flag, named, oneOf, section, text, verbatim, wholeNumberSchema } from './text.js';
import { addressSchema, durationSchema, pathSchema, portSchema, urlPathSchema } from './values.js';

const bindAddress = addressSchema('an address to listen on, one of the VIPs');

const health = section('the health check', {
  type: oneOf(['tcp', 'http', 'https'])
    .default('tcp')
    .describe(
      '`tcp` connects; `http` and `https` want status 200 from `path`. The certificate of an https server is not verified. ' +
        'For the Kubernetes API server use https and /readyz: it listens long before it is ready.',
    ),
  path: urlPathSchema().describe('The path that is asked for; http and https only. Default: `/`.').optional(),
  interval: durationSchema().default('2s').describe('The time between two checks of a server.'),
});

const timeouts = section('timeouts', {
  connect: durationSchema()
    .default('2s')
    .describe(
      'To connect to a server: the next one is tried then, so that clients wait that long for each that is off the network. Checks wait no longer for their connection either.',
    ),
  client: durationSchema()
    .default('1h')
    .describe(
      'For a client that sends nothing. Shorter ones cut `kubectl logs -f` and watches, which are silent for long.',
    ),
  server: durationSchema().default('1h').describe('For a server that sends nothing.'),
  tunnel: durationSchema()
    .default('4h')
    .describe(
      'For a connection that was upgraded or is plain TCP, in both directions; instead of `client` and `server`. 4h is what the kubelet allows a stream.',
    ),
});

const service = section('a service', {
  bind: either('an address to listen on, one of the VIPs, or a list of them', [
    bindAddress,
    z.array(bindAddress).min(1, { error: 'at least one address' }),
  ])
    .describe('The VIP or VIPs to listen on. Default: every VIP.')
    .optional(),
  port: portSchema().describe('The port to listen on.'),
  mode: oneOf(['tcp', 'http'], modeFix)
    .default('tcp')
    .describe('`tcp` passes bytes on, so that TLS stays between client and server; `http` reads requests.'),
  balance: text(`a balancing algorithm of HAProxy: ${balanceAlgorithms.join(', ')}`, isBalance, balanceFix)
    .default('roundrobin')
    .describe('How a server is chosen: any `balance` algorithm of HAProxy. `leastconn` suits long connections.'),
  tls: section('TLS', {
    certificate: pathSchema('the certificate').describe(
      'One PEM file with the certificate, its chain and the private key.',
    ),
  })
    .describe('Terminates TLS with this certificate.')
    .optional(),
  forwardFor: flag()
    .default(false)
    .describe("Whether to tell servers the client's address in X-Forwarded-For; `mode: http` only."),
  health: health.prefault({}).describe('How servers are checked.'),
  timeouts: timeouts.prefault({}).describe('How long connections may be silent.'),
  servers,
  maxConnections: wholeNumberSchema('a number of connections', 1, 10_000_000)
    .describe(
      'How many connections this service holds at once: its share of `haproxy.maxConnections`. Default: services without one share what is left, equally.',
    )
    .optional(),
  extra: verbatim().describe('Your own lines, verbatim, at the end of its `backend` in haproxy.cfg.').optional(),
});

/** TLS is no mode of its own: it is ended here, or passed on. */
function modeFix(value: unknown): string | undefined {
  if (value !== 'https' && value !== 'ssl' && value !== 'tls') return undefined;
  return 'Write mode: tcp, which passes TLS on to the servers; or mode: http with tls: { certificate: … }, which ends it here.';
}

function balanceFix(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const words = balanceAlgorithms.filter((algorithm) => /^[a-z-]+$/.test(algorithm));
  const near = nearest(value.toLowerCase().replaceAll(/[_ ]/g, ''), words);
  return near === undefined ? undefined : `Did you mean ${near}?`;
}

const mostServices = 1000;

export const services = named('service', 'the services: a map of name to service', service, mostServices).describe(
  'What is served on the VIPs: a map of name to service. `stats`, and names that begin with `ha-deploy-`, are taken by sections of ours.',
);

export type ServiceInput = z.output<typeof service>;
