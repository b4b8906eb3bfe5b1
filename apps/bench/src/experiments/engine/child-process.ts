import { fork } from 'node:child_process';
import type { ChildReply, ChildRequest } from './measure-child.ts';

/** Runs `measure-child` in a process of its own. Its death is a reply too; an abort by `signal` throws. */
export function measureInChild(request: ChildRequest, signal?: AbortSignal): Promise<ChildReply> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('measure-child.js', import.meta.url), [JSON.stringify(request)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...(signal && { signal }),
    });
    let reply: ChildReply | undefined;
    let errorText = '';
    child.on('message', (message) => {
      reply = message as ChildReply;
    });
    child.stderr?.on('data', (chunk) => {
      errorText += String(chunk);
    });
    child.on('error', reject);
    child.on('exit', (code, killedBy) => {
      resolve(reply ?? { unavailable: describeDeath(code, killedBy, errorText) });
    });
  });
}

function describeDeath(code: number | null, killedBy: string | null, errorText: string): string {
  const end = killedBy === null ? `ended with exit code ${code}` : `was killed by ${killedBy}`;
  const error = errorText.split('\n').find((line) => /^\w*Error\b/.test(line));
  return error === undefined ? `the process ${end}` : `the process ${end}: ${error}`;
}
