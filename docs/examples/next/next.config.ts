// #region next-config
import type { NextConfig } from 'next'

const config: NextConfig = {
  // Native modules, and packages that start threads from files beside them, cannot be bundled.
  serverExternalPackages: [
    '@perennial/core',
    '@perennial/serve',
    'hnswlib-node',
    'lmdb',
    'onnxruntime-node',
  ],
}

export default config
// #endregion
