// What the Temporal UI shows of flows whose payloads are encrypted, with a codec endpoint and without; and that it
// takes nothing that others wrote for markup. The tests tell one story and run in order.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startCodec, startIssuer } from './codec.js';
import { startStack } from './stack.js';
import { openTemporal } from './temporal.js';

const run = promisify(execFile);
const connection = 'connection/payments/shop';
const pasted = (decision) => JSON.stringify(decision, null, 2);

describe('when payloads are encrypted', { timeout: 300_000 }, () => {
  const { LINKWRIGHT_DEV, CHROMIUM } = process.env;
  let folder, stack, issuer, codec, temporal, question;

  before(async () => {
    assert.ok(LINKWRIGHT_DEV && CHROMIUM, 'LINKWRIGHT_DEV and CHROMIUM must be set to the paths of the two programs; see make test-ui');
    folder = await mkdtemp(join(tmpdir(), 'linkwright-ui-'));
    const linkwright = join(dirname(LINKWRIGHT_DEV), 'linkwright');
    const keys = join(folder, 'keys.yaml');
    await run(linkwright, ['add-key', keys]);
    stack = await startStack(LINKWRIGHT_DEV, '--encryption-keys', keys);
    issuer = await startIssuer();
    codec = await startCodec(linkwright, folder, keys, issuer, new URL(stack.uiURL).origin);
    await stack.linkwright('apply', '-f', stack.specs, '--as', 'grace');
  });

  after(async () => {
    await temporal?.close();
    await codec?.stop();
    issuer?.stop();
    assert.equal(await stack?.stop(), 0, 'linkwright-dev ends without an error');
    if (folder) await rm(folder, { recursive: true });
  });

  /** Opens the waiting connection in a browser, for somebody who has signed in with a token, or for anybody. */
  async function open(token) {
    await temporal?.close();
    const signedIn = { endpoint: codec.url, passAccessToken: true, overrideRemoteCodecConfiguration: true, AuthUser: { accessToken: token } };
    temporal = await openTemporal(stack.uiURL, CHROMIUM, token ? signedIn : {});
    // The UI of linkwright-dev knows no sign-in, so it is told that there is one, and keeps the token.
    await temporal.page.route('**/api/v1/settings*', async (route) => {
      const response = await route.fetch();
      const settings = await response.json();
      settings.Auth = { ...settings.Auth, Enabled: Boolean(token) };
      await route.fulfill({ response, json: settings });
    });
    await temporal.open(await temporal.find('LinkPhase="AwaitingApproval"', connection), connection);
  }

  /** Makes sure that the page is there, with nothing of the link on it. */
  async function showsNothing() {
    const { details } = await temporal.metadata();
    await details.getByText('No Current Details').waitFor();
    await temporal.page.getByRole('button', { name: 'More Actions' }).waitFor();
    const shown = `${await temporal.page.locator('body').innerText()} ${await details.locator('body').innerText()}`;
    for (const secret of ['To decide', 'vpce-', 'grace', '222222222222']) assert.ok(!shown.includes(secret), `the page shows ${secret}`);
  }

  it('finds the flow and shows nothing of it without a codec endpoint', async () => {
    await open();
    await showsNothing();
    await temporal.shoot('encrypted');
  });

  it('shows nothing to those whose token has expired, and says that the endpoint refuses', async () => {
    await open(issuer.token(-60));
    await showsNothing();
    await temporal.page.locator('#content').getByText('Codec Server could not connect').waitFor();
    await temporal.shoot('encrypted-expired');
  });

  it('shows everything to those who are signed in', async () => {
    await open(issuer.token(3600));
    const { details } = await temporal.metadata();
    await details.getByText('To decide').waitFor();
    await temporal.shoot('decrypted');
    question = JSON.parse(await details.locator('pre').innerText());
    assert.equal(question.owner, '222222222222');
  });

  it('shows what others wrote as text', async () => {
    const by = '<b>Ada</b> `x` [here](https://evil.example.com)';
    const reason = '<script>window.owned = 1</script><img src=x onerror="window.owned = 1"> **bold** https://evil.example.com www.evil.example.com '
      + '![i](https://evil.example.com/i.png) <https://evil.example.com> a@evil.example.com\n# heading\n\n- item\u202e';
    const dialog = await temporal.sendSignal('approve', pasted({ ...question, endpoint: 'vpce-` <i>', by, reason }));
    await dialog.waitFor({ state: 'hidden' });
    await open(issuer.token(3600));
    const { details } = await temporal.metadata();
    const line = details.getByRole('listitem').filter({ hasText: 'evil.example.com' });
    await line.first().waitFor();
    await temporal.shoot('hostile');
    const text = await line.first().innerText();
    assert.ok(text.includes(by), text);
    assert.ok(text.includes('<script>window.owned = 1</script>'), text);
    assert.equal(await details.locator('a, img, b, i, h1, h2').count(), 0, await details.locator('body').innerHTML());
    for (const frame of temporal.page.frames()) assert.equal(await frame.evaluate(() => window.owned), undefined);
  });

  it('takes an approval that the codec endpoint has encrypted', async () => {
    const dialog = await temporal.sendUpdate('approve', pasted({ ...question, by: 'Ada Lovelace', reason: 'agreed with the shop team' }));
    await dialog.waitFor({ state: 'hidden' });
    await temporal.find('LinkPhase="Ready"', connection);
    const { decisions } = await stack.status(connection);
    const { verb, by, via } = decisions.at(-1);
    assert.deepEqual({ verb, by, via }, { verb: 'approve', by: 'Ada Lovelace', via: 'update' });
  });
});
