import { describeBackends, type BackendReport } from '@qb-heat/training';
import Table from 'cli-table3';
import { exitCodes } from './exit.ts';

/** Prints which backends work here, which one `auto` takes, and how to get a better one. */
export async function runDoctor(): Promise<number> {
  console.log(describeReport(await describeBackends()));
  return exitCodes.success;
}

function describeReport({ backends, chosen, advice }: BackendReport): string {
  const table = new Table({ head: ['backend', 'version', 'runs on', 'threads', ''], style: { head: [], border: [] } });
  for (const backend of backends) {
    if (!backend.isUsable) {
      table.push([backend.name, '–', '–', '–', `does not work here: ${backend.problem}`]);
      continue;
    }
    const { name, version, device, threads } = backend;
    const isChosen = name === chosen.name;
    table.push([
      name,
      version,
      device === 'gpu' ? 'GPU' : 'CPU',
      String(threads),
      isChosen ? 'taken by --backend auto' : '',
    ]);
  }
  return [table.toString(), ...(advice === null ? [] : [advice])].join('\n');
}
