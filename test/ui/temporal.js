// The Temporal UI as an approver uses it: the list of workflows, the page of one, and its two dialogs.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

/** How long the UI may take to show what is there already. */
const PATIENCE = 30_000;

/** Opens the UI in a browser of its own; settings are what that browser has kept in its local storage. */
export async function openTemporal(url, executablePath, settings = {}) {
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  const page = await browser.newPage({ viewport: { width: 1400, height: 1000 }, ignoreHTTPSErrors: true });
  await page.addInitScript((kept) => {
    for (const [name, value] of Object.entries(kept)) localStorage.setItem(name, JSON.stringify(value));
  }, settings);
  page.setDefaultTimeout(PATIENCE);
  return new Temporal(browser, page, url);
}

class Temporal {
  #shots = 0;

  constructor(browser, page, url) {
    this.browser = browser;
    this.page = page;
    this.url = url;
  }

  /** Opens the list with a query and returns the row of a workflow, once it is there. */
  async find(query, workflowID) {
    await this.page.goto(`${this.url}/namespaces/default/workflows?query=${encodeURIComponent(query)}`);
    const row = this.page.getByRole('row').filter({ has: this.page.getByRole('link', { name: workflowID, exact: true }) });
    const deadline = Date.now() + PATIENCE;
    while (!(await appears(row))) {
      if (Date.now() > deadline) throw new Error(`the list of ${query} does not show ${workflowID}`);
      await this.page.getByRole('button', { name: 'Refresh' }).click();
    }
    return row;
  }

  /** Opens a workflow from its row in the list. */
  async open(row, workflowID) {
    await row.getByRole('link', { name: workflowID, exact: true }).click();
    await this.page.getByRole('heading', { name: workflowID }).waitFor();
  }

  /** Opens the tab with the workflow's summary and details, and returns the two documents in it. */
  async metadata() {
    await this.page.getByRole('tab', { name: 'User Metadata' }).click();
    const frames = this.page.locator('iframe');
    return { summary: frames.first().contentFrame(), details: frames.last().contentFrame() };
  }

  /** Fills in the dialog that sends an update, and submits it. */
  async sendUpdate(name, data) {
    const dialog = await this.#dialog('Send an Update');
    await dialog.getByRole('button', { name: 'Select an Update' }).click();
    await this.shoot('updates');
    await this.#submit(dialog, name, data);
    return dialog;
  }

  /** Fills in the dialog that sends a signal, and submits it. */
  async sendSignal(name, data) {
    const dialog = await this.#dialog('Send a Signal');
    await dialog.getByRole('button', { name: 'Select a signal' }).click();
    await this.shoot('signals');
    await this.#submit(dialog, name, data);
    return dialog;
  }

  async #dialog(action) {
    await this.page.getByRole('button', { name: 'More Actions' }).click();
    await this.page.getByRole('menuitem', { name: action }).click();
    return this.page.getByRole('dialog', { name: action });
  }

  async #submit(dialog, name, data) {
    await dialog.getByRole('option', { name: new RegExp(`^${name}\\b`) }).click();
    await dialog.getByRole('textbox', { name: 'Data' }).click();
    await this.page.keyboard.insertText(data);
    await this.shoot(`${name}-filled-in`);
    await dialog.getByRole('button', { name: 'Submit' }).click();
  }

  /** Saves a picture of the page for people to look at, in the folder $SCREENSHOTS if that is set. */
  async shoot(name) {
    const folder = process.env.SCREENSHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    const number = String(++this.#shots).padStart(2, '0');
    await this.page.screenshot({ path: join(folder, `${number}-${name}.png`) });
  }

  async close() {
    await this.browser.close();
  }
}

/** Whether something shows up soon; it is asked again after the list was refreshed. */
async function appears(locator) {
  try {
    await locator.waitFor({ timeout: 1000 });
    return true;
  } catch (error) {
    if (error.name === 'TimeoutError') return false;
    throw error;
  }
}
