// SPDX-FileCopyrightText: The gst-harmony4 authors
// SPDX-License-Identifier: LGPL-2.1-or-later
// Live pipelines, a network that fails, and waiting for what is to happen.

import { spawn } from 'node:child_process';
import { connect, createServer } from 'node:net';

const WITHIN = 60000;  // ms for anything to happen: the machine may be busy

const cleanups = [];

/** What a test started ends with it: call cleanUp() in afterEach. */
export async function cleanUp() {
  while (cleanups.length) await cleanups.pop()();
}

export async function until(condition, what) {
  const end = Date.now() + WITHIN;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`not within ${WITHIN / 1000} s: ${what ?? condition}`);
    await new Promise((done) => { setTimeout(done, 80); });
  }
}

const listening = (server, port = 0) => new Promise((done, fail) => {
  server.once('error', fail);
  server.listen(port, '127.0.0.1', () => done(server.address().port));
});

/** A port that was free a moment ago: two elements are to share it, or one is to come back to it. */
export async function freePort() {
  const server = createServer();
  const port = await listening(server);
  await new Promise((done) => { server.close(done); });
  return port;
}

function environment() {
  const env = { ...process.env };
  if (env.H4_PRELOAD) {
    env.LD_PRELOAD = env.H4_PRELOAD;
    env.ASAN_OPTIONS = `${env.ASAN_OPTIONS ?? ''}:detect_leaks=0`;
  }
  return env;
}

export class Pipeline {
  constructor(line) {
    this.said = '';
    this.child = spawn('gst-launch-1.0', ['-q', '-e', '--no-fault', ...line.trim().split(/\s+/)], { env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr]) stream.on('data', (data) => { this.said += data; });
    this.ended = new Promise((done) => { this.child.on('exit', done); });
    cleanups.push(() => this.stop('SIGKILL'));
  }

  get running() { return this.child.exitCode === null && this.child.signalCode === null; }

  async stop(signal) {
    if (this.running) this.child.kill(signal);
    await this.ended;
  }
}

/** A pipeline whose streams are all there; PORT in it is the port. */
export async function launch(line, names, { port = null, headers = {} } = {}) {
  const at = port ?? await freePort();
  const pipeline = new Pipeline(line.replaceAll('PORT', at));
  pipeline.port = at;
  pipeline.address = `http://127.0.0.1:${at}/`;
  await until(async () => {
    if (!pipeline.running) throw new Error(`the pipeline ended: ${pipeline.said}`);
    try {
      const answer = await fetch(`${pipeline.address}streams`, { headers });
      const list = answer.ok ? await answer.json() : [];
      return names.every((name) => list.some((stream) => stream.name === name));
    } catch {
      return false;
    }
  }, `streams ${names}`);
  return pipeline;
}

/** Passes connections on to a port, until they are cut. */
export class Network {
  static async to(port) {
    const network = new Network();
    network.sockets = new Set();
    network.broken = false;
    network.server = createServer((near) => network.pass(near, port));
    network.port = await listening(network.server);
    network.address = `http://127.0.0.1:${network.port}/`;
    cleanups.push(() => {
      network.cut();
      return new Promise((done) => { network.server.close(done); });
    });
    return network;
  }

  pass(near, port) {
    near.on('error', () => {});
    if (this.broken) {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    far.on('error', () => {});
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far).pipe(near);
    this.sockets.add(near);
    near.on('close', () => this.sockets.delete(near));
  }

  cut() {
    this.broken = true;
    for (const socket of this.sockets) socket.destroy();
  }

  mend() { this.broken = false; }
}

export const VIDEO = (stream, more = '') => `videotestsrc is-live=true ! video/x-raw,width=160,height=90,framerate=25/1
  ! x264enc bframes=2 b-adapt=false key-int-max=25 rc-lookahead=5 speed-preset=ultrafast
  ! h4videotok ! h4sse stream=${stream} port=PORT ${more}`;
export const AUDIO = (stream, more = '') => `audiotestsrc is-live=true freq=1000 ! audio/x-raw,rate=48000,channels=1
  ! h4audiofft ! h4sse stream=${stream} port=PORT ${more}`;
