// An approver's work in the Temporal UI, from finding what waits to seeing the link ready. The tests tell one
// story and run in order: a wrong decision, a rejection, a new request, an approval.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startStack } from './stack.js';
import { openTemporal } from './temporal.js';

const connection = 'connection/payments/shop';
const waiting = 'LinkPhase="AwaitingApproval"';

const pasted = (decision) => JSON.stringify(decision, null, 2);

describe('when a connection waits for approval', { timeout: 300_000 }, () => {
  let stack;
  let temporal;
  let answer; // what the details give the approver to paste

  before(async () => {
    const { LINKWRIGHT_DEV, CHROMIUM } = process.env;
    assert.ok(LINKWRIGHT_DEV && CHROMIUM, 'LINKWRIGHT_DEV and CHROMIUM must be set to the paths of the two programs; see make test-ui');
    stack = await startStack(LINKWRIGHT_DEV);
    temporal = await openTemporal(stack.uiURL, CHROMIUM);
    await stack.linkwright('apply', '-f', stack.specs, '--as', 'grace');
  });

  after(async () => {
    await temporal?.close();
    assert.equal(await stack?.stop(), 0, 'linkwright-dev ends without an error');
  });

  /** Finds the waiting connection, opens it, and reads what is asked. */
  async function readQuestion() {
    const row = await temporal.find(waiting, connection);
    await temporal.shoot('waiting');
    await temporal.open(row, connection);
    await temporal.shoot('workflow');
    const { summary, details } = await temporal.metadata();
    await details.getByText('To decide').waitFor();
    await temporal.shoot('details');
    answer = JSON.parse(await details.locator('pre').innerText());
    return { summary, details };
  }

  it('shows who asks for what, and the answer to paste', async () => {
    const { summary, details } = await readQuestion();
    const status = await stack.status(connection);

    assert.match(await summary.locator('body').innerText(), /Connect account consumer in eu-central-1 to payments/);
    const items = await details.getByRole('listitem').allInnerTexts();
    assert.ok(items.includes('Account 222222222222 (consumer) asks to connect to service payments.'), items.join('\n'));
    assert.ok(items.includes(`Its endpoint is ${status.waiting.approve.endpoint}.`), items.join('\n'));
    assert.ok(items.some((line) => line.endsWith('by grace.')), items.join('\n'));
    assert.equal(answer.endpoint, status.waiting.approve.endpoint);
    assert.equal(answer.owner, '222222222222');
  });

  it('refuses an approval of another endpoint, says why, and changes nothing', async () => {
    const before = await stack.status(connection);
    const other = { ...answer, endpoint: 'vpce-00000000000000000', by: 'Ada Lovelace', reason: 'looks right' };

    const dialog = await temporal.sendUpdate('approve', pasted(other));

    await dialog.getByRole('alert').filter({ hasText: `the connection is endpoint ${answer.endpoint}` }).waitFor();
    await temporal.shoot('refused');
    assert.deepEqual(await stack.status(connection), before);
    await dialog.getByRole('button', { name: 'Cancel' }).last().click();
  });

  it('turns the endpoint away when it is rejected by signal', async () => {
    await temporal.sendSignal('reject', pasted({ ...answer, by: 'Ada Lovelace', reason: 'ask again next week' }));

    const row = await temporal.find('LinkPhase="Rejected"', connection);
    await temporal.shoot('rejected');
    await temporal.open(row, connection);
    const { details } = await temporal.metadata();
    await details.getByText('reject by Ada Lovelace, via signal').waitFor();
    await temporal.shoot('rejected-details');
  });

  it('becomes ready when it is asked for again and approved by update', async () => {
    const turnedAway = answer.endpoint;
    await stack.linkwright('apply', '-f', stack.specs, '--as', 'grace');
    await readQuestion();
    assert.notEqual(answer.endpoint, turnedAway, 'a new request has an endpoint of its own');

    const dialog = await temporal.sendUpdate('approve', pasted({ ...answer, by: 'Ada Lovelace', reason: 'agreed with the shop team' }));
    await dialog.waitFor({ state: 'hidden' });
    await temporal.shoot('approved');

    const row = await temporal.find('LinkPhase="Ready"', connection);
    await temporal.shoot('ready');
    await temporal.open(row, connection);
    await temporal.shoot('ready-timeline');
    const { details } = await temporal.metadata();
    const decision = details.getByRole('listitem').filter({ hasText: 'approve by Ada Lovelace, via update' });
    await decision.waitFor();
    await temporal.shoot('ready-details');
    assert.match(await decision.innerText(), /agreed with the shop team/);
    const { phase, decisions } = await stack.status(connection);
    assert.equal(phase, 'Ready');
    const { verb, by, via, endpoint } = decisions.at(-1);
    assert.deepEqual({ verb, by, via, endpoint }, { verb: 'approve', by: 'Ada Lovelace', via: 'update', endpoint: answer.endpoint });
  });
});
