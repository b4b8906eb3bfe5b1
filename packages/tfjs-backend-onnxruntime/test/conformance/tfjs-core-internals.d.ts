// tfjs-core publishes its test helpers without an entry in the package's types.
declare module '@tensorflow/tfjs-core/dist/jasmine_util' {
  interface TestEnvironment {
    readonly name: string;
    readonly backendName: string;
    readonly isDataSync: boolean;
  }
  export function setTestEnvs(environments: readonly TestEnvironment[]): void;
  export function setupTestFilters(filters: readonly object[], includes: (fullName: string) => boolean): void;
}
