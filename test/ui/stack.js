// The system under test: linkwright-dev as a child process, and the linkwright command line that lies beside it.

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Starts linkwright-dev on free ports, and returns when it has said where everything is. Flags are for every program. */
export async function startStack(linkwrightDev, ...flags) {
  const ports = ['--port', '--ui-port', '--cloud-port', '--dns-port'].flatMap((flag) => [flag, '0']);
  const child = spawn(linkwrightDev, ['up', ...ports, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');

  process.once('exit', () => child.kill('SIGINT')); // also when the tests are interrupted

  const said = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (line.startsWith('Press Ctrl-C')) break;
  }
  child.stdout.resume();

  const after = (start) => {
    const line = said.find((l) => l.trim().startsWith(start));
    if (!line) throw new Error(`linkwright-dev did not say "${start}". It said:\n${said.join('\n')}`);
    return line.trim().slice(start.length).trim();
  };
  const address = after('export TEMPORAL_ADDRESS=');
  const linkwright = join(dirname(linkwrightDev), 'linkwright');

  return {
    uiURL: after("Temporal's UI"),
    specs: after('linkwright apply -f'),

    /** Runs the linkwright command line and returns what it printed. */
    async linkwright(...args) {
      const { stdout } = await run(linkwright, [...args, ...flags], { env: { ...process.env, TEMPORAL_ADDRESS: address } });
      return stdout;
    },

    /** The status of an object, as `linkwright describe` tells it. */
    async status(object) {
      return JSON.parse(await this.linkwright('describe', object, '-o', 'json'));
    },

    async stop() {
      child.kill('SIGINT');
      const [code] = await ended;
      return code;
    },
  };
}
