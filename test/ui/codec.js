// A codec endpoint, and the OpenID Connect issuer whose tokens it takes.

import { execFile, spawn } from 'node:child_process';
import { createSign, generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);
const audience = 'temporal';

/** Starts an issuer, as far as a verifier of tokens needs one. */
export async function startIssuer() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const server = createServer((request, response) => {
    const answers = {
      '/.well-known/openid-configuration': { issuer: url, jwks_uri: `${url}/keys`, id_token_signing_alg_values_supported: ['RS256'] },
      '/keys': { keys: [key] },
    };
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(answers[request.url] ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

  return {
    url,

    /** A token that expires in so many seconds. */
    token(seconds) {
      const claims = { iss: url, aud: audience, sub: 'ada', exp: Math.floor(Date.now() / 1000) + seconds };
      const signed = `${encode({ alg: 'RS256', kid: 'one' })}.${encode(claims)}`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
    },

    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Starts linkwright codec with a certificate of its own, for pages of one origin. */
export async function startCodec(linkwright, folder, keys, issuer, origin) {
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=codec',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-out', cert, '-keyout', key]);
  const child = spawn(linkwright, ['codec', '--listen', '127.0.0.1:0', '--tls-cert', cert, '--tls-key', key, '--encryption-keys', keys,
    '--oidc-issuer', issuer.url, '--oidc-audience', audience, '--allow-origin', origin, '--encode'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = once(child, 'exit');
  process.once('exit', () => child.kill('SIGINT')); // also when the tests are interrupted
  let url;
  for await (const line of createInterface({ input: child.stdout })) {
    url = line.match(/^serving on (\S+)$/)?.[1];
    break;
  }
  if (!url) throw new Error('linkwright codec did not say where it serves');

  return {
    url,
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}
