declare module 'node-api-headers' {
  /** The folder that holds `node_api.h`. */
  export const include_dir: string;
}
