import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { benchArguments } from '../src/commands/bench-arguments.ts';
import { parseArguments } from '../src/commands/parse-arguments.ts';

const manifest = fileURLToPath(new URL('../kubernetes/indexed-job.yaml', import.meta.url));

const quantity = z.string().regex(/^\d+(\.\d+)?(m|Ki|Mi|Gi|Ti)?$/);
const resources = z.strictObject({
  cpu: quantity.optional(),
  memory: quantity.optional(),
  storage: quantity.optional(),
});
const dnsLabel = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);

/** What the manifest uses of Kubernetes' batch/v1 Job, field by field; a misspelt one is refused, as by its API with strict validation. */
const jobSchema = z.strictObject({
  apiVersion: z.literal('batch/v1'),
  kind: z.literal('Job'),
  metadata: z.strictObject({ name: dnsLabel }),
  spec: z.strictObject({
    completionMode: z.literal('Indexed'),
    completions: z.int().min(1),
    parallelism: z.int().min(1),
    backoffLimitPerIndex: z.int().min(0),
    template: z.strictObject({
      spec: z.strictObject({
        // A per-index backoff limit asks for it.
        restartPolicy: z.literal('Never'),
        containers: z
          .array(
            z.strictObject({
              name: dnsLabel,
              image: z.string().min(1),
              workingDir: z.string().startsWith('/'),
              command: z.array(z.string()),
              args: z.array(z.string()),
              resources: z.strictObject({ requests: resources, limits: resources }),
              volumeMounts: z.array(
                z.strictObject({
                  name: dnsLabel,
                  mountPath: z.string().startsWith('/'),
                  readOnly: z.boolean().optional(),
                }),
              ),
            }),
          )
          .length(1),
        volumes: z.array(
          z.strictObject({
            name: dnsLabel,
            persistentVolumeClaim: z.strictObject({ claimName: dnsLabel, readOnly: z.boolean().optional() }),
          }),
        ),
      }),
    }),
  }),
});

const claimSchema = z.strictObject({
  apiVersion: z.literal('v1'),
  kind: z.literal('PersistentVolumeClaim'),
  metadata: z.strictObject({ name: dnsLabel }),
  spec: z.strictObject({
    accessModes: z.array(z.enum(['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'])),
    resources: z.strictObject({ requests: resources }),
  }),
});

let job: z.output<typeof jobSchema>;
let claim: z.output<typeof claimSchema>;
beforeAll(async () => {
  const documents = parseAllDocuments(await readFile(manifest, 'utf8'));
  const [first, second] = documents.map((document) => document.toJS() as unknown);
  job = jobSchema.parse(first);
  claim = claimSchema.parse(second);
});

describe('the manifest of an Indexed Job', () => {
  it('runs as many shards as it completes, each into a folder of its own', () => {
    const { completions, parallelism, template } = job.spec;
    const [script = ''] = template.spec.containers[0]!.args;
    const [, numShards] = /--shard \$\(\(JOB_COMPLETION_INDEX \+ 1\)\)\/(\d+)/.exec(script) ?? [];
    expect(Number(numShards)).toBe(completions);
    expect(parallelism).toBeLessThanOrEqual(completions);
    expect(script).toContain('--out /results/shard-$((JOB_COMPLETION_INDEX + 1))');
  });

  it('calls the bench with options that it has', () => {
    const [script = ''] = job.spec.template.spec.containers[0]!.args;
    const [, options = ''] = script.split('cli.js ');
    const words = options.replace(/\$\(\(JOB_COMPLETION_INDEX \+ 1\)\)/g, '1').split(/\s+/);
    expect(() => parseArguments(words, benchArguments, { name: null, commands: [] })).not.toThrow();
  });

  it('mounts the volumes that it names, and claims what it writes to', () => {
    const { containers, volumes } = job.spec.template.spec;
    expect(containers[0]!.volumeMounts.map(({ name }) => name).toSorted()).toEqual(
      volumes.map(({ name }) => name).toSorted(),
    );
    expect(volumes.map(({ persistentVolumeClaim }) => persistentVolumeClaim.claimName)).toContain(claim.metadata.name);
    expect(claim.spec.accessModes).toEqual(['ReadWriteMany']);
  });
});
