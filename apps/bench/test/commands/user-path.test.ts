import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { resolveUserPath } from '../../src/commands/user-path.ts';

describe('resolveUserPath', () => {
  it('takes relative paths from where the user stood when a package script runs it', () => {
    const environment = { npm_lifecycle_event: 'bench', INIT_CWD: '/home/user/project' };
    expect(resolveUserPath('pictures', environment)).toBe(path.resolve('/home/user/project/pictures'));
  });

  it('takes them from the current folder otherwise, whatever another script left behind', () => {
    expect(resolveUserPath('pictures', {})).toBe(path.resolve('pictures'));
    const environment = { npm_lifecycle_event: 'test', INIT_CWD: '/home/user/project' };
    expect(resolveUserPath('pictures', environment)).toBe(path.resolve('pictures'));
  });

  it('keeps absolute paths', () => {
    expect(resolveUserPath('/data', { npm_lifecycle_event: 'bench', INIT_CWD: '/home' })).toBe(path.resolve('/data'));
  });
});
