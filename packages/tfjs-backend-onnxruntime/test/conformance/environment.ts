import { setTestEnvs, setupTestFilters } from '@tensorflow/tfjs-core/dist/jasmine_util';
import { EXCLUSIONS } from './exclusions.ts';

declare const CONFORMANCE_BACKEND: string;

// The specs are registered for the environments that stand here, so this module has to run before them.
setTestEnvs([{ name: CONFORMANCE_BACKEND, backendName: CONFORMANCE_BACKEND, isDataSync: true }]);

const excluded = new Set(CONFORMANCE_BACKEND === 'onnxruntime' ? EXCLUSIONS.map(({ spec }) => spec) : []);
const suffix = ` ${CONFORMANCE_BACKEND} {}`;
setupTestFilters([], (fullName) => !excluded.has(fullName.replace(suffix, '')));
