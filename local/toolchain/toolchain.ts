/** Where the tools of the local platform are. All paths are absolute. */
export interface Toolchain {
  readonly pythonBin: string;
  /** Holds `python`, `ansible-runner` and `ansible-playbook`. */
  readonly pythonBinDir: string;
  readonly tofuBin: string;
  readonly tofuBinDir: string;
  /** The root of the Debian image that hosts start from; empty when hosts were not asked for. */
  readonly baseImageDir: string;
  readonly cacheDir: string;
}
